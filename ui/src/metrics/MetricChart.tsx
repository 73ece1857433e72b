import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { useApi } from '../api/client';
import { type Series, TimeChart } from '../charts/TimeChart';
import { Empty } from '../design/Empty';
import { Failure } from '../design/Failure';
import { formatDuration, formatTime } from '../design/formats';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { serviceColour } from '../design/service-colour';
import { millis, nanos, toMillis } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import { useChangeMoments } from '../home/Traffic';
import { useTimeRange } from '../time/TimeContext';
import { traceAddress } from '../url/addresses';
import { useRoomAddress } from '../url/RoomLink';
import { formatOf, seriesName } from './metrics-state';

const height = 320;
const seriesMax = 24;

type Props = { metric: string; kind: string; unit: string; fn: string; by: string; filter: string };

/** A metric over time, with changes marked, and measurements that carry a trace as dots that open it. */
export function MetricChart({ metric, kind, unit, fn, by, filter }: Props) {
  const range = useTimeRange();
  const room = useRoomAddress();
  const [, navigate] = useLocation();
  const moments = useChangeMoments();
  const asked = { metric, filter, since: range.sinceUnixNano, until: range.untilUnixNano };
  const answer = useApi('/api/metrics/range', { ...asked, kind, unit, fn, by, series: seriesMax });
  const exemplars = useApi('/api/metrics/exemplars', { ...asked, limit: 60 });
  const format = useMemo(() => formatOf(unit, answer.data?.fn ?? fn), [unit, answer.data, fn]);
  const drawn = useMemo(() => {
    if (!answer.data) return null;
    const series = answer.data.series.map((one): Series => {
      const labels = one.labels as Record<string, string>;
      const name = seriesName(labels, metric);
      return {
        name,
        colour: by === '' ? 'var(--chart)' : serviceColour(labels.service ?? name),
        values: one.values.map((value) => (value === null ? null : Number(value))),
        kind: 'line',
      };
    });
    return { times: answer.data.timestampsUnixNano.map(toMillis), series };
  }, [answer.data, metric, by]);
  // A rate or a count is not on the scale of one measurement.
  const comparable = !['rate', 'count', 'sum'].includes(answer.data?.fn ?? fn);
  const dots = useMemo(
    () =>
      comparable
        ? (exemplars.data?.exemplars ?? []).map((one) => ({
            time: toMillis(one.timeUnixNano),
            value: Number(one.value),
            label: `${format(Number(one.value))}, ${one.service}, ${formatTime(toMillis(one.timeUnixNano), range.now)}: open its trace`,
            to: traceAddress(one.traceId, { span: one.spanId }),
          }))
        : [],
    [exemplars.data, comparable, format, range.now],
  );
  return (
    <Panel
      title={`${answer.data?.fn ?? fn} of ${metric}`}
      note={
        answer.data &&
        `a point every ${formatDuration(nanos(Number(answer.data.stepNano)))}${dots.length > 0 ? `, ${dots.length} measurements with a trace` : ''}`
      }
      actions={<Partial of={answer.data} />}
    >
      {answer.isError ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : !drawn ? (
        <WaitingBlock height={height} />
      ) : drawn.series.length === 0 ? (
        <Empty title="No point in this time">Take a condition away, or widen the time range.</Empty>
      ) : (
        <TimeChart
          label={metric}
          times={drawn.times}
          series={drawn.series}
          moments={moments}
          dots={dots}
          format={format}
          height={height}
          zoom={(since, until) => range.zoom(millis(since), millis(until))}
          choose={(moment) => moment.to && navigate(room(moment.to))}
        />
      )}
    </Panel>
  );
}
