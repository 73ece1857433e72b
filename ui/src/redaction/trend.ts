import type { Schemas } from '../api/schemas';

/** Counts of one detector by hour, in order; hours without any are zero. */
export function trendOf(trend: readonly Schemas['FindingHour'][], detector: string): number[] {
  const hours = [...new Set(trend.map((one) => one.hourUnixNano))].sort();
  return hours.map((hour) =>
    trend.filter((one) => one.hourUnixNano === hour && one.detector === detector).reduce((sum, one) => sum + one.count, 0),
  );
}
