import { get } from '../api/client';
import type { UnixNano } from '../design/units';
import { type AttributeScope, attributeName } from '../traces/details/attribute-query';

type Time = { since: UnixNano; until: UnixNano };
type Attribute = { scope: string; key: string; type: string; values: number; spans: number };
export type AttributeValue = {
  value: string;
  type: string /** Null where only what may be there is known, not how often. */;
  spans: number | null;
};

/** Fields that every span has. */
const intrinsics = [
  'name',
  'status',
  'kind',
  'duration',
  'statusMessage',
  'rootName',
  'rootServiceName',
  'traceDuration',
  'event:name',
  'instrumentation:name',
] as const;

const fixed: Record<string, readonly string[]> = {
  status: ['error', 'ok', 'unset'],
  kind: ['server', 'client', 'producer', 'consumer', 'internal'],
  duration: ['100ms', '500ms', '1s', '5s'],
  traceDuration: ['100ms', '500ms', '1s', '5s'],
};

const scopes: readonly string[] = ['span', 'resource', 'event', 'link', 'instrumentation'];

/** Names as TraceQL writes them, the most frequent first; the service before all. A server without a catalog still knows the intrinsics. */
export async function fieldsOf({ since }: Time, signal?: AbortSignal): Promise<string[]> {
  const known = await get<{ attributes: Attribute[] }>('/api/attributes', { since, limit: 1_000 }, signal).catch(() => ({
    attributes: [],
  }));
  const attributes = known.attributes.filter((one) => scopes.includes(one.scope)).sort((a, b) => b.spans - a.spans);
  return [
    'resource.service.name',
    ...intrinsics,
    ...attributes.map((one) => attributeName(one.scope as AttributeScope, one.key)),
  ];
}

/** Values of a field, the most frequent first. */
export async function valuesOf(field: string, time: Time, signal?: AbortSignal): Promise<string[]> {
  const known = fixed[field];
  if (known) return [...known];
  return (await countedValues(field, time, '', signal)).map((one) => one.value);
}

/** Values with how many spans have them, among those that a query selects. */
export async function countedValues(
  field: string,
  { since, until }: Time,
  query: string,
  signal?: AbortSignal,
): Promise<AttributeValue[]> {
  const place = placeOf(field);
  if (!place) return [];
  const answer = await get<{ values: AttributeValue[] }>(
    '/api/attributes/{scope}/{key}/values',
    { ...place, since, until, q: query === '{}' ? undefined : query, limit: 100 },
    signal,
  );
  return answer.values;
}

function placeOf(field: string): { scope: string; key: string } | null {
  const match = /^(span|resource|event|link|instrumentation)\.(?:"((?:[^"\\]|\\.)*)"|(.+))$/.exec(field);
  if (match) return { scope: match[1]!, key: match[2]?.replace(/\\(.)/g, '$1') ?? match[3]! };
  return /^[a-zA-Z]+(:[a-zA-Z]+)?$/.test(field) ? { scope: 'intrinsic', key: field } : null;
}
