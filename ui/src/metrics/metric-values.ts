import { formatBytes, formatCount, formatDuration, formatRate } from '../design/formats';
import { bytes, nanos } from '../design/units';

const secondsIn: Record<string, number> = { s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9, min: 60, h: 3600, d: 86400 };
const bytesIn: Record<string, number> = { By: 1, KiBy: 1024, MiBy: 1024 ** 2, GiBy: 1024 ** 3, kBy: 1e3, MBy: 1e6, GBy: 1e9 };

type What = { fn: string; kind: string; unit: string };

/** True where the answer counts observations and is not in the unit of the metric itself. */
export const counts = ({ fn, kind }: Omit<What, 'unit'>) =>
  fn === 'count' || (fn === 'rate' && (kind.endsWith('histogram') || kind === 'summary'));

/** How values are written: by the metric's unit (UCUM, as OpenTelemetry has it) and what was calculated. */
export function formatOf(what: What): (value: number) => string {
  const unit = counts(what) ? '' : what.unit;
  const perSecond = what.fn === 'rate';
  const seconds = secondsIn[unit];
  const size = bytesIn[unit];
  if (seconds !== undefined) return suffixed((value) => formatDuration(nanos(value * seconds * 1e9)), perSecond);
  if (size !== undefined) return suffixed((value) => formatBytes(bytes(value * size)), perSecond);
  if (unit === '%') return suffixed((value) => `${formatNumber(value)}\u202f%`, perSecond);
  if (unit === '' || unit === '1' || /^\{.*\}$/.test(unit)) return perSecond ? formatRate : formatNumber;
  return suffixed((value) => `${formatNumber(value)}\u202f${unit}`, perSecond);
}

const suffixed = (format: (value: number) => string, perSecond: boolean) =>
  perSecond ? (value: number) => `${format(value)}/s` : format;

/** A count, or two digits of what is too small for one. */
function formatNumber(value: number): string {
  return value !== 0 && Math.abs(value) < 0.1 ? String(Number(value.toPrecision(2))) : formatCount(value);
}

/** Values of the labels, in the order of `by`. */
export function seriesName(labels: Record<string, string>, metric: string): string {
  const values = Object.entries(labels).map(([key, value]) => value || `no ${key}`);
  return values.length === 0 ? metric : values.join(' · ');
}

export type Summary = { min: number; mean: number; max: number; last: number };

/** Of what is there; null when nothing is. */
export function summaryOf(values: readonly (number | null)[]): Summary | null {
  let [sum, count, min, max, last] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of values) {
    if (value === null) continue;
    sum += value;
    count++;
    min = Math.min(min, value);
    max = Math.max(max, value);
    last = value;
  }
  return count === 0 ? null : { min, max, mean: sum / count, last };
}
