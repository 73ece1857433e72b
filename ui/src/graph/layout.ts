import type { ElkNode } from 'elkjs/lib/elk-api';

export type Box = { id: string; width: number; height: number };
export type Arrow = { id: string; from: string; to: string };
export type Place = { x: number; y: number };

/** Places of boxes so that arrows go from left to right and rarely cross. The library is loaded with the first graph. */
export async function layered(boxes: readonly Box[], arrows: readonly Arrow[]): Promise<Map<string, Place>> {
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js');
  const graph: ElkNode = {
    id: 'graph',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.spacing.nodeNode': '28',
      'elk.layered.spacing.nodeNodeBetweenLayers': '90',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
    },
    children: boxes.map((box) => ({ ...box })),
    edges: arrows.map((arrow) => ({ id: arrow.id, sources: [arrow.from], targets: [arrow.to] })),
  };
  const placed = await new Elk().layout(graph);
  return new Map((placed.children ?? []).map((child) => [child.id, { x: child.x ?? 0, y: child.y ?? 0 }]));
}
