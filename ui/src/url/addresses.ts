/** Every address of the console, made in one place. Room links also carry the time range: see RoomLink. */
/** A list is the same parameter several times. */
export type Params = Record<string, string | number | boolean | readonly string[] | undefined>;

export function address(path: string, params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === '' || value === false) continue;
    if (typeof value === 'object') for (const one of value) search.append(name, one);
    else search.set(name, value === true ? '1' : String(value));
  }
  const written = search.toString();
  return written ? `${path}?${written}` : path;
}

export const traceAddress = (traceId: string, params: { span?: string; view?: string } = {}) =>
  address(`/traces/${encodeURIComponent(traceId)}`, params);

export const searchAddress = (query: string, params: Params = {}) => address('/search', { q: query, ...params });

export const whyAddress = (id: string) => address('/why', { id });

export const changeAddress = (id: string) => address(`/changes/${encodeURIComponent(id)}`);

export const errorGroupAddress = (group: string) => address(`/errors/${encodeURIComponent(group)}`);

export const actorAddress = (actor: string) => address(`/audit/${encodeURIComponent(actor)}`);

/** A TraceQL string literal. */
export function quoted(value: string): string {
  return `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
