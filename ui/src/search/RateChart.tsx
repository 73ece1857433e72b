import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { useChangeMoments } from '../changes/moments';
import { type Series, TimeChart } from '../charts/TimeChart';
import { Failure } from '../design/Failure';
import { formatRate } from '../design/formats';
import { Partial } from '../design/Partial';
import { WaitingBlock } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { useRoomAddress } from '../url/RoomLink';
import { sumOf, timesOf, useTraceMetrics } from './trace-metrics';

const height = 130;

/** How many matching spans there were, and how many of them failed. */
export function RateChart({ selection }: { selection: string }) {
  const range = useTimeRange();
  const [, navigate] = useLocation();
  const room = useRoomAddress();
  const moments = useChangeMoments();
  const answer = useTraceMetrics(`${selection} | rate() by (status)`);
  const drawn = useMemo(() => {
    if (!answer.data) return null;
    const failed = (one: { labels: Record<string, unknown> }) => one.labels.status === 'error';
    const series: Series[] = [
      { name: 'failed', colour: 'var(--error)', values: sumOf(answer.data, failed), kind: 'bar', stack: 'all' },
      { name: 'others', colour: 'var(--chart)', values: sumOf(answer.data, (one) => !failed(one)), kind: 'bar', stack: 'all' },
    ];
    return { times: timesOf(answer.data), series };
  }, [answer.data]);
  if (answer.isError && !answer.data)
    return answer.error.parameter === 'q' ? null : <Failure error={answer.error} retry={() => void answer.refetch()} />;
  if (!drawn) return <WaitingBlock height={height} />;
  return (
    <>
      <Partial of={answer.data} />
      <TimeChart
        label="Matching spans over time"
        times={drawn.times}
        series={drawn.series}
        moments={moments}
        format={formatRate}
        height={height}
        zoom={range.zoom}
        choose={(moment) => moment.to && navigate(room(moment.to))}
      />
    </>
  );
}
