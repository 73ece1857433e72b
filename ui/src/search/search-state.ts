import { choice, flag, list, text } from '../url/url-state';

export const searchCodecs = {
  q: text('{}'),
  mode: choice('builder', 'text'),
  show: choice('traces', 'spans'),
  columns: list,
  chart: choice('rate', 'latency'),
  /** The region of the heatmap: `since,until,low,high` in milliseconds and nanoseconds. */
  region: text(),
  focus: flag,
};

export type Region = { since: number; until: number; low: number; high: number };

export function parseRegion(written: string): Region | null {
  const [since, until, low, high] = written.split(',').map(Number);
  return since !== undefined &&
    until !== undefined &&
    low !== undefined &&
    high !== undefined &&
    since < until &&
    low < high &&
    [since, until, low, high].every(Number.isFinite)
    ? { since, until, low, high }
    : null;
}

export const writeRegion = ({ since, until, low, high }: Region) => [since, until, low, high].map(Math.round).join(',');
