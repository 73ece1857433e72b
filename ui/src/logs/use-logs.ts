import { type InfiniteData, keepPreviousData, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { apiAddress, get } from '../api/client';
import type { Problem } from '../api/problem';
import type { Schemas } from '../api/schemas';
import { useTimeRange } from '../time/TimeContext';
import { filterOf, type LogsState } from './logs-state';

/** A record with what its sender says about itself. */
export type Line = Schemas['LogLine'] & { origin: Record<string, unknown> };

export type FoundLogs = UseInfiniteQueryResult<InfiniteData<Schemas['LogListing']>, Problem>;

const pageSize = 200;

/** Pages of records that match, newest first. */
export function useLogs(state: LogsState, enabled: boolean): FoundLogs {
  const range = useTimeRange();
  const asked = { ...filterOf(state), since: range.sinceUnixNano, until: range.untilUnixNano };
  return useInfiniteQuery<Schemas['LogListing'], Problem, InfiniteData<Schemas['LogListing']>, unknown[], string | undefined>({
    queryKey: ['/api/logs', asked],
    queryFn: ({ signal, pageParam }) =>
      get<Schemas['LogListing']>('/api/logs', { ...asked, limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
  });
}

export function linesOf(answer: Pick<Schemas['LogListing'], 'logs' | 'resources'>): Line[] {
  return answer.logs.map((log) => ({ ...log, origin: answer.resources[log.resource]?.attributes ?? {} }));
}

export type Tail = { lines: readonly Line[]; skipped: number; state: 'connecting' | 'live' | 'paused' | 'broken' };

const keptMax = 5_000;
/** Lines are shown in batches: a burst must not cost one painting each. */
const paintMillis = 250;

/** Records as they arrive, newest first. While paused they are not asked for; going on begins anew. */
export function useTail(filter: LogsState, running: boolean): Tail {
  const [tail, setTail] = useState<Tail>({ lines: [], skipped: 0, state: 'connecting' });
  const seen = useRef(new Set<string>());
  const { q, text, severity, trace } = filter;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another tail
  useEffect(() => {
    seen.current.clear();
    setTail({ lines: [], skipped: 0, state: 'connecting' });
  }, [q, text, severity, trace]);
  useEffect(() => {
    if (!running) {
      setTail((old) => ({ ...old, state: 'paused' }));
      return;
    }
    let arrived: Line[] = [];
    const source = new EventSource(apiAddress('/api/logs/tail', filterOf({ q, text, severity, trace })));
    source.addEventListener('open', () => setTail((old) => ({ ...old, state: 'live' })));
    source.addEventListener('error', () => setTail((old) => ({ ...old, state: 'broken' })));
    source.addEventListener('log', (event) => {
      const { resourceAttributes = {}, ...log } = JSON.parse(event.data) as Line & {
        resourceAttributes?: Record<string, unknown>;
      };
      if (seen.current.has(log.id)) return;
      seen.current.add(log.id);
      arrived.push({ ...log, origin: resourceAttributes });
    });
    source.addEventListener('skipped', (event) => {
      const { count } = JSON.parse(event.data) as { count: number };
      setTail((old) => ({ ...old, skipped: old.skipped + count }));
    });
    const paint = setInterval(() => {
      if (arrived.length === 0) return;
      const fresh = arrived.reverse();
      arrived = [];
      setTail((old) => ({ ...old, lines: [...fresh, ...old.lines].slice(0, keptMax) }));
      if (seen.current.size > 4 * keptMax) seen.current = new Set(fresh.map((line) => line.id));
    }, paintMillis);
    return () => {
      source.close();
      clearInterval(paint);
    };
  }, [running, q, text, severity, trace]);
  return tail;
}
