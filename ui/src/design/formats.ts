import type { Bytes, Millis, Nanos, Ratio } from './units';

const space = '\u202f';

/** Three significant digits in the unit that fits: 812 ms, 1.24 s, 3 m 20 s. */
export function formatDuration(value: Nanos): string {
  const sign = value < 0 ? '−' : '';
  const size = Math.abs(value);
  if (size === 0) return `0${space}ms`;
  if (size < 1e3) return `${sign}${Math.round(size)}${space}ns`;
  if (size < 999.5e3) return `${sign}${significant(size / 1e3)}${space}µs`;
  if (size < 999.5e6) return `${sign}${significant(size / 1e6)}${space}ms`;
  if (size < 59.995e9) return `${sign}${significant(size / 1e9)}${space}s`;
  const seconds = Math.round(size / 1e9);
  if (seconds < 3600) return sign + join(Math.floor(seconds / 60), 'm', seconds % 60, 's');
  if (seconds < 86400) return sign + join(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'm');
  return sign + join(Math.floor(seconds / 86400), 'd', Math.floor((seconds % 86400) / 3600), 'h');
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${space}${largeUnit}` : `${large}${space}${largeUnit} ${small}${space}${smallUnit}`;
}

function significant(value: number): string {
  if (value >= 100) return Math.round(value).toString();
  const digits = value >= 10 ? 1 : 2;
  return value.toFixed(digits).replace(/\.?0+$/, '');
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Exact below ten thousand, then 12.3 k, 4.56 M. */
export function formatCount(value: number): string {
  const size = Math.abs(value);
  if (size < 10_000) return Number.isInteger(value) || size >= 100 ? whole.format(value) : significant(value);
  const steps: [number, string][] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const [scale, unit] = steps.find(([step]) => size >= step * 0.9995) ?? [1, ''];
  return `${significant(value / scale)}${space}${unit}`;
}

export const formatExact = (value: number) => whole.format(value);

/** Per second, or per minute where that is easier to imagine. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return `0${space}/s`;
  if (perSecond < 0.1) return `${significant(perSecond * 60)}${space}/min`;
  return `${perSecond < 10 ? significant(perSecond) : formatCount(perSecond)}${space}/s`;
}

export function formatRatio(value: Ratio): string {
  const percent = value * 100;
  if (percent === 0) return `0${space}%`;
  if (percent < 0.01) return `<${space}0.01${space}%`;
  if (percent > 99.99 && percent < 100) return `>${space}99.99${space}%`;
  return `${percent >= 99.5 && percent < 100 ? percent.toFixed(2) : significant(percent)}${space}%`;
}

export function formatBytes(value: Bytes): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${significant(value / 1024 ** step)}${space}${units[step]}`;
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const clockMinutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });

/** Local time of day, with the day when it is not today's. */
export function formatTime(time: Millis, now: Millis, precision: 'minutes' | 'seconds' | 'millis' = 'seconds'): string {
  const shown = (precision === 'millis' ? clock : precision === 'seconds' ? clockSeconds : clockMinutes).format(time);
  return day.format(time) === day.format(now) ? shown : `${day.format(time)}, ${shown}`;
}

export function formatAgo(time: Millis, now: Millis): string {
  const seconds = Math.round((now - time) / 1000);
  if (seconds < 0) return seconds > -5 ? 'now' : `in ${largest(-seconds)}`;
  return seconds < 5 ? 'now' : `${largest(seconds)} ago`;
}

function largest(seconds: number): string {
  if (seconds < 60) return `${seconds}${space}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${space}min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}${space}h`;
  return `${Math.floor(seconds / 86400)}${space}d`;
}

/** A reference of the catalog as people say it: `group:default/checkout` is checkout. Another namespace stays. */
export const formatOwner = (reference: string): string => reference.replace(/^(group|user|component):(default\/)?/, '');
