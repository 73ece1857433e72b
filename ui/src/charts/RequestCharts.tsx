import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { Failure } from '../design/Failure';
import { formatDuration, formatRate, formatRatio } from '../design/formats';
import { Panel } from '../design/Panel';
import { Partial } from '../design/Partial';
import { type Millis, nanos, ratio } from '../design/units';
import { WaitingBlock } from '../design/Waiting';
import { type MetricAnswer, sumOf, timesOf, useTraceMetrics } from '../search/trace-metrics';
import { useTimeRange } from '../time/TimeContext';
import { quoted } from '../url/addresses';
import { useRoomAddress } from '../url/RoomLink';
import classes from './RequestCharts.module.css';
import { type Moment, type Series, TimeChart } from './TimeChart';

const height = 150;
/** Requests are counted where they enter a service. */
const entries = 'kind = server || kind = consumer';

type Props = {
  moments: readonly Moment[];
  /** Only requests to this service, else all. */
  service?: string;
  /** The time that is shown, else the page's. */
  times?: { since: Millis; until: Millis };
};

/** Requests, failures and latency, with changes on the line of time. */
export function RequestCharts({ moments, service, times }: Props) {
  const asked = service ? `resource.service.name = ${quoted(service)} && (${entries})` : entries;
  const rates = useTraceMetrics(`{ ${asked} } | rate() by (status)`, { times });
  const latency = useTraceMetrics(`{ ${asked} } | quantile_over_time(duration, .5, .95)`, { times });
  const shared = { moments, zooms: !times };
  return (
    <div className={classes.charts}>
      <ChartPanel {...shared} {...requestChart} answer={rates} />
      <ChartPanel {...shared} {...failureChart} answer={rates} />
      <ChartPanel {...shared} {...latencyChart} answer={latency} />
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

type Chart = {
  title: string;
  format(value: number): string;
  series(answer: MetricAnswer): Series[];
  now(answer: MetricAnswer): string;
  max?(series: readonly Series[]): number | undefined;
};

const requestChart: Chart = {
  title: 'Requests',
  format: formatRate,
  series: requestSeries,
  now: (answer) => formatRate(mean(sumOf(answer))),
};

const failureChart: Chart = {
  title: 'Failures',
  format: formatShare,
  series: failureSeries,
  max: shareTop,
  now: (answer) => formatShare(mean(failureRatio(answer))),
};

const latencyChart: Chart = { title: 'Latency', format: formatSeconds, series: latencySeries, now: latencyNow };

type ChartProps = Chart & { answer: ReturnType<typeof useTraceMetrics>; moments: readonly Moment[]; zooms: boolean };

function ChartPanel({ title, answer, moments, format, series, now, max, zooms }: ChartProps) {
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
          {...(zooms ? { zoom: range.zoom } : {})}
          choose={(moment) => moment.to && navigate(room(moment.to))}
        />
      ) : (
        <WaitingBlock height={height} />
      )}
    </Panel>
  );
}
