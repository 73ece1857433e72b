import { isError, type TraceColumns } from '../model/columns';

/** Calls with the same path of services and names, as one. */
export type FlameNode = {
  service: number;
  name: number;
  depth: number;
  count: number;
  errors: number;
  /** Own time, summed, */
  self: number;
  /** and with everything below: what its width is. */
  total: number;
  example: number;
  children: FlameNode[];
};

export function flameOf(columns: TraceColumns): FlameNode {
  const root: FlameNode = { service: -1, name: -1, depth: -1, count: 0, errors: 0, self: 0, total: 0, example: -1, children: [] };
  const nodeOf: FlameNode[] = new Array(columns.count);
  const known = new Map<FlameNode, Map<number, FlameNode>>();
  for (let span = 0; span < columns.count; span++) {
    const above = columns.parent[span]! < 0 ? root : nodeOf[columns.parent[span]!]!;
    const key = columns.service[span]! * columns.names.length + columns.name[span]!;
    const below = known.get(above) ?? new Map<number, FlameNode>();
    known.set(above, below);
    let node = below.get(key);
    if (!node) {
      node = {
        service: columns.service[span]!,
        name: columns.name[span]!,
        depth: above.depth + 1,
        count: 0,
        errors: 0,
        self: 0,
        total: 0,
        example: span,
        children: [],
      };
      below.set(key, node);
      above.children.push(node);
    }
    nodeOf[span] = node;
    node.count++;
    if (isError(columns, span)) node.errors++;
    node.self += columns.self[span]!;
    if (columns.duration[span]! > columns.duration[node.example]!) node.example = span;
  }
  sum(root);
  return root;
}

/** Adds up from the leaves, without recursion: paths may be ten thousand deep. */
function sum(root: FlameNode) {
  const order: FlameNode[] = [];
  const waiting = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    order.push(node);
    waiting.push(...node.children);
  }
  for (const node of order.reverse()) {
    node.total = node.self + node.children.reduce((total, child) => total + child.total, 0);
    node.children.sort((a, b) => b.total - a.total);
  }
}

export type FlameBox = { node: FlameNode; left: number; width: number; row: number };

/** Boxes that are wide enough to be seen when `focus` is as wide as the picture; its ancestors lie above it at full width. */
export function flameBoxes(root: FlameNode, focus: FlameNode, path: readonly FlameNode[], narrowest: number): FlameBox[] {
  const boxes: FlameBox[] = path.map((node, row) => ({ node, left: 0, width: 1, row }));
  const top = path.length;
  const waiting: FlameBox[] = focus === root ? [] : [{ node: focus, left: 0, width: 1, row: top }];
  const spread = (node: FlameNode, left: number, width: number, row: number) => {
    let at = left;
    for (const child of node.children) {
      const share = node.total > 0 ? (child.total / node.total) * width : 0;
      if (share >= narrowest) waiting.push({ node: child, left: at, width: share, row });
      at += share;
    }
  };
  if (focus === root) spread(root, 0, 1, 0);
  for (let box = waiting.pop(); box; box = waiting.pop()) {
    boxes.push(box);
    spread(box.node, box.left, box.width, box.row + 1);
  }
  return boxes;
}

/** The paths with the most own time. */
export function hottest(root: FlameNode, count: number): FlameNode[] {
  const all: FlameNode[] = [];
  const waiting = [...root.children];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    all.push(node);
    waiting.push(...node.children);
  }
  return all.sort((a, b) => b.self - a.self).slice(0, count);
}
