import { type FlameNode, flameOf } from '../flame/flame';
import type { TraceColumns } from '../model/columns';

/** One side's calls with this path; null when it made none. */
export type Side = { count: number; errors: number; total: number; self: number; example: number } | null;

export type DifferenceRow = { path: string; service: string; name: string; depth: number; a: Side; b: Side; delta: number };

/** Both traces as one tree: calls with the same path of services and names stand in one row. Deeper first where more time is lost. */
export function compareTraces(a: TraceColumns, b: TraceColumns): DifferenceRow[] {
  const rows: DifferenceRow[] = [];
  type Pair = { a: FlameNode | null; b: FlameNode | null; path: string };
  const label = (columns: TraceColumns, node: FlameNode) => ({
    service: columns.services[node.service]!,
    name: columns.names[node.name]!,
  });
  const below = (above: Pair): Pair[] => {
    const pairs = new Map<string, Pair>();
    for (const node of above.a?.children ?? []) {
      const { service, name } = label(a, node);
      const path = `${above.path}\n${service}\t${name}`;
      pairs.set(path, { a: node, b: null, path });
    }
    for (const node of above.b?.children ?? []) {
      const { service, name } = label(b, node);
      const path = `${above.path}\n${service}\t${name}`;
      pairs.set(path, { a: pairs.get(path)?.a ?? null, b: node, path });
    }
    return [...pairs.values()].sort((one, other) => first(one) - first(other));
  };
  const waiting = below({ a: flameOf(a), b: flameOf(b), path: '' }).reverse();
  for (let pair = waiting.pop(); pair; pair = waiting.pop()) {
    const node = (pair.b ?? pair.a)!;
    const { service, name } = pair.b ? label(b, pair.b) : label(a, pair.a!);
    rows.push({
      path: pair.path,
      service,
      name,
      depth: node.depth,
      a: side(pair.a),
      b: side(pair.b),
      delta: (pair.b?.self ?? 0) - (pair.a?.self ?? 0),
    });
    waiting.push(...below(pair).reverse());
  }
  return rows;
}

const first = (pair: { a: FlameNode | null; b: FlameNode | null }) => (pair.b ?? pair.a)!.example;

const side = (node: FlameNode | null): Side =>
  node && { count: node.count, errors: node.errors, total: node.total, self: node.self, example: node.example };
