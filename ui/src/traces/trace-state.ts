import { choice, flag, flagOn, text } from '../url/url-state';

/** What of the page stands in the address. */
export const traceCodecs = {
  view: choice('waterfall', 'flame', 'calls', 'logs', 'json'),
  span: text(),
  panel: choice('', 'why'),
  find: text(),
  /** The chosen part of the time: `from-to` in nanoseconds from the start. */
  window: text(),
  folds: flagOn,
  critical: flagOn,
  align: flag,
  with: text(),
};

export function parseWindow(written: string): { from: number; to: number } | null {
  const match = /^(\d+)-(\d+)$/.exec(written);
  return match && Number(match[1]) < Number(match[2]) ? { from: Number(match[1]), to: Number(match[2]) } : null;
}
