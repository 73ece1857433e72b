import { useApi } from '../api/client';
import type { Whole } from '../api/partial';
import { Ago } from '../design/Ago';
import { Badge } from '../design/Badge';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatCount } from '../design/formats';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { ServiceName } from '../design/ServiceName';
import { Sparkline } from '../design/Sparkline';
import { toMillis, type UnixNano } from '../design/units';
import { WaitingRows } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress, errorGroupAddress, traceAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Home.module.css';

type Group = {
  group: string;
  service: string;
  type: string;
  message: string;
  weightedCount: number;
  lastSeenUnixNano: UnixNano;
  isNew?: boolean;
  newSince?: { id: string; summary?: string | null; version?: string | null; kind: string } | null;
  sampleTraceIds: string[];
  trend: number[];
};

const shown = 6;

/** Errors by stack, the newest first, with the change since which they are there. */
export function ErrorGroups() {
  const range = useTimeRange();
  const answer = useApi<Whole & { groups: Group[] }>('/api/exceptions', {
    since: range.sinceUnixNano,
    until: range.untilUnixNano,
    limit: 50,
  });
  const groups = [...(answer.data?.groups ?? [])]
    .sort((a, b) => Number(b.isNew ?? false) - Number(a.isNew ?? false) || b.weightedCount - a.weightedCount)
    .slice(0, shown);
  return (
    <Panel title="Errors" note="new ones first" flush actions={<Partial of={answer.data} />}>
      {answer.isPending ? (
        <WaitingRows count={4} />
      ) : answer.isError && !answer.data ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : groups.length === 0 ? (
        <Empty title="No exceptions in this time">
          Spans that record an exception event are grouped here by service and stack.
        </Empty>
      ) : (
        groups.map((group) => (
          <div key={group.group} className={classes.item}>
            <div className={classes.itemText}>
              <RoomLink to={errorGroupAddress(group.group)} className={classes.itemTitle} title={readable(group.message, 500)}>
                {readable(group.type, 120)} <span className={classes.soft}>{readable(group.message, 160)}</span>
              </RoomLink>
              <div className={classes.itemFacts}>
                <ServiceName service={group.service} />
                {group.isNew && <Badge tone="error">new</Badge>}
                {group.newSince && (
                  <RoomLink to={changeAddress(group.newSince.id)}>
                    <Badge tone="change">
                      since {readable(group.newSince.summary || group.newSince.version || group.newSince.kind, 60)}
                    </Badge>
                  </RoomLink>
                )}
                <span className={classes.soft}>
                  <Ago time={toMillis(group.lastSeenUnixNano)} now={range.now} />
                </span>
              </div>
            </div>
            <Sparkline
              values={group.trend}
              colour="var(--error)"
              width={72}
              label={`${formatCount(group.weightedCount)} in this time`}
            />
            {group.sampleTraceIds[0] ? (
              <RoomLink to={traceAddress(group.sampleTraceIds[0])} className={classes.count} title="Open a trace of it">
                {formatCount(group.weightedCount)}
              </RoomLink>
            ) : (
              <span className={classes.count}>{formatCount(group.weightedCount)}</span>
            )}
          </div>
        ))
      )}
    </Panel>
  );
}
