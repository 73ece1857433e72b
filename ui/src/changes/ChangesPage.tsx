import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { Command, Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { ForeignText } from '../design/ForeignText';
import { readable } from '../design/foreign-text';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { ServiceName } from '../design/ServiceName';
import { type Column, Table } from '../design/Table';
import { type Millis, toMillis } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress } from '../url/addresses';
import { ChangeKind, titleOf } from './ChangeKind';

type Change = Schemas['Change'];

/** Who changed what, newest first. */
export default function ChangesPage() {
  const range = useTimeRange();
  const answer = useApi('/api/changes', { since: range.sinceUnixNano, until: range.untilUnixNano, limit: 200 });
  return (
    <Page title="Changes" actions={<Partial of={answer.data?.status === 'partial' ? answer.data : undefined} />}>
      <Panel flush>
        {answer.isPending ? (
          <WaitingRows count={8} />
        ) : answer.isError && !answer.data ? (
          <Failure error={answer.error} retry={() => void answer.refetch()} />
        ) : answer.data.changes.length === 0 ? (
          <Empty
            title="Nothing is known to have changed in this time"
            action={<Command text="waybill deploy my-service 1.4.1" />}
          >
            New versions, restarts and switched flags are noticed by themselves. Pipelines, migrations and secrets report with one
            command or one request; GitHub, GitLab, Argo CD and CDEvents by their hooks.
          </Empty>
        ) : (
          <Table
            label="Changes"
            columns={columns(range.now)}
            rows={answer.data.changes}
            id={(change) => change.id}
            to={(change) => changeAddress(change.id)}
          />
        )}
      </Panel>
    </Page>
  );
}

const columns = (now: Millis): Column<Change>[] => [
  { title: 'Change', cell: (change) => <ForeignText text={titleOf(change)} /> },
  { title: 'Kind', width: 184, cell: (change) => <ChangeKind change={change} /> },
  { title: 'Service', width: 150, cell: (change) => change.service && <ServiceName service={change.service} /> },
  { title: 'Version', width: 100, soft: true, cell: (change) => <ForeignText text={change.version ?? ''} /> },
  { title: 'By', width: 120, soft: true, cell: (change) => <ForeignText text={change.author ?? ''} /> },
  {
    title: 'Outcome',
    width: 100,
    cell: (change) =>
      change.outcome === 'failure' ? (
        <Badge tone="error">failed</Badge>
      ) : (
        change.outcome !== 'unknown' && readable(change.outcome, 20)
      ),
  },
  {
    title: 'When',
    width: 110,
    align: 'right',
    cell: (change) => <Ago time={toMillis(change.startedUnixNano ?? change.receivedUnixNano)} now={now} />,
  },
];
