import { useApi } from '../api/client';
import type { Whole } from '../api/partial';
import { Badge } from '../design/Badge';
import { readable } from '../design/foreign-text';
import { formatRatio } from '../design/formats';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { Sparkline } from '../design/Sparkline';
import { ratio } from '../design/units';
import { useTimeRange } from '../time/TimeContext';
import { traceAddress } from '../url/addresses';
import { RoomLink } from '../url/RoomLink';
import classes from './Home.module.css';

type LostAnswer = Whole & {
  lostCount: number;
  lostRatio: number;
  edges: {
    id: string;
    lostRatio: number;
    trend: string;
    sentence: string;
    fix: string;
    examples: string[];
    points: { lostCount: number }[];
  }[];
};

/** Edges at which traces break, and how to mend each. Nothing where none do. */
export function LostContext() {
  const range = useTimeRange();
  const answer = useApi<LostAnswer>('/api/lost-context', { since: range.sinceUnixNano, until: range.untilUnixNano, limit: 5 });
  if (!answer.data || answer.data.edges.length === 0) return null;
  return (
    <Panel
      title="Where traces break"
      note={`${formatRatio(ratio(answer.data.lostRatio))} of the calls lost their context`}
      flush
      actions={<Partial of={answer.data} />}
    >
      {answer.data.edges.map((edge) => (
        <div key={edge.id} className={classes.item}>
          <div className={classes.itemText}>
            <span className={classes.itemTitle}>{readable(edge.sentence, 400)}</span>
            <div className={classes.itemFacts}>
              {(edge.trend === 'new' || edge.trend === 'rising') && <Badge tone="warning">{edge.trend}</Badge>}
              <span className={classes.soft}>{readable(edge.fix, 400)}</span>
            </div>
          </div>
          <Sparkline
            values={edge.points.map((point) => point.lostCount)}
            colour="var(--warning)"
            width={72}
            label="Lost over time"
          />
          {edge.examples[0] ? (
            <RoomLink to={traceAddress(edge.examples[0])} className={classes.count} title="Open an example">
              {formatRatio(ratio(edge.lostRatio))}
            </RoomLink>
          ) : (
            <span className={classes.count}>{formatRatio(ratio(edge.lostRatio))}</span>
          )}
        </div>
      ))}
    </Panel>
  );
}
