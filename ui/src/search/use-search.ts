import { type InfiniteData, keepPreviousData, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import type { Whole } from '../api/partial';
import type { Problem } from '../api/problem';
import type { UnixNano } from '../design/units';
import { useTimeRange } from '../time/TimeContext';

export type FoundSpan = {
  spanId: string;
  service: string;
  name: string;
  kind: string;
  status: string;
  startUnixNano: UnixNano;
  durationNano: number;
  attributes: Record<string, unknown>;
};

export type FoundTrace = {
  traceId: string;
  rootService: string | null;
  rootName: string | null;
  startUnixNano: UnixNano;
  durationNano: number;
  spanCount: number;
  errorCount: number;
  services: { service: string; spanCount: number; errorCount: number }[];
  spanSets: { matched: number; attributes: Record<string, unknown>; spans: FoundSpan[] }[];
};

type SearchAnswer = Whole & {
  traces: FoundTrace[];
  nextCursor?: string | null;
  scanned?: { rows: number; bytes: number; milliseconds: number };
};

export type Search = UseInfiniteQueryResult<InfiniteData<SearchAnswer>, Problem>;

const pageSize = 50;
const spansPerTrace = 3;

/** Pages of traces that match, newest first. */
export function useSearch(query: string): Search {
  const range = useTimeRange();
  return useInfiniteQuery<SearchAnswer, Problem, InfiniteData<SearchAnswer>, unknown[], string | undefined>({
    queryKey: ['/api/search', query, range.sinceUnixNano, range.untilUnixNano],
    queryFn: ({ signal, pageParam }) =>
      get<SearchAnswer>(
        '/api/search',
        {
          q: query,
          since: range.sinceUnixNano,
          until: range.untilUnixNano,
          limit: pageSize,
          spans: spansPerTrace,
          cursor: pageParam,
        },
        signal,
      ),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}
