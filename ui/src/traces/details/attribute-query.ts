import { quoted, searchAddress } from '../../url/addresses';

export type AttributeScope = 'span' | 'resource' | 'event' | 'link' | 'instrumentation';

/** An attribute's name in TraceQL; quoted where it holds what a bare name may not. */
export function attributeName(scope: AttributeScope, key: string): string {
  return /^[A-Za-z_][\w.\-/]*$/.test(key) ? `${scope}.${key}` : `${scope}.${quoted(key)}`;
}

/** A value as TraceQL writes it; null when it cannot be asked for. */
function literal(value: unknown): string | null {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'boolean' ? String(value) : null;
}

export function filterAddress(scope: AttributeScope, key: string, value: unknown, operator: '=' | '!=' = '='): string | null {
  const written = literal(value);
  return written === null ? null : searchAddress(`{ ${attributeName(scope, key)} ${operator} ${written} }`);
}
