import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api';
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker';

export type Place = { x: number; y: number };
type Box = { id: string; width: number; height: number };
/** The size of a label makes room for it on the way of its arrow. */
export type Arrow = { id: string; from: string; to: string; label?: { width: number; height: number } };
export type Direction = 'RIGHT' | 'DOWN';

/** The way of an arrow around the boxes, and the middle of its label. */
export type Route = { points: readonly Place[]; label?: Place };
export type Layout = {
  direction: Direction;
  places: ReadonlyMap<string, Place>;
  routes: ReadonlyMap<string, Route>;
  width: number;
  height: number;
};

type Places = ReadonlyMap<string, Place>;
type Options = Record<string, string>;

/** Above this many boxes they stand closer, and columns are short enough for the whole to have about the shape of a screen. */
const crowd = 60;
const rowsPerRoot = 2.4;

const ordinary: Options = {
  'elk.spacing.nodeNode': '24',
  'elk.layered.spacing.nodeNodeBetweenLayers': '44',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '9',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
};
const close: Options = {
  'elk.spacing.nodeNode': '12',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.spacing.edgeNode': '6',
  'elk.spacing.edgeEdge': '4',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '4',
  'elk.layered.spacing.edgeNodeBetweenLayers': '8',
  'elk.layered.mergeEdges': 'true',
  'elk.layered.nodePlacement.strategy': 'SIMPLE',
};
const keepColumns: Options = {
  'elk.layered.cycleBreaking.strategy': 'INTERACTIVE',
  'elk.layered.layering.strategy': 'INTERACTIVE',
};
const keepAll: Options = {
  ...keepColumns,
  'elk.layered.crossingMinimization.strategy': 'INTERACTIVE',
  'elk.layered.nodePlacement.strategy': 'INTERACTIVE',
};

type Graph = { boxes: readonly Box[]; arrows: readonly Arrow[] };

/** Boxes placed so that arrows lead one way, rarely cross, and go around boxes; the way that shows larger in a picture of this shape. */
export function laidOut(graph: Graph, picture: { width: number; height: number }): Promise<Layout> {
  return withElk((elk) => anew(elk, graph, picture));
}

/** From where they are: each keeps its row and the order of its column. Without room for labels, which know no place to be kept. */
export function laidOutAgain({ boxes, arrows }: Graph, direction: Direction, known: Places): Promise<Layout> {
  const bare = arrows.map(({ id, from, to }) => ({ id, from, to }));
  return withElk((elk) => run(elk, { boxes, arrows: bare }, direction, keepAll, known));
}

async function anew(elk: ELK, graph: Graph, picture: { width: number; height: number }): Promise<Layout> {
  const wide = await run(elk, graph, 'RIGHT', {});
  if (graph.boxes.length > crowd) return run(elk, graph, 'RIGHT', keepColumns, shortened(wide.places, graph.boxes.length));
  const tall = await run(elk, graph, 'DOWN', {});
  const scale = ({ width, height }: Layout) => Math.min(1, picture.width / width, picture.height / height);
  // From left to right is what people expect: down must be worth it.
  return scale(tall) > scale(wide) * 1.15 ? tall : wide;
}

/** Long columns become several: nobody in a column leads to another one of it. */
function shortened(places: Places, count: number): Places {
  const rowsMax = Math.ceil(rowsPerRoot * Math.sqrt(count));
  const columns = new Map<number, string[]>();
  for (const [id, { x }] of [...places].sort(([, a], [, b]) => a.y - b.y)) columns.set(x, [...(columns.get(x) ?? []), id]);
  const next = new Map<string, Place>();
  let left = 0;
  for (const [, ids] of [...columns].sort(([a], [b]) => a - b)) {
    const parts = Math.ceil(ids.length / rowsMax);
    for (const [i, id] of ids.entries()) next.set(id, { x: (left + (i % parts)) * columnWidth, y: i });
    left += parts;
  }
  return next;
}

/** More than any box is wide: boxes of two columns must not overlap, else they are taken for one. */
const columnWidth = 400;

/** The worker lives as long as it takes. */
async function withElk<T>(work: (elk: ELK) => Promise<T>): Promise<T> {
  const { default: Elk } = await import('elkjs/lib/elk-api.js');
  const elk = new Elk({ workerFactory: () => new ElkWorker() });
  try {
    return await work(elk);
  } finally {
    elk.terminateWorker();
  }
}

async function run(elk: ELK, { boxes, arrows }: Graph, direction: Direction, options: Options, known?: Places): Promise<Layout> {
  const graph: ElkNode = {
    id: 'graph',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': direction,
      'elk.edgeRouting': 'ORTHOGONAL',
      ...(boxes.length > crowd ? close : ordinary),
      ...options,
    },
    children: boxes.map((box) => ({ ...box, ...known?.get(box.id) })),
    edges: arrows.map(
      (arrow): ElkExtendedEdge => ({
        id: arrow.id,
        sources: [arrow.from],
        targets: [arrow.to],
        ...(arrow.label ? { labels: [{ text: ' ', ...arrow.label, layoutOptions: { 'elk.edgeLabels.inline': 'true' } }] } : {}),
      }),
    ),
  };
  const placed: ElkNode = await elk.layout(graph);
  return {
    direction,
    places: new Map((placed.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x, y }])),
    routes: new Map((placed.edges ?? []).flatMap(routeOf)),
    width: placed.width ?? 0,
    height: placed.height ?? 0,
  };
}

function routeOf(edge: ElkExtendedEdge): [string, Route][] {
  const sections = edge.sections ?? [];
  if (sections.length === 0) return [];
  const points = sections.flatMap((one) => [one.startPoint, ...(one.bendPoints ?? []), one.endPoint]);
  const label = edge.labels?.[0];
  if (!label) return [[edge.id, { points }]];
  const middle = { x: (label.x ?? 0) + (label.width ?? 0) / 2, y: (label.y ?? 0) + (label.height ?? 0) / 2 };
  return [[edge.id, { points, label: middle }]];
}
