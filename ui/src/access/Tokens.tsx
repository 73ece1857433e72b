import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useApi } from '../api/client';
import { Problem } from '../api/problem';
import type { Schemas } from '../api/schemas';
import { Badge } from '../design/Badge';
import { Command, Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { Panel } from '../design/Panel';
import { Table } from '../design/Table';
import { WaitingRows } from '../design/Waiting';
import classes from './Access.module.css';
import { day, limits } from './grants';
import { send } from './session';

type Made = Schemas['MadeToken'];

/** Tokens of programs, one's own; all of the tenant for who may see access. */
export function Tokens({ manages }: { manages: boolean }) {
  const listing = useApi('/api/access/tokens');
  const queries = useQueryClient();
  const [made, setMade] = useState<Made>();
  const again = () => queries.invalidateQueries({ queryKey: ['/api/access/tokens'] });
  const revoke = async (id: string) => {
    await send('DELETE', `/api/access/tokens/${encodeURIComponent(id)}`);
    await again();
  };
  return (
    <Panel title="Tokens and keys" note="For programs that ask this server, or send to it" flush>
      <NewToken
        manages={manages}
        done={(token) => {
          setMade(token);
          void again();
        }}
      />
      {made && (
        <div className={classes.once} role="status">
          <span>Copy {made.token.name} now: it is shown this once and kept nowhere.</span>
          <Command text={made.text} />
        </div>
      )}
      {listing.isPending ? (
        <WaitingRows count={3} />
      ) : listing.isError ? (
        <Failure error={listing.error} retry={() => void listing.refetch()} />
      ) : listing.data.tokens.length === 0 ? (
        <Empty title="No tokens yet">Programs use one as WAYBILL_TOKEN, or in the header Authorization: Bearer.</Empty>
      ) : (
        <Table
          label="Tokens"
          rows={listing.data.tokens}
          id={(token) => token.id}
          columns={[
            { title: 'Name', cell: (token) => token.name },
            { title: 'Kind', cell: (token) => token.kind, width: 80 },
            { title: 'Owner', cell: (token) => token.owner ?? 'none', soft: true },
            { title: 'May', cell: (token) => limits(token) },
            {
              title: 'Expires',
              cell: (token) => (token.expired ? <Badge tone="error">expired</Badge> : day(token.expiresUnixNano) || 'never'),
              width: 110,
            },
            { title: 'Seen', cell: (token) => day(token.lastSeenUnixNano) || 'not since start', soft: true, width: 130 },
            {
              title: '',
              cell: (token) => (
                <Button onClick={() => void revoke(token.id)} aria-label={`Revoke ${token.name}`}>
                  Revoke
                </Button>
              ),
              width: 90,
            },
          ]}
        />
      )}
    </Panel>
  );
}

function NewToken({ manages, done }: { manages: boolean; done(made: Made): void }) {
  const roles = useApi('/api/access/roles');
  const [name, setName] = useState('');
  const [role, setRole] = useState<string | null>('viewer');
  const [days, setDays] = useState<number | string>(90);
  const [kind, setKind] = useState<string | null>('token');
  const [problem, setProblem] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      done(
        await send<Made>('POST', '/api/access/tokens', { name, kind, role: kind === 'key' ? null : role, days: Number(days) }),
      );
      setName('');
      setProblem('');
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : 'The token could not be made.');
    }
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <TextInput
        label="What uses it"
        placeholder="ci"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        required
      />
      {manages && (
        <Select
          label="Kind"
          data={[
            { value: 'token', label: 'asks (token)' },
            { value: 'key', label: 'sends (key)' },
          ]}
          value={kind}
          onChange={setKind}
          w={140}
        />
      )}
      {kind === 'token' && (
        <Select label="Role" data={roles.data?.roles.map((one) => one.name) ?? []} value={role} onChange={setRole} w={140} />
      )}
      <NumberInput label="Days" min={1} max={366} value={days} onChange={setDays} w={90} />
      <Button type="submit">Make</Button>
      {problem && (
        <p role="alert" className={classes.problem}>
          {problem}
        </p>
      )}
    </form>
  );
}
