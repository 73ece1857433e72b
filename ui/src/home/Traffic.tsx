import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { useApi } from '../api/client';
import { type Moment, type Series, TimeChart } from '../charts/TimeChart';
import { Failure } from '../design/Failure';
import { formatDuration, formatRate, formatRatio } from '../design/formats';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { nanos, ratio, toMillis } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import { type MetricAnswer, sumOf, timesOf, useTraceMetrics } from '../search/trace-metrics';
import { useTimeRange } from '../time/TimeContext';
import { changeAddress } from '../url/addresses';
import { useRoomAddress } from '../url/RoomLink';
import classes from './Home.module.css';

const height = 150;
/** Requests are counted where they enter a service. */
const entries = 'kind = server || kind = consumer';

/** Requests, failures and latency of everything, with changes on the line of time. */
export function Traffic() {
  const rates = useTraceMetrics(`{ ${entries} } | rate() by (status)`);
  const latency = useTraceMetrics(`{ ${entries} } | quantile_over_time(duration, .5, .95)`);
  const moments = useChangeMoments();
  return (
    <div className={classes.charts}>
      <ChartPanel
        title="Requests"
        answer={rates}
        moments={moments}
        format={formatRate}
        series={requestSeries}
        now={(answer) => formatRate(mean(sumOf(answer)))}
      />
      <ChartPanel
        title="Failures"
        answer={rates}
        moments={moments}
        format={formatShare}
        series={failureSeries}
        max={shareTop}
        now={(answer) => formatShare(mean(failureRatio(answer)))}
      />
      <ChartPanel
        title="Latency"
        answer={latency}
        moments={moments}
        format={formatSeconds}
        series={latencySeries}
        now={latencyNow}
      />
    </div>
  );
}

const formatShare = (value: number) => formatRatio(ratio(value));
const formatSeconds = (seconds: number) => formatDuration(nanos(seconds * 1e9));
const failed = (one: { labels: Record<string, unknown> }) => one.labels.status === 'error';

function requestSeries(answer: MetricAnswer): Series[] {
  return [
    { name: 'failed', colour: 'var(--error)', values: sumOf(answer, failed), kind: 'bar', stack: 'all' },
    { name: 'fine', colour: 'var(--chart)', values: sumOf(answer, (one) => !failed(one)), kind: 'bar', stack: 'all' },
  ];
}

function failureRatio(answer: MetricAnswer): number[] {
  const all = sumOf(answer);
  return sumOf(answer, failed).map((value, i) => (all[i]! > 0 ? value / all[i]! : 0));
}

/** All is the top where nearly all fail; else the scale follows the values. */
const shareTop = ([share]: readonly Series[]) => ((share?.values ?? []).some((value) => (value ?? 0) > 0.5) ? 1 : undefined);

const failureSeries = (answer: MetricAnswer): Series[] => [
  { name: 'failed', colour: 'var(--error)', values: failureRatio(answer), kind: 'area' },
];

function latencySeries(answer: MetricAnswer): Series[] {
  const of = (p: number) => answer.series.find((one) => Number(one.labels.p) === p)?.values ?? [];
  return [
    { name: '95 of 100 faster than', colour: 'var(--chart-3)', values: of(0.95), kind: 'line' },
    { name: 'half faster than', colour: 'var(--chart-2)', values: of(0.5), kind: 'line' },
  ];
}

function latencyNow(answer: MetricAnswer): string {
  const values =
    answer.series.find((one) => Number(one.labels.p) === 0.95)?.values.filter((value): value is number => value !== null) ?? [];
  return values.length === 0 ? '–' : `p95 ${formatSeconds(values.at(-1)!)}`;
}

const mean = (values: number[]) => (values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length);

type ChartProps = {
  title: string;
  answer: ReturnType<typeof useTraceMetrics>;
  moments: readonly Moment[];
  format(value: number): string;
  series(answer: MetricAnswer): Series[];
  now(answer: MetricAnswer): string;
  max?(series: readonly Series[]): number | undefined;
};

function ChartPanel({ title, answer, moments, format, series, now, max }: ChartProps) {
  const range = useTimeRange();
  const [, navigate] = useLocation();
  const room = useRoomAddress();
  const drawn = useMemo(
    () => (answer.data ? { times: timesOf(answer.data), series: series(answer.data) } : null),
    [answer.data, series],
  );
  return (
    <Panel
      title={title}
      flush
      note={answer.data && answer.data.series.length > 0 ? now(answer.data) : undefined}
      actions={<Partial of={answer.data} />}
    >
      {answer.isError && !answer.data ? (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      ) : drawn ? (
        <TimeChart
          label={title}
          times={drawn.times}
          series={drawn.series}
          moments={moments}
          format={format}
          height={height}
          max={max?.(drawn.series)}
          zoom={range.zoom}
          choose={(moment) => moment.to && navigate(room(moment.to))}
        />
      ) : (
        <WaitingBlock height={height} />
      )}
    </Panel>
  );
}

const none: readonly Moment[] = [];

/** Changes of the range as marks. A server that records none has none. */
export function useChangeMoments(): readonly Moment[] {
  const range = useTimeRange();
  const changes = useApi('/api/changes', { since: range.sinceUnixNano, until: range.untilUnixNano, limit: 200 });
  return useMemo(
    () =>
      changes.data?.changes.map((change) => ({
        time: toMillis(change.startedUnixNano ?? change.receivedUnixNano),
        label: [change.kind.replace('_', ' '), change.service, change.summary || change.version || change.subject]
          .filter(Boolean)
          .join(' · '),
        tone: change.kind === 'feature_flag' ? ('flag' as const) : ('change' as const),
        to: changeAddress(change.id),
      })) ?? none,
    [changes.data],
  );
}
