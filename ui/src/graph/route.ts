import type { Layout, Place } from './layout';

/** An SVG path through these points, its corners rounded. */
export function roundedPath(points: readonly Place[], radius = 7): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${first.x},${first.y}`;
  rest.forEach((corner, i) => {
    const before = points[i]!;
    const after = points[i + 2];
    if (!after) {
      path += `L${corner.x},${corner.y}`;
      return;
    }
    const near = towards(corner, before, Math.min(radius, distance(corner, before) / 2));
    const far = towards(corner, after, Math.min(radius, distance(corner, after) / 2));
    path += `L${near.x},${near.y}Q${corner.x},${corner.y} ${far.x},${far.y}`;
  });
  return path;
}

/** What a layout takes up, the ways of its arrows included. */
export function boundsOf(
  { places, routes }: Pick<Layout, 'places' | 'routes'>,
  size: { width: number; height: number },
): { x: number; y: number; width: number; height: number } {
  const points = [
    ...[...places.values()].flatMap(({ x, y }) => [
      { x, y },
      { x: x + size.width, y: y + size.height },
    ]),
    ...[...routes.values()].flatMap((route) => [...route.points, ...(route.label ? [route.label] : [])]),
  ];
  if (points.length === 0) return { x: 0, y: 0, ...size };
  const x = points.reduce((least, point) => Math.min(least, point.x), Number.POSITIVE_INFINITY);
  const y = points.reduce((least, point) => Math.min(least, point.y), Number.POSITIVE_INFINITY);
  const right = points.reduce((most, point) => Math.max(most, point.x), Number.NEGATIVE_INFINITY);
  const bottom = points.reduce((most, point) => Math.max(most, point.y), Number.NEGATIVE_INFINITY);
  return { x, y, width: right - x, height: bottom - y };
}

/** The middle of the longest piece: where a label is in nobody's way. */
export function middleOf(points: readonly Place[]): Place {
  let [from, to] = [points[0] ?? { x: 0, y: 0 }, points[1] ?? points[0] ?? { x: 0, y: 0 }];
  for (let i = 1; i + 1 < points.length; i++)
    if (distance(points[i]!, points[i + 1]!) > distance(from, to)) [from, to] = [points[i]!, points[i + 1]!];
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
}

const distance = (a: Place, b: Place) => Math.hypot(a.x - b.x, a.y - b.y);

function towards(from: Place, to: Place, length: number): Place {
  const whole = distance(from, to);
  if (whole === 0) return from;
  return { x: from.x + ((to.x - from.x) * length) / whole, y: from.y + ((to.y - from.y) * length) / whole };
}
