import { isError, type TraceColumns } from '../model/columns';

/** Who called whom in one trace. */
export type ServiceNode = { service: number; spans: number; errors: number; self: number };
export type CallEdge = { from: number; to: number; calls: number; errors: number; duration: number; example: number };

export function callsOf(columns: TraceColumns): { nodes: ServiceNode[]; edges: CallEdge[] } {
  const nodes = columns.services.map((_, service): ServiceNode => ({ service, spans: 0, errors: 0, self: 0 }));
  const edges = new Map<string, CallEdge>();
  for (let span = 0; span < columns.count; span++) {
    const to = columns.service[span]!;
    const failed = isError(columns, span) ? 1 : 0;
    const node = nodes[to]!;
    node.spans++;
    node.errors += failed;
    node.self += columns.self[span]!;
    const parent = columns.parent[span]!;
    if (parent < 0 || columns.service[parent] === to) continue;
    const from = columns.service[parent]!;
    const key = `${from} ${to}`;
    const edge = edges.get(key) ?? { from, to, calls: 0, errors: 0, duration: 0, example: span };
    edge.calls++;
    edge.errors += failed;
    edge.duration += Math.max(0, columns.duration[span]!);
    if (failed && !isError(columns, edge.example)) edge.example = span;
    edges.set(key, edge);
  }
  return { nodes, edges: [...edges.values()] };
}
