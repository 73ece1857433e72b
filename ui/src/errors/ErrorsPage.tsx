import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { ForeignText } from '../design/ForeignText';
import { formatCount } from '../design/formats';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { ServiceName } from '../design/ServiceName';
import { Sparkline } from '../design/Sparkline';
import { type Column, Table } from '../design/Table';
import { type Millis, toMillis } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { errorGroupAddress } from '../url/addresses';

type Group = Schemas['ErrorGroup'];

/** Exceptions by service, type and stack; the most frequent first. */
export default function ErrorsPage() {
  const range = useTimeRange();
  const answer = useApi('/api/exceptions', { since: range.sinceUnixNano, until: range.untilUnixNano, limit: 200 });
  return (
    <Page title="Errors" actions={<Partial of={answer.data?.status === 'partial' ? answer.data : undefined} />}>
      <Panel flush>
        {answer.isPending ? (
          <WaitingRows count={8} />
        ) : answer.isError && !answer.data ? (
          <Failure error={answer.error} retry={() => void answer.refetch()} />
        ) : answer.data.groups.length === 0 ? (
          <Empty title="No exceptions in this time">
            Spans and log records that carry an exception are grouped here by service, type and stack, with the change since which
            they are there.
          </Empty>
        ) : (
          <Table
            label="Errors"
            columns={columns(range.now)}
            rows={answer.data.groups}
            id={(group) => group.group}
            to={(group) => errorGroupAddress(group.group)}
          />
        )}
      </Panel>
    </Page>
  );
}

const columns = (now: Millis): Column<Group>[] => [
  { title: 'Exception', cell: (group) => <ForeignText text={group.type} /> },
  { title: 'Message', soft: true, cell: (group) => <ForeignText text={group.message} /> },
  { title: 'Service', width: 160, cell: (group) => <ServiceName service={group.service} /> },
  { title: '', width: 60, cell: (group) => group.isNew && <Badge tone="error">new</Badge> },
  {
    title: 'Trend',
    width: 124,
    cell: (group) => (
      <Sparkline
        values={group.trend}
        colour="var(--error)"
        width={90}
        label={`${formatCount(group.weightedCount)} in this time`}
      />
    ),
  },
  { title: 'Count', width: 90, align: 'right', cell: (group) => formatCount(group.weightedCount) },
  { title: 'Traces', width: 80, align: 'right', soft: true, cell: (group) => formatCount(group.traceCount) },
  { title: 'Last', width: 100, align: 'right', cell: (group) => <Ago time={toMillis(group.lastSeenUnixNano)} now={now} /> },
];
