import { Button, PasswordInput, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useApi } from '../api/client';
import { Problem } from '../api/problem';
import type { Schemas } from '../api/schemas';
import { Badge } from '../design/Badge';
import { Failure } from '../design/Failure';
import { Panel } from '../design/Panel';
import { Table } from '../design/Table';
import { WaitingRows } from '../design/Waiting';
import classes from './Access.module.css';
import { day, limits } from './grants';
import { send } from './session';

type User = Schemas['UserView'];

/** Local users. */
export function Users({ manages }: { manages: boolean }) {
  const listing = useApi('/api/access/users');
  const queries = useQueryClient();
  const [problem, setProblem] = useState('');
  const change = async (what: () => Promise<unknown>) => {
    try {
      await what();
      setProblem('');
      await queries.invalidateQueries({ queryKey: ['/api/access/users'] });
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : 'The user could not be changed.');
    }
  };
  const toggle = (user: User) =>
    change(() => send('PATCH', `/api/access/users/${encodeURIComponent(user.name)}`, { disabled: !user.disabled }));
  return (
    <Panel title="Users" note="With a password here; those of an identity provider are below" flush>
      {manages && <NewUser make={(user) => change(() => send('POST', '/api/access/users', user))} />}
      {problem && (
        <p role="alert" className={classes.problem}>
          {problem}
        </p>
      )}
      {listing.isPending ? (
        <WaitingRows count={3} />
      ) : listing.isError ? (
        <Failure error={listing.error} retry={() => void listing.refetch()} />
      ) : (
        <Table
          label="Users"
          rows={listing.data.users}
          id={(user) => user.name}
          columns={[
            { title: 'Name', cell: (user) => user.name },
            { title: 'May', cell: (user) => limits(user) },
            { title: 'State', cell: (user) => (user.disabled ? <Badge tone="warning">disabled</Badge> : 'active'), width: 90 },
            { title: 'Sessions', cell: (user) => user.sessions, align: 'right', width: 80 },
            { title: 'Password of', cell: (user) => day(user.passwordUnixNano), soft: true, width: 110 },
            { title: 'Seen', cell: (user) => day(user.lastSeenUnixNano) || 'not since start', soft: true, width: 130 },
            ...(manages
              ? [
                  {
                    title: '',
                    cell: (user: User) => (
                      <Button onClick={() => void toggle(user)}>{user.disabled ? 'Enable' : 'Disable'}</Button>
                    ),
                    width: 90,
                  },
                ]
              : []),
          ]}
        />
      )}
    </Panel>
  );
}

function NewUser({ make }: { make(user: { name: string; password: string; role: string | null }): Promise<void> }) {
  const roles = useApi('/api/access/roles');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<string | null>('viewer');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await make({ name, password, role });
    setPassword('');
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <TextInput label="Name" autoComplete="off" value={name} onChange={(event) => setName(event.currentTarget.value)} required />
      <PasswordInput
        label="Password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        required
        w={200}
      />
      <Select label="Role" data={roles.data?.roles.map((one) => one.name) ?? []} value={role} onChange={setRole} w={140} />
      <Button type="submit">Add</Button>
    </form>
  );
}
