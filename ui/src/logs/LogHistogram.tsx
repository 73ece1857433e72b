import { useMemo } from 'react';
import { useApi } from '../api/client';
import { useChangeMoments } from '../changes/moments';
import { type Series, TimeChart } from '../charts/TimeChart';
import { formatCount } from '../design/formats';
import { toMillis } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import { useTimeRange } from '../time/TimeContext';
import { filterOf, type LogsState, severities } from './logs-state';

const height = 110;

const colours: Record<string, string> = {
  unknown: 'var(--line-strong)',
  trace: 'var(--line-strong)',
  debug: 'var(--text-faint)',
  info: 'var(--chart)',
  warn: 'var(--warning)',
  error: 'var(--error)',
  fatal: 'var(--error)',
};

export function useLogHistogram(state: LogsState) {
  const range = useTimeRange();
  return useApi('/api/logs/histogram', { ...filterOf(state), since: range.sinceUnixNano, until: range.untilUnixNano });
}

/** How many lines there were when, by severity; a drag zooms in. */
export function LogHistogram({ state }: { state: LogsState }) {
  const range = useTimeRange();
  const answer = useLogHistogram(state);
  const moments = useChangeMoments();
  const drawn = useMemo(() => {
    if (!answer.data) return null;
    const order = ['unknown', ...severities] as readonly string[];
    const series: Series[] = answer.data.series
      .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
      .map((one) => ({
        name: one.severity,
        colour: colours[one.severity] ?? 'var(--chart)',
        values: one.counts,
        kind: 'bar',
        stack: 'lines',
      }));
    return { times: answer.data.timestampsUnixNano.map(toMillis), series };
  }, [answer.data]);
  if (answer.isError) return null;
  if (!drawn) return <WaitingBlock height={height} />;
  return (
    <TimeChart
      label="Log records over time, by severity"
      times={drawn.times}
      series={drawn.series}
      moments={moments}
      format={formatCount}
      height={height}
      zoom={range.zoom}
    />
  );
}
