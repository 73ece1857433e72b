import { SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { useApi } from '../api/client';
import type { Answer, Schemas } from '../api/schemas';
import { useChangeMoments } from '../changes/moments';
import { type Dot, type Series, TimeChart } from '../charts/TimeChart';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { readable } from '../design/foreign-text';
import { formatTime } from '../design/formats';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { serviceColour } from '../design/service-colour';
import { toMillis } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import { stepFor, timesOf } from '../search/trace-metrics';
import { useTimeRange } from '../time/TimeContext';
import { traceAddress } from '../url/addresses';
import { useRoomAddress } from '../url/RoomLink';
import { MetricSplit } from './MetricSplit';
import classes from './Metrics.module.css';
import { counts, formatOf, seriesName } from './metric-values';
import { SeriesTable } from './SeriesTable';

type Range = Answer<'/api/metrics/range'>;
type State = { fn: string; by: readonly string[]; filter: readonly string[] };
type Props = { metric: Schemas['SeenMetric']; state: State; set(change: globalThis.Partial<State>): void };

const height = 320;
const seriesMax = 24;
const dotsMax = 60;

/** One metric over time, with the traces that were measured as dots on it. */
export function MetricChart({ metric, state, set }: Props) {
  const range = useTimeRange();
  const [, navigate] = useLocation();
  const room = useRoomAddress();
  const moments = useChangeMoments();
  const asked = {
    metric: metric.metric,
    kind: metric.kind,
    unit: metric.unit,
    filter: state.filter,
    since: range.sinceUnixNano,
    until: range.untilUnixNano,
  };
  const fn = metric.functions.includes(state.fn) ? state.fn : metric.functions[0]!;
  const answer = useApi('/api/metrics/range', {
    ...asked,
    fn,
    by: state.by.join(','),
    step: stepFor(range.until - range.since),
    series: seriesMax,
  });
  const { kind: _, unit: __, ...anyKind } = asked;
  const exemplars = useApi('/api/metrics/exemplars', { ...anyKind, limit: dotsMax });
  const format = useMemo(() => formatOf({ fn, kind: metric.kind, unit: metric.unit }), [fn, metric.kind, metric.unit]);
  const drawn = useMemo(() => answer.data && { times: timesOf(answer.data), series: drawnSeries(answer.data) }, [answer.data]);
  const valueFormat = formatOf({ fn: 'avg', kind: metric.kind, unit: metric.unit });
  const dots = (exemplars.data?.exemplars ?? []).map(
    (one): Dot => ({
      time: toMillis(one.timeUnixNano),
      value: one.value,
      label: `${valueFormat(one.value)}, ${readable(one.service, 80)}, ${formatTime(toMillis(one.timeUnixNano), range.now)}: open its trace`,
      to: room(traceAddress(one.traceId, { span: one.spanId })),
    }),
  );
  return (
    <div className={classes.main}>
      <Panel
        title={readable(metric.metric, 120)}
        note={readable(metric.description, 300)}
        actions={
          <>
            <Partial of={answer.data} />
            <SegmentedControl
              aria-label="Function"
              data={metric.functions}
              value={fn}
              onChange={(next) => set({ fn: next === metric.functions[0] ? '' : next })}
            />
          </>
        }
      >
        <MetricSplit asked={anyKind} state={state} set={set} />
        {answer.isError && !answer.data ? (
          <Failure error={answer.error} retry={() => void answer.refetch()} />
        ) : !drawn ? (
          <WaitingBlock height={height} />
        ) : drawn.series.length === 0 ? (
          <Empty title="No points in this time">
            {state.filter.length > 0 ? 'Take a filter away, or choose a longer time.' : 'Choose a longer time.'}
          </Empty>
        ) : (
          <>
            <TimeChart
              label={`${fn} of ${readable(metric.metric, 120)} over time`}
              times={drawn.times}
              series={drawn.series}
              moments={moments}
              dots={dots}
              dotsOnLine={counts({ fn, kind: metric.kind }) || fn === 'rate' || fn === 'sum'}
              format={format}
              height={height}
              zoom={range.zoom}
              choose={(moment) => moment.to && navigate(room(moment.to))}
            />
            <p className={classes.legend}>
              {dots.length > 0 ? (
                <>
                  <span className={classes.ring} /> a measured request with its trace: press it to open the trace
                </>
              ) : (
                'No exemplars: this metric was sent without the traces behind it.'
              )}
            </p>
          </>
        )}
      </Panel>
      {answer.data && drawn && drawn.series.length > 0 && (
        <SeriesTable
          found={answer.data.series.map((one, i) => ({ ...drawn.series[i]!, labels: one.labels }))}
          by={state.by}
          format={format}
          narrow={(filter) => set({ filter: [...state.filter.filter((one) => !filter.includes(one)), ...filter] })}
        />
      )}
    </div>
  );
}

/** A service has its own colour; anything else one by its place. */
function drawnSeries(answer: Range): Series[] {
  return answer.series.map((one, i) => {
    const keys = Object.keys(one.labels);
    return {
      name: seriesName(one.labels, answer.fn),
      colour:
        keys.length === 1 && keys[0] === 'service'
          ? serviceColour(one.labels.service!)
          : keys.length === 0
            ? 'var(--chart)'
            : `var(--service-${i % seriesMax})`,
      values: one.values,
      kind: answer.series.length === 1 ? 'area' : 'line',
    };
  });
}
