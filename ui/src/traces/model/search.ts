import type { LogRecord, Span } from './trace-types';

/** What is looked for inside a trace: a text anywhere, or `key=value`. */
export type Wanted = { text: string; key?: string };

export function parseWanted(typed: string): Wanted | null {
  const text = typed.trim().toLowerCase();
  if (text === '') return null;
  const pair = /^([\w.\-/]+)\s*=\s*(.+)$/.exec(text);
  return pair ? { key: pair[1]!, text: pair[2]!.replace(/^"(.*)"$/, '$1') } : { text };
}

/** Texts that do not hold it cannot match: saves reading them. */
export function mayHold(json: string, wanted: Wanted): boolean {
  const lower = json.toLowerCase();
  return lower.includes(escaped(wanted.text)) && (wanted.key === undefined || lower.includes(escaped(wanted.key)));
}

export function matches(span: Span, wanted: Wanted): boolean {
  const holds = (text: string | null | undefined) => text?.toLowerCase().includes(wanted.text) ?? false;
  const attributes = [
    span.attributes,
    ...(span.events ?? []).map((event) => event.attributes),
    ...(span.links ?? []).map((link) => link.attributes),
  ];
  const inAttributes = attributes.some((map) =>
    Object.entries(map ?? {}).some(([key, value]) =>
      wanted.key === undefined ? holds(key) || holds(shown(value)) : key.toLowerCase() === wanted.key && holds(shown(value)),
    ),
  );
  if (inAttributes || wanted.key !== undefined) return inAttributes;
  return [span.name, span.service, span.spanId, span.statusMessage, ...(span.events ?? []).map((event) => event.name)].some(
    holds,
  );
}

export const logMatches = (log: LogRecord, wanted: Wanted) =>
  wanted.key === undefined && shown(log.body).toLowerCase().includes(wanted.text);

export const shown = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
