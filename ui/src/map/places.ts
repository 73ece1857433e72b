import type { Arrow, Direction, Layout, Place, Route } from '../graph/layout';

export type Places = ReadonlyMap<string, Place>;
export type Remembered = { direction: Direction; places: Places };

const key = 'waybill.map';
const keptMax = 2_000;
const nothing: Remembered = { direction: 'RIGHT', places: new Map() };

/** Where this browser last saw each node: a map that moves every minute cannot be learned. */
export function remembered(): Remembered {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? '{}') as { direction?: unknown; places?: unknown };
    if (!Array.isArray(stored.places)) return nothing;
    const places = stored.places.flatMap((one: unknown): [string, Place][] =>
      Array.isArray(one) && typeof one[0] === 'string' && Number.isFinite(one[1]) && Number.isFinite(one[2])
        ? [[one[0], { x: one[1] as number, y: one[2] as number }]]
        : [],
    );
    return { direction: stored.direction === 'DOWN' ? 'DOWN' : 'RIGHT', places: new Map(places) };
  } catch {
    return nothing;
  }
}

export function remember({ direction, places }: Pick<Layout, 'direction' | 'places'>) {
  const before = remembered();
  // Places of a layout that led the other way say nothing in this one. The last ones are the latest seen.
  const kept = before.direction === direction ? [...before.places].filter(([id]) => !places.has(id)) : [];
  const written = [...kept, ...places].slice(-keptMax).map(([id, { x, y }]) => [id, Math.round(x), Math.round(y)]);
  try {
    localStorage.setItem(key, JSON.stringify({ direction, places: written }));
  } catch {
    // Full, or forbidden: the map is then laid out anew each time.
  }
}

const layoutKey = 'waybill.map.layout';
const arrowsMax = 1_500;

/** The last layout, of a map with the same nodes and arrows: the same picture without any work. */
export function rememberedLayout(of: string): Layout | null {
  try {
    const stored = JSON.parse(localStorage.getItem(layoutKey) ?? '{}') as {
      of?: string;
      layout?: Omit<Layout, 'places' | 'routes'> & { places: [string, Place][]; routes: [string, Route][] };
    };
    if (stored.of !== of || !stored.layout) return null;
    return { ...stored.layout, places: new Map(stored.layout.places), routes: new Map(stored.layout.routes) };
  } catch {
    return null;
  }
}

export function rememberLayout(of: string, layout: Layout | null) {
  try {
    if (!layout || layout.routes.size > arrowsMax) localStorage.removeItem(layoutKey);
    else
      localStorage.setItem(
        layoutKey,
        JSON.stringify({ of, layout: { ...layout, places: [...layout.places], routes: [...layout.routes] } }),
      );
  } catch {
    // As above.
  }
}

/**
 * Known nodes stay where they are; a few new ones stand beside a neighbour, where nothing else is. Null when so much is new that the
 * whole must be laid out.
 */
export function placedAmongKnown(
  ids: readonly string[],
  arrows: readonly Arrow[],
  { direction, places: known }: Remembered,
): Places | null {
  const places = new Map(ids.flatMap((id) => (known.has(id) ? [[id, known.get(id)!] as const] : [])));
  const fresh = ids.filter((id) => !places.has(id));
  if (fresh.length * 3 > ids.length) return null;
  const { along, across } =
    direction === 'RIGHT'
      ? { along: { x: 300, y: 0 }, across: { x: 0, y: 96 } }
      : { along: { x: 0, y: 150 }, across: { x: 220, y: 0 } };
  const isTaken = (place: Place) =>
    [...places.values()].some(
      (one) => Math.abs(one.x - place.x) < (along.x + across.x) * 0.8 && Math.abs(one.y - place.y) < (along.y + across.y) * 0.8,
    );
  for (const id of fresh) {
    const caller = arrows.find((one) => one.to === id && places.has(one.from));
    const called = arrows.find((one) => one.from === id && places.has(one.to));
    const origin = caller ? places.get(caller.from)! : called ? places.get(called.to)! : { x: -across.x, y: -across.y };
    const step = caller ? 1 : called ? -1 : 0;
    let place = { x: origin.x + step * along.x, y: origin.y + step * along.y };
    while (isTaken(place)) place = { x: place.x + across.x, y: place.y + across.y };
    places.set(id, place);
  }
  return places;
}
