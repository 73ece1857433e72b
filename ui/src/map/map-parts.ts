import type { Schemas } from '../api/schemas';
import { quoted } from '../url/addresses';

export type MapNode = Schemas['MapNode'];
/** A call between two; `broken` says how it loses the trace, where it does. */
export type MapEdge = Schemas['MapEdge'] & { broken?: Schemas['LostContextReport']['edges'][number] };

/** Calls of the map, and those that are only known because they lost the trace. */
export function edgesWithLosses(map: Schemas['ServiceMap'], lost: Schemas['LostContextReport'] | undefined): MapEdge[] {
  const known = new Set(map.nodes.map((node) => node.id));
  const edges: MapEdge[] = map.edges.filter((edge) => known.has(edge.from) && known.has(edge.to)).map((edge) => ({ ...edge }));
  for (const broken of lost?.edges ?? []) {
    const { from, to, via } = broken;
    const edge =
      edges.find((one) => (one.from === via || one.from === from) && one.to === to) ??
      edges.find((one) => one.from === from && one.to === via);
    if (edge) edge.broken ??= broken;
    else if (from && to && known.has(from) && known.has(to))
      edges.push({
        id: `lost:${broken.id}`,
        from,
        to,
        kind: 'lost',
        requestCount: broken.totalCount,
        requestRate: 0,
        errorRatio: 0,
        p50Nano: null,
        p95Nano: null,
        p99Nano: null,
        lostCount: broken.lostCount,
        lostRatio: broken.lostRatio,
        health: 'degraded',
        healthReasons: [],
        previous: null,
        weekBefore: null,
        environments: [],
        broken,
      });
  }
  return edges;
}

/** The traces behind a node. */
export function queryOfNode(node: MapNode): string {
  const name = quoted(node.name);
  if (node.kind === 'service') return `{ resource.service.name = ${name} }`;
  if (node.kind === 'queue') return `{ .messaging.destination.name = ${name} }`;
  if (node.kind === 'database') {
    // Shards and replicas (payments-a, payments-b) are one node.
    const like = quoted(`${node.name.replace(/[^\w-]/g, '\\$&')}.*`);
    return `{ .db.namespace =~ ${like} || .db.name =~ ${like} }`;
  }
  return `{ span.server.address = ${name} || span.peer.service = ${name} }`;
}

/** The traces that went this way. */
export function queryOfEdge(edge: MapEdge, nodes: ReadonlyMap<string, MapNode>): string {
  const from = nodes.get(edge.from);
  const to = nodes.get(edge.to);
  if (!from || !to) return '{}';
  if (from.kind === 'service' && to.kind === 'service') return `${queryOfNode(from)} >> ${queryOfNode(to)}`;
  const [service, other] = from.kind === 'service' ? [from, to] : [to, from];
  return `{ resource.service.name = ${quoted(service.name)} && (${queryOfNode(other).slice(2, -2)}) }`;
}

/** A node and all that it reaches or is reached by in one step. */
export function neighbourhood(focus: string, edges: readonly MapEdge[]): Set<string> {
  return new Set([focus, ...edges.flatMap((edge) => (edge.from === focus ? [edge.to] : edge.to === focus ? [edge.from] : []))]);
}
