import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { address, type Params } from '../url/addresses';
import { type Problem, problemOf, unreachable } from './problem';
import type { Answer, GetPath } from './schemas';

export async function fetchOk(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** The address of a question: `{id}` in the path is filled from the parameters, the others are its query. */
export function apiAddress(path: string, params: Params = {}): string {
  const rest = { ...params };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value ?? ''));
  });
  return address(filled, rest);
}

/** GETs one answer of the API. */
export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const response = await fetchOk(apiAddress(path, params), signal ? { signal } : {});
  return (await response.json()) as T;
}

export type Ask = { enabled?: boolean; refetchMillis?: number; keep?: boolean };

/**
 * One answer of the API, kept while the next one is on its way (unless `keep` is false: another thing is asked for, not a newer state of
 * it). The type follows from the path; an endpoint that is not in api/openapi.json yet is told its type: `useApi<Thing>('/api/things')`.
 */
export function useApi<P extends GetPath>(path: P, params?: Params, ask?: Ask): UseQueryResult<Answer<P>, Problem>;
export function useApi<T>(path: string, params?: Params, ask?: Ask): UseQueryResult<T, Problem>;
export function useApi<T>(
  path: string,
  params: Params = {},
  { enabled = true, refetchMillis, keep = true }: Ask = {},
): UseQueryResult<T, Problem> {
  return useQuery<T, Problem>({
    queryKey: [path, params],
    queryFn: ({ signal }) => get<T>(path, params, signal),
    enabled,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
    ...(refetchMillis ? { refetchInterval: refetchMillis } : {}),
  });
}
