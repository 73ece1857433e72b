import type { UnixNano } from '../design/units';
import type { Whole } from './partial';

export type ServiceSummary = {
  service: string;
  namespaces: string[];
  versions: string[];
  spanCount: number;
  weightedSpanCount: number;
  requestCount: number;
  requestErrorCount: number;
  p50Nano: number | null;
  p95Nano: number | null;
  lastSeenUnixNano: UnixNano;
};

export type ServiceListing = { services: ServiceSummary[]; sinceUnixNano: UnixNano; untilUnixNano: UnixNano };

export type TraceSummary = {
  traceId: string;
  rootService: string;
  rootName: string;
  startUnixNano: UnixNano;
  durationNano: number;
  spanCount: number;
  errorCount: number;
  services: string[];
};

export type TraceListing = Whole & { traces: TraceSummary[] };
