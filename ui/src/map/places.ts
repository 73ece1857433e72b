import type { Arrow, Layout, Place, Route } from '../graph/layout';

type Box = { id: string; width: number; height: number };
type Graph = { boxes: readonly Box[]; arrows: readonly Arrow[] };

/** The map as this browser last laid it out: one that moves every minute cannot be learned. */
export type Kept = { width: number; arrows: readonly Arrow[]; layout: Layout };

const key = 'waybill.map';
const arrowsMax = 1_500;

export function keptMap(): Kept | null {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? 'null') as {
      width: number;
      arrows: Arrow[];
      layout: Omit<Layout, 'places' | 'routes'>;
      places: [string, Place][];
      routes: [string, Route][];
    } | null;
    if (!stored) return null;
    const { width, arrows, layout, places, routes } = stored;
    return { width, arrows, layout: { ...layout, places: new Map(places), routes: new Map(routes) } };
  } catch {
    return null;
  }
}

export function keepMap({ width, arrows, layout }: Kept) {
  const { places, routes, ...rest } = layout;
  try {
    if (arrows.length > arrowsMax) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify({ width, arrows, layout: rest, places: [...places], routes: [...routes] }));
  } catch {
    // Full, or forbidden: the map is then laid out anew each time.
  }
}

/** Whether all of it has a place already. What is kept and not there any more is only not drawn. */
export function covers({ width, layout }: Kept, { boxes, arrows }: Graph): boolean {
  return (
    boxes.every((box) => box.width === width && layout.places.has(box.id)) && arrows.every((arrow) => layout.routes.has(arrow.id))
  );
}

/**
 * With what was there before, so that what comes and goes keeps a place of its own and moves nothing when it comes again. Another map, or
 * one of which little is left, is forgotten.
 */
export function withKept(graph: Graph, kept: Kept | null): Graph {
  const size = graph.boxes[0];
  if (!kept || !size || kept.width !== size.width) return graph;
  const known = graph.boxes.filter((box) => kept.layout.places.has(box.id)).length;
  if (known * 2 < graph.boxes.length || known * 2 < kept.layout.places.size) return graph;
  const boxes = new Map([...kept.layout.places.keys()].map((id) => [id, { ...size, id }]));
  for (const box of graph.boxes) boxes.set(box.id, box);
  const arrows = new Map([...kept.arrows, ...graph.arrows].map((arrow) => [arrow.id, arrow]));
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  return { boxes: [...boxes.values()].sort(byId), arrows: [...arrows.values()].sort(byId) };
}
