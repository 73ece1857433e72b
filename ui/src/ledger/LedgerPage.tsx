import { useApi } from '../api/client';
import { entryColumns } from '../audit/entries';
import { Command, Empty } from '../design/Empty';
import { Facts } from '../design/Facts';
import { Failure } from '../design/Failure';
import { formatExact } from '../design/formats';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { Table } from '../design/Table';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';

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
              [
                'Witnesses',
                state.data.witnesses.length === 0
                  ? 'none: nobody else could tell a ledger that was written anew'
                  : state.data.witnesses
                      .map((one) => `${one.name}: ${one.wrong ?? `signed ${formatExact(one.size)}`}`)
                      .join('; '),
              ],
              ...(state.data.lost > 0
                ? [['Not written down', `${formatExact(state.data.lost)} reads, since the disk failed`] as const]
                : []),
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
