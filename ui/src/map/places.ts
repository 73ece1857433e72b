import type { Arrow, Place } from '../graph/layout';

export type Places = ReadonlyMap<string, Place>;

const key = 'waybill.map.places';
const keptMax = 2_000;
const besides = { x: 300, y: 96 };

/** Where this browser last saw each node: a map that moves every minute cannot be learned. */
export function rememberedPlaces(): Places {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    if (!Array.isArray(stored)) return new Map();
    return new Map(
      stored.flatMap((one: unknown): [string, Place][] =>
        Array.isArray(one) && typeof one[0] === 'string' && Number.isFinite(one[1]) && Number.isFinite(one[2])
          ? [[one[0], { x: one[1] as number, y: one[2] as number }]]
          : [],
      ),
    );
  } catch {
    return new Map();
  }
}

export function rememberPlaces(places: Places) {
  try {
    // The last ones are the latest seen.
    localStorage.setItem(key, JSON.stringify([...places].slice(-keptMax).map(([id, { x, y }]) => [id, x, y])));
  } catch {
    // Full, or forbidden: the map is then laid out anew each time.
  }
}

/**
 * Known nodes stay where they are; a few new ones stand beside a neighbour, where nothing else is. Null when so much is new that the
 * whole must be laid out.
 */
export function placedAmongKnown(ids: readonly string[], arrows: readonly Arrow[], known: Places): Places | null {
  const places = new Map(ids.flatMap((id) => (known.has(id) ? [[id, known.get(id)!] as const] : [])));
  const fresh = ids.filter((id) => !places.has(id));
  if (fresh.length * 3 > ids.length) return null;
  for (const id of fresh) {
    const caller = arrows.find((one) => one.to === id && places.has(one.from));
    const called = arrows.find((one) => one.from === id && places.has(one.to));
    const origin = caller ? places.get(caller.from)! : called ? places.get(called.to)! : { x: 0, y: -besides.y };
    const place = { x: origin.x + (caller ? besides.x : called ? -besides.x : 0), y: origin.y };
    while (isTaken(place, places)) place.y += besides.y;
    places.set(id, place);
  }
  return places;
}

const isTaken = (place: Place, places: Places) =>
  [...places.values()].some((one) => Math.abs(one.x - place.x) < besides.x * 0.8 && Math.abs(one.y - place.y) < besides.y * 0.8);
