import type { Schemas } from '../api/schemas';

/** What the home page needs of /api/map. */
export type MapAnswer = {
  nodes: {
    kind: string;
    name: string;
    health: string;
    healthReasons?: string[] | null;
    owner?: string | null;
    previous?: { errorRatio: number; p95Nano: number | null } | null;
    weekBefore?: { errorRatio: number; p95Nano: number | null } | null;
  }[];
};

export type ServiceRow = {
  service: string;
  rate: number;
  errorRatio: number;
  p50: number | null;
  p95: number | null;
  versions: readonly string[];
  health: string | null;
  reasons: readonly string[];
  owner: string | null;
};

const order = ['failing', 'degraded', 'gone', 'new', 'unknown', 'idle', 'healthy'];

/** Figures from the spans, health and owner from the map where there is one; the worst first, then those that fail most. */
export function byHealth(
  services: readonly Schemas['ServiceSummary'][],
  map: MapAnswer | undefined,
  seconds: number,
): ServiceRow[] {
  const nodes = new Map((map?.nodes ?? []).filter((node) => node.kind === 'service').map((node) => [node.name, node]));
  const rows = services.map((one): ServiceRow => {
    const node = nodes.get(one.service);
    return {
      service: one.service,
      rate: one.requestCount / Math.max(1, seconds),
      errorRatio: one.requestCount > 0 ? one.requestErrorCount / one.requestCount : 0,
      p50: one.p50Nano ?? null,
      p95: one.p95Nano ?? null,
      versions: one.versions,
      health: node?.health ?? null,
      reasons: node?.healthReasons ?? [],
      owner: node?.owner ?? null,
    };
  });
  const rank = (row: ServiceRow) => (row.health === null ? order.length : Math.max(0, order.indexOf(row.health)));
  return rows.sort((a, b) => rank(a) - rank(b) || b.errorRatio - a.errorRatio || b.rate - a.rate);
}
