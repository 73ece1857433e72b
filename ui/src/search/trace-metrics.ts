import { useApi } from '../api/client';
import type { Whole } from '../api/partial';
import { type Millis, toMillis, toUnixNano, type UnixNano } from '../design/units';
import { useTimeRange } from '../time/TimeContext';

/** The answer of /api/query_range. */
export type MetricAnswer = Whole & {
  sinceUnixNano: UnixNano;
  untilUnixNano: UnixNano;
  stepNano: number;
  weighted: boolean;
  timestampsUnixNano: UnixNano[];
  series: MetricSeries[];
};

export type MetricSeries = {
  labels: Record<string, unknown>;
  values: (number | null)[];
  exemplars?: { traceId: string; spanId: string; startUnixNano: UnixNano; value: number }[];
};

type Wish = {
  step?: string;
  exemplars?: number;
  enabled?: boolean;
  times?: { since: Millis; until: Millis } | undefined;
};

/** A TraceQL metrics query over the page's time range, unless other times are asked for. */
export function useTraceMetrics(query: string, params: Wish = {}) {
  const range = useTimeRange();
  const { since, until } = params.times ?? range;
  return useApi<MetricAnswer>(
    '/api/query_range',
    {
      q: query,
      since: toUnixNano(since),
      until: toUnixNano(until),
      step: params.step ?? stepFor(until - since),
      exemplars: params.exemplars,
    },
    { enabled: params.enabled ?? true },
  );
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 86_400];
const barsMax = 80;

/** A round step, so that a chart has at most 80 bars and the same bars after a refresh. */
export function stepFor(rangeMillis: number): string {
  const seconds = steps.find((step) => rangeMillis / 1000 / step <= barsMax) ?? steps.at(-1)!;
  return `${seconds}s`;
}

export const timesOf = (answer: { timestampsUnixNano: readonly UnixNano[] }) =>
  answer.timestampsUnixNano.map((time) => toMillis(time) as number);

/** Sums of all series, moment by moment. */
export function sumOf(answer: MetricAnswer, keep: (series: MetricSeries) => boolean = () => true): number[] {
  const chosen = answer.series.filter(keep);
  return answer.timestampsUnixNano.map((_, i) => chosen.reduce((sum, one) => sum + (one.values[i] ?? 0), 0));
}
