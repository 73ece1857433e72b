import type { Tone } from '../design/Badge';
import { withCondition } from '../search/builder';
import { addCondition } from '../search/conditions';
import { choice, flag, list, text } from '../url/url-state';

/** Least severity first, as the API names them. */
export const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export const logsCodecs = {
  q: text(),
  text: text(),
  severity: choice('', ...severities),
  trace: text(),
  columns: list,
  record: text(),
  tail: flag,
};

export type Severity = '' | (typeof severities)[number];

export type LogsState = { q: string; text: string; severity: Severity; trace: string };

/** What the four endpoints of logs have in common; the time is said apart, because a tail has none. */
export function filterOf(state: LogsState) {
  return { q: state.q, text: state.text, severity: state.severity, trace: state.trace };
}

/** OTLP's 1 to 24 by their six names; 0 is said by nobody. */
export function severityName(severity: number): string {
  return severity < 1 ? 'unknown' : (severities[Math.min(5, Math.floor((severity - 1) / 4))] ?? 'unknown');
}

export function severityTone(name: string): Tone {
  return name === 'error' || name === 'fatal' ? 'error' : name === 'warn' ? 'warning' : 'plain';
}

/** A filter with one more condition; the filter of logs is written like a query of spans. */
export function narrowed(q: string, field: string, operator: '=' | '!=', value: string): string {
  return withCondition(q, { field, operator, value }) ?? addCondition(q, `${field} ${operator} ${value}`);
}

/** An attribute of the record or of what wrote it; a name with other than plain letters is quoted. */
export function attributeField(scope: 'log' | 'resource', name: string): string {
  return /^[\w.-]+$/.test(name) ? `${scope}.${name}` : `${scope}.${JSON.stringify(name)}`;
}

export function literal(value: unknown): string | null {
  if (typeof value === 'string') return value.length > 300 ? null : JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Values of the lines at hand by how many have them, most first. */
export function countValues<T>(lines: readonly T[], value: (line: T) => unknown, max = 8): [string, number][] {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const one = value(line);
    if (typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean') continue;
    counts.set(String(one), (counts.get(String(one)) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, max);
}
