import type { MetricAnswer } from './trace-metrics';

/** Latency over time as a grid: columns are moments, rows are buckets of duration, each twice as wide as the one below. */
export type Heat = {
  times: readonly number[];
  stepMillis: number;
  /** Upper bounds in nanoseconds, rising. */
  bounds: readonly number[];
  counts: readonly (readonly number[])[];
  most: number;
};

export function heatOf(answer: MetricAnswer): Heat {
  const rows = answer.series
    .map((series) => ({ bound: Number(series.labels.__bucket) * 1e9, values: series.values.map((value) => value ?? 0) }))
    .filter((row) => Number.isFinite(row.bound) && row.bound > 0)
    .sort((a, b) => a.bound - b.bound);
  if (rows.length === 0) return { times: [], stepMillis: 1, bounds: [], counts: [], most: 0 };
  // Buckets that hold nothing are not sent; a grid has no gaps.
  const bounds: number[] = [];
  for (let bound = rows[0]!.bound; bound <= rows.at(-1)!.bound * 1.01; bound *= 2) bounds.push(bound);
  const empty = answer.timestampsUnixNano.map(() => 0);
  const counts = bounds.map((bound) => rows.find((row) => Math.abs(Math.log2(row.bound / bound)) < 0.01)?.values ?? empty);
  return {
    times: answer.timestampsUnixNano.map((time) => Number(BigInt(time) / 1_000_000n)),
    stepMillis: answer.stepNano / 1e6,
    bounds,
    counts,
    most: Math.max(...counts.flat(), 0),
  };
}

/** How dark: few must still be seen beside many. */
export const shade = (count: number, most: number) =>
  count <= 0 || most <= 0 ? 0 : 0.12 + 0.88 * (Math.log1p(count) / Math.log1p(most));
