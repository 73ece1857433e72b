import { expect, test } from 'vitest';
import { placedAmongKnown } from './places';

const places = new Map([
  ['a', { x: 0, y: 0 }],
  ['b', { x: 300, y: 0 }],
  ['c', { x: 300, y: 96 }],
]);
const known = { direction: 'RIGHT' as const, places };
const arrow = (from: string, to: string) => ({ id: `${from}>${to}`, from, to });

test('nodes that are known do not move, whatever else is there', () =>
  expect(placedAmongKnown(['c', 'a'], [], known)).toEqual(
    new Map([
      ['c', { x: 300, y: 96 }],
      ['a', { x: 0, y: 0 }],
    ]),
  ));

test('a new node stands beside its caller, on nobody', () => {
  const placed = placedAmongKnown(['a', 'b', 'c', 'd'], [arrow('a', 'd')], known);
  expect(placed?.get('d')).toEqual({ x: 300, y: 192 });
});

test('two new nodes of one caller do not lie on each other', () => {
  const more = new Map([...places, ['e', { x: 600, y: 0 }], ['f', { x: 600, y: 96 }]] as const);
  const arrows = [arrow('a', 'x'), arrow('a', 'y')];
  const placed = placedAmongKnown([...more.keys(), 'x', 'y'], arrows, { ...known, places: more })!;
  expect(placed.get('x')).not.toEqual(placed.get('y'));
});

test('where most is new, the whole is laid out', () => {
  expect(placedAmongKnown(['x', 'y', 'a'], [], known)).toBeNull();
  expect(placedAmongKnown(['x'], [], { ...known, places: new Map() })).toBeNull();
});

test('where arrows lead down, a new node stands below its caller', () => {
  const down = { direction: 'DOWN' as const, places: new Map([...places, ['d', { x: 220, y: 150 }]] as const) };
  expect(placedAmongKnown(['a', 'b', 'c', 'd', 'e'], [arrow('a', 'e')], down)?.get('e')).toEqual({ x: 0, y: 150 });
});
