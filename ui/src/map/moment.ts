import { type Millis, millis } from '../design/units';

type Range = { since: Millis; until: Millis };

/** Steps of the slider; one shows two of them, so that neighbouring moments overlap. */
export const notches = 48;

const lengthOf = (range: Range) => Math.max(60_000, (range.until - range.since) / (notches / 2));

/** What the map shows: the whole range, or the time up to one moment of it. */
export function windowOf(range: Range, moment: string): Range {
  const at = moment === '' ? Number.NaN : Number(moment);
  if (!Number.isFinite(at)) return { since: range.since, until: range.until };
  const length = lengthOf(range);
  const until = Math.min(range.until, Math.max(range.since + length, at));
  return { since: millis(Math.max(range.since, until - length)), until: millis(until) };
}

/** A notch as it stands in the address; the last one is the whole range. */
export function momentOf(range: Range, notch: number): string {
  return notch >= notches ? '' : String(Math.round(range.since + ((range.until - range.since) * notch) / notches));
}

export function notchOf(range: Range, moment: string): number {
  const at = moment === '' ? Number.NaN : Number(moment);
  if (!Number.isFinite(at)) return notches;
  return Math.min(notches, Math.max(0, Math.round(((at - range.since) / (range.until - range.since)) * notches)));
}
