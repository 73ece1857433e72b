import { type Millis, millis, toUnixNano, type UnixNano } from '../design/units';

export type ResolvedRange = { since: Millis; until: Millis; sinceUnixNano: UnixNano; untilUnixNano: UnixNano };

const unitMillis: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };

export const presets = ['5m', '15m', '1h', '3h', '12h', '24h', '3d', '7d'] as const;

/** `15m`, `1h30m`: how long ago; null when it is none. */
export function parseAgo(text: string): Millis | null {
  if (!/^(\d+(\.\d+)?[smhdw])+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)) total += Number(amount) * (unitMillis[unit!] ?? 0);
  return total > 0 ? millis(total) : null;
}

/** A point in time as a person or an address writes it: a time ago, an ISO date, Unix milliseconds, or `now`. */
export function parsePoint(text: string, now: Millis): Millis | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === 'now') return now;
  const ago = parseAgo(trimmed);
  if (ago !== null) return millis(now - ago);
  if (/^\d{13}$/.test(trimmed)) return millis(Number(trimmed));
  // 10:30 means today, 2026-11-24 10:30 local time.
  const dated = /^\d{1,2}:\d{2}(:\d{2})?$/.test(trimmed)
    ? `${localDate(now)}T${trimmed.padStart(trimmed.length < 6 ? 5 : 8, '0')}`
    : trimmed.replace(' ', 'T');
  const parsed = Date.parse(dated);
  return Number.isNaN(parsed) ? null : millis(parsed);
}

function localDate(now: Millis): string {
  const date = new Date(now);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}

/** As parsePoint reads it back: local, to the second. */
export function writePoint(time: Millis): string {
  const date = new Date(time);
  return `${localDate(time)} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')}`;
}

export function resolveRange(since: string, until: string, now: Millis): ResolvedRange {
  const end = parsePoint(until, now) ?? now;
  const start = parsePoint(since, end) ?? millis(end - 3600e3);
  return between(start < end ? start : millis(end - 3600e3), end);
}

function between(since: Millis, until: Millis): ResolvedRange {
  return { since, until, sinceUnixNano: toUnixNano(since), untilUnixNano: toUnixNano(until) };
}

const names: Record<string, string> = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days', w: 'weeks' };

export function describeAgo(text: string): string {
  const match = /^(\d+)([smhdw])$/.exec(text);
  if (!match) return `Last ${text}`;
  const unit = names[match[2]!]!;
  return match[1] === '1' ? `Last ${unit.slice(0, -1)}` : `Last ${match[1]} ${unit}`;
}
