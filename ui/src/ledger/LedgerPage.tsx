import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { Command, Empty } from '../design/Empty';
import { Facts } from '../design/Facts';
import { Failure } from '../design/Failure';
import { ForeignText } from '../design/ForeignText';
import { formatExact } from '../design/formats';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { type Column, Table } from '../design/Table';
import { type Millis, toMillis } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { traceAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';

type Entry = Schemas['AuditEntry'];

/** What was done, by whom, and how to prove that the record of it is whole. */
export default function LedgerPage() {
  const range = useTimeRange();
  const state = useApi('/api/ledger');
  const entries = useApi('/api/audit', { since: range.sinceUnixNano, until: range.untilUnixNano, limit: 200 });
  return (
    <Page title="Ledger" lead="append-only, signed, provable without this server">
      {state.data && (
        <Panel title="State" actions={<Command text="waybill audit verify DATA/ledger" />}>
          <Facts
            of={[
              ['Entries', formatExact(state.data.size)],
              ['Root', state.data.root],
              ['Public key', state.data.key],
            ]}
          />
        </Panel>
      )}
      <Panel flush>
        {entries.isPending ? (
          <WaitingRows count={6} />
        ) : entries.isError && !entries.data ? (
          <Failure error={entries.error} retry={() => void entries.refetch()} />
        ) : entries.data.entries.length === 0 ? (
          <Empty
            title="No entries in this time"
            action={
              <Command
                text={`curl http://127.0.0.1:4318/v1/audit -d '{"action":"invoice.delete","resource":"invoice/42","actor":"alice"}'`}
              />
            }
          >
            Audit events of your systems, in Waybill's own form or as OCSF, are written down here for ever.
          </Empty>
        ) : (
          <Table label="Entries" columns={columns(range.now)} rows={entries.data.entries} id={(entry) => String(entry.number)} />
        )}
      </Panel>
    </Page>
  );
}

const columns = (now: Millis): Column<Entry>[] => [
  { title: 'Number', width: 90, align: 'right', soft: true, cell: (entry) => formatExact(entry.number) },
  { title: 'Who', width: 160, cell: (entry) => <ForeignText text={entry.actor.id} /> },
  { title: 'Action', width: 200, cell: (entry) => <ForeignText text={entry.action} /> },
  { title: 'Resource', cell: (entry) => (entry.erased ? 'forgotten' : <ForeignText text={entry.resource ?? ''} />) },
  {
    title: 'Outcome',
    width: 110,
    cell: (entry) =>
      !entry.genuine ? (
        <Badge tone="error" explain="The row no longer fits the hash it was stored with: it was changed.">
          changed
        </Badge>
      ) : entry.outcome === 'done' ? (
        'done'
      ) : (
        <Badge tone="warning">{entry.outcome}</Badge>
      ),
  },
  { title: 'From', width: 130, soft: true, cell: (entry) => <ForeignText text={entry.actor.address ?? ''} /> },
  {
    title: 'Trace',
    width: 90,
    cell: (entry) => entry.traceId && <RoomLink to={traceAddress(entry.traceId)}>{entry.traceId.slice(0, 8)}</RoomLink>,
  },
  { title: 'When', width: 100, align: 'right', cell: (entry) => <Ago time={toMillis(entry.timeUnixNano)} now={now} /> },
];
