import { useParams } from 'wouter';
import { useApi } from '../api/client';
import { titleOf } from '../changes/ChangeKind';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { Facts } from '../design/Facts';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatCount, formatOwner } from '../design/formats';
import { Columns, Page } from '../design/Page';
import { Panel } from '../design/Panel';
import { ServiceName } from '../design/ServiceName';
import { Sparkline } from '../design/Sparkline';
import { toMillis } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress, traceAddress, whyAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Error.module.css';

/** One group of exceptions: where it is thrown, since when, under which versions, and traces that have it. */
export default function ErrorPage() {
  const { group: id = '' } = useParams();
  const range = useTimeRange();
  const answer = useApi(
    '/api/exceptions/{group}',
    { group: id, since: range.sinceUnixNano, until: range.untilUnixNano },
    { keep: false },
  );
  if (answer.isError) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <WaitingBlock height={320} />;
  const group = answer.data;
  const traces = [...new Set(group.sampleTraceIds)];
  return (
    <Page title={readable(group.type, 160)} lead={readable(group.message, 200)}>
      <Panel
        title="How often"
        actions={
          <Sparkline
            values={group.trend}
            colour="var(--error)"
            width={220}
            label={`${formatCount(group.weightedCount)} in this time`}
          />
        }
      >
        <Facts
          of={[
            ['Service', <ServiceName key="service" service={group.service} />],
            ['Owner', formatOwner(group.owner ?? 'unowned')],
            ['Thrown in', group.culprit],
            ['In this time', `${formatCount(group.weightedCount)} in ${formatCount(group.traceCount)} traces`],
            ['First ever', <Ago key="first" time={toMillis(group.firstEverUnixNano)} now={range.now} />],
            ['Last', <Ago key="last" time={toMillis(group.lastSeenUnixNano)} now={range.now} />],
            [
              'New since',
              group.newSince && (
                <RoomLink to={changeAddress(group.newSince.id)}>
                  <Badge tone="change">{readable(titleOf(group.newSince), 120)}</Badge>
                </RoomLink>
              ),
            ],
            [
              'Versions',
              group.versions.map((one) => `${one.version || 'no version'} (${formatCount(one.weightedCount)})`).join(', '),
            ],
            [
              'The story',
              <RoomLink key="why" to={whyAddress(group.group)}>
                ask why
              </RoomLink>,
            ],
          ]}
        />
      </Panel>
      <Columns>
        <Panel title="Stack">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre className={classes.stack} tabIndex={0}>
            {readable(group.stack || group.frames?.join('\n') || 'The exception was sent without a stack.', 20_000)}
          </pre>
        </Panel>
        <Panel title="Traces that have it">
          {traces.map((trace) => (
            <div key={trace}>
              <RoomLink to={traceAddress(trace)} className={classes.trace}>
                {trace}
              </RoomLink>
            </div>
          ))}
        </Panel>
      </Columns>
    </Page>
  );
}
