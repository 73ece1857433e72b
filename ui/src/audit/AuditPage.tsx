import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { ForeignText } from '../design/ForeignText';
import { formatExact } from '../design/formats';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { type Column, Table } from '../design/Table';
import { type Millis, toMillis } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { actorAddress } from '../url/addresses';
import { text, useUrlState } from '../url/url-state';
import { entryColumns } from './entries';
import { SuspicionTable } from './SuspicionTable';

const codecs = { actor: text(), action: text(), resource: text(), address: text(), session: text(), trace: text() };
type Filter = keyof typeof codecs;
const filters: readonly [Filter, string][] = [
  ['actor', 'Who'],
  ['action', 'Action, or its noun'],
  ['resource', 'Resource'],
  ['address', 'Address'],
  ['session', 'Session'],
  ['trace', 'Trace id'],
];

/** Who did and read what: suspicious first, then the actors, then every entry that fits the filters. */
export default function AuditPage() {
  const range = useTimeRange();
  const [state, set] = useUrlState(codecs);
  const time = { since: range.sinceUnixNano, until: range.untilUnixNano };
  const suspicions = useApi('/api/audit/suspicions', time);
  const actors = useApi('/api/audit/actors', { ...time, limit: 50 });
  const entries = useApi('/api/audit', { ...time, ...state, limit: 200 });
  return (
    <Page title="Audit" lead="who did what, and who saw what" actions={<Partial of={suspicions.data} />}>
      {suspicions.data && suspicions.data.suspicions.length > 0 && (
        <Panel title="Suspicious" flush>
          <SuspicionTable suspicions={suspicions.data.suspicions} now={range.now} />
        </Panel>
      )}
      {actors.data && actors.data.actors.length > 0 && (
        <Panel title="Who" flush>
          <Table
            label="Actors"
            columns={actorColumns(range.now)}
            rows={actors.data.actors}
            id={(actor) => `${actor.kind} ${actor.id}`}
            to={(actor) => actorAddress(actor.id)}
          />
        </Panel>
      )}
      <Panel
        title="Entries"
        flush
        actions={filters.map(([name, label]) => (
          <FilterBox key={name} label={label} value={state[name]} set={(value) => set({ [name]: value })} />
        ))}
      >
        {entries.isPending ? (
          <WaitingRows count={8} />
        ) : entries.isError && !entries.data ? (
          <Failure error={entries.error} retry={() => void entries.refetch()} />
        ) : entries.data.entries.length === 0 ? (
          <Empty title="No entry fits">
            Names are found as one knows them, also where they were hashed before they were stored. Widen the time, or leave a
            filter out.
          </Empty>
        ) : (
          <Table
            label="Entries"
            columns={entryColumns(range.now)}
            rows={entries.data.entries}
            id={(entry) => String(entry.number)}
          />
        )}
      </Panel>
    </Page>
  );
}

/** Filters when it is left or Enter is pressed: every question is an entry of the ledger itself. */
function FilterBox({ label, value, set }: { label: string; value: string; set(value: string): void }) {
  const [typed, type] = useState(value);
  return (
    <TextInput
      size="xs"
      w={120}
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={() => set(typed.trim())}
      onKeyDown={(event) => event.key === 'Enter' && set(typed.trim())}
    />
  );
}

const actorColumns = (now: Millis): Column<Schemas['ActiveActor']>[] => [
  { title: 'Who', cell: (actor) => <ForeignText text={actor.id} /> },
  { title: 'Kind', width: 100, soft: true, cell: (actor) => actor.kind },
  { title: 'Acts', width: 90, align: 'right', cell: (actor) => formatExact(actor.acts - actor.reads) },
  { title: 'Reads', width: 90, align: 'right', cell: (actor) => formatExact(actor.reads) },
  {
    title: 'Refused',
    width: 90,
    align: 'right',
    cell: (actor) => (actor.refused > 0 ? <Badge tone="warning">{formatExact(actor.refused)}</Badge> : '0'),
  },
  { title: 'Failed', width: 90, align: 'right', cell: (actor) => formatExact(actor.failed) },
  { title: 'From', width: 220, soft: true, cell: (actor) => <ForeignText text={actor.addresses.join(', ')} /> },
  { title: 'Last', width: 100, align: 'right', cell: (actor) => <Ago time={toMillis(actor.lastUnixNano)} now={now} /> },
];
