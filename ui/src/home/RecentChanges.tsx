import { useApi } from '../api/client';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { Command, Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { ServiceName } from '../design/ServiceName';
import { millis, toMillis, toUnixNano } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Home.module.css';

const shown = 8;
const dayMillis = 86_400_000;

/** Who changed what: of the last day, or of the whole range where that is longer. */
export function RecentChanges() {
  const range = useTimeRange();
  const since = toUnixNano(millis(Math.min(range.since, range.until - dayMillis)));
  const answer = useApi('/api/changes', { since, until: range.untilUnixNano, limit: shown });
  return (
    <Panel
      title="Changes"
      note="of the last day"
      flush
      actions={<Partial of={answer.data?.status === 'partial' ? answer.data : undefined} />}
    >
      {answer.isPending ? (
        <WaitingRows count={4} />
      ) : answer.isError && !answer.data ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : answer.data.changes.length === 0 ? (
        <Empty title="Nothing is known to have changed" action={<Command text={'waybill deploy my-service 1.4.1'} />}>
          New values of service.version are noticed by themselves. Pipelines, flags, migrations and secrets report with one
          command or one request.
        </Empty>
      ) : (
        answer.data.changes.map((change) => (
          <div key={change.id} className={classes.item}>
            <div className={classes.itemText}>
              <RoomLink to={changeAddress(change.id)} className={classes.itemTitle}>
                {readable(
                  change.summary || [change.kind.replace('_', ' '), change.version || change.subject].filter(Boolean).join(' '),
                  160,
                )}
              </RoomLink>
              <div className={classes.itemFacts}>
                <Badge tone={change.kind === 'feature_flag' ? 'flag' : 'change'}>{change.kind.replace('_', ' ')}</Badge>
                {change.service && <ServiceName service={change.service} />}
                {change.author && <span className={classes.soft}>{readable(change.author, 40)}</span>}
                {change.outcome === 'failure' && <Badge tone="error">failed</Badge>}
                {change.inferred && (
                  <Badge explain={change.evidence?.join(' ') ?? 'Noticed in the telemetry; nobody reported it.'}>noticed</Badge>
                )}
              </div>
            </div>
            <span className={classes.soft}>
              <Ago time={toMillis(change.startedUnixNano ?? change.receivedUnixNano)} now={range.now} />
            </span>
          </div>
        ))
      )}
    </Panel>
  );
}
