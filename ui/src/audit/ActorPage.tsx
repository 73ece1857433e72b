import { useParams } from 'wouter';
import { useApi } from '../api/client';
import type { Schemas } from '../api/schemas';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { ForeignText } from '../design/ForeignText';
import { readable } from '../design/foreign-text';
import { formatDuration, formatExact } from '../design/formats';
import { Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { type Column, Table } from '../design/Table';
import { type Millis, type Nanos, toMillis } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress, traceAddress } from '../url/addresses';
import { entryColumns } from './entries';
import { SuspicionTable } from './SuspicionTable';

type Story = Schemas['ActorAnswer'];

/** The story of one actor: signed in from where, did what, through which requests, read and changed which data; then everything in order. */
export default function ActorPage() {
  const { actor = '' } = useParams<{ actor: string }>();
  const range = useTimeRange();
  const time = { since: range.sinceUnixNano, until: range.untilUnixNano };
  const story = useApi('/api/audit/actors/{actor}', { actor, ...time }, { keep: false });
  const entries = useApi('/api/audit', { actor, ...time, limit: 200 }, { keep: false });
  return (
    <Page title={readable(actor)} lead="what is known of this actor">
      {story.isPending ? (
        <WaitingRows count={6} />
      ) : story.isError ? (
        <Failure error={story.error} retry={() => void story.refetch()} />
      ) : (
        <StoryPanels story={story.data} now={range.now} />
      )}
      <Panel title="In order" flush>
        {entries.data && entries.data.entries.length > 0 ? (
          <Table
            label="Timeline"
            columns={entryColumns(range.now, false)}
            rows={entries.data.entries}
            id={(entry) => String(entry.number)}
          />
        ) : (
          <Empty title="No entries in this time">Widen the time range.</Empty>
        )}
      </Panel>
    </Page>
  );
}

function StoryPanels({ story, now }: { story: Story; now: Millis }) {
  return (
    <>
      <Panel>
        <ForeignText text={story.summary} />
      </Panel>
      {story.suspicions.length > 0 && (
        <Panel title="Suspicious" flush>
          <SuspicionTable suspicions={story.suspicions} now={now} />
        </Panel>
      )}
      {story.signIns.length > 0 && (
        <Panel title="Signed in" flush>
          <Table label="Sign-ins" columns={signInColumns(now)} rows={story.signIns} id={(one) => String(one.number)} />
        </Panel>
      )}
      <Activities title="Did" lines={story.did} now={now} />
      <Activities title="Read" lines={story.read} now={now} />
      {story.changed.length > 0 && (
        <Panel title="Changed" flush>
          <Table
            label="Changes"
            columns={changeColumns(now)}
            rows={story.changed}
            id={(one) => one.changeId}
            to={(one) => changeAddress(one.changeId)}
          />
        </Panel>
      )}
      {story.requests.length > 0 && (
        <Panel title="Requests" flush>
          <Table
            label="Requests"
            columns={requestColumns(now)}
            rows={story.requests}
            id={(one) => one.traceId}
            to={(one) => traceAddress(one.traceId)}
          />
        </Panel>
      )}
    </>
  );
}

function Activities({ title, lines, now }: { title: string; lines: Story['did']; now: Millis }) {
  if (lines.length === 0) return null;
  return (
    <Panel title={title} flush>
      <Table label={title} columns={activityColumns(now)} rows={lines} id={(line) => line.action} />
    </Panel>
  );
}

const signInColumns = (now: Millis): Column<Story['signIns'][number]>[] => [
  { title: 'From', cell: (one) => <ForeignText text={one.address ?? ''} /> },
  { title: 'Session', soft: true, cell: (one) => <ForeignText text={one.session ?? ''} /> },
  {
    title: 'Outcome',
    width: 110,
    cell: (one) => (one.outcome === 'done' ? 'done' : <Badge tone="warning">{one.outcome}</Badge>),
  },
  { title: 'When', width: 100, align: 'right', cell: (one) => <Ago time={toMillis(one.timeUnixNano)} now={now} /> },
];

const activityColumns = (now: Millis): Column<Story['did'][number]>[] => [
  { title: 'Action', width: 220, cell: (line) => <ForeignText text={line.action} /> },
  { title: 'On', soft: true, cell: (line) => <ForeignText text={line.resources.join(', ')} /> },
  { title: 'Times', width: 90, align: 'right', cell: (line) => formatExact(line.count) },
  { title: 'Failed', width: 90, align: 'right', cell: (line) => formatExact(line.failed) },
  { title: 'Last', width: 100, align: 'right', cell: (line) => <Ago time={toMillis(line.lastUnixNano)} now={now} /> },
];

const changeColumns = (now: Millis): Column<Story['changed'][number]>[] => [
  { title: 'Change', cell: (one) => <ForeignText text={one.summary ?? one.kind} /> },
  { title: 'Service', width: 160, cell: (one) => <ForeignText text={one.service ?? ''} /> },
  { title: 'When', width: 100, align: 'right', cell: (one) => <Ago time={toMillis(one.startedUnixNano)} now={now} /> },
];

const requestColumns = (now: Millis): Column<Story['requests'][number]>[] => [
  { title: 'Request', cell: (one) => <ForeignText text={one.name} /> },
  { title: 'Service', width: 160, cell: (one) => <ForeignText text={one.service} /> },
  { title: 'Took', width: 100, align: 'right', cell: (one) => formatDuration(one.durationNano as Nanos) },
  {
    title: 'Errors',
    width: 90,
    align: 'right',
    cell: (one) => (one.errors > 0 ? <Badge tone="error">{formatExact(one.errors)}</Badge> : '0'),
  },
  { title: 'When', width: 100, align: 'right', cell: (one) => <Ago time={toMillis(one.startUnixNano)} now={now} /> },
];
