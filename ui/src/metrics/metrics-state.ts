import { formatBytes, formatCount, formatDuration } from '../design/formats';
import { bytes, nanos } from '../design/units';
import { list, text } from '../url/url-state';

export const metricsCodecs = {
  metric: text(),
  kind: text(),
  unit: text(),
  find: text(),
  fn: text(),
  by: text(),
  filter: list,
};

const secondsIn: Record<string, number> = { s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9, min: 60, h: 3600 };

/** Figures in the unit that the metric says it has; a rate of them says so. */
export function formatOf(unit: string, fn: string): (value: number) => string {
  const perSecond = fn === 'rate' ? '/s' : '';
  // How many were observed has no unit, whatever was observed.
  if (fn === 'count') return formatCount;
  const seconds = secondsIn[unit];
  if (seconds !== undefined && perSecond === '') return (value) => formatDuration(nanos(value * seconds * 1e9));
  if (unit === 'By') return (value) => `${formatBytes(bytes(value))}${perSecond}`;
  if (unit === '%') return (value) => `${formatCount(value)} %`;
  const named = unit === '' || unit === '1' || /^\{.*\}$/.test(unit) || perSecond !== '' ? '' : ` ${unit}`;
  return (value) => `${formatCount(value)}${named}${perSecond}`;
}

/** What a series is called beside its line. */
export function seriesName(labels: Readonly<Record<string, string>>, metric: string): string {
  const values = Object.values(labels).map((value) => value || '(none)');
  return values.length === 0 ? metric : values.join(', ');
}

/** Attributes by which the series differ, or could be split. */
export function keysOf(series: readonly { attributes: Record<string, unknown> }[]): string[] {
  return [...new Set(series.flatMap((one) => Object.keys(one.attributes)))].sort();
}
