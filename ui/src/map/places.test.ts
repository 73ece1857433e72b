import { expect, test } from 'vitest';
import { placedAmongKnown } from './places';

const known = new Map([
  ['a', { x: 0, y: 0 }],
  ['b', { x: 300, y: 0 }],
  ['c', { x: 300, y: 96 }],
]);
const arrow = (from: string, to: string) => ({ id: `${from}>${to}`, from, to });

test('nodes that are known do not move, whatever else is there', () =>
  expect(placedAmongKnown(['c', 'a'], [], known)).toEqual(
    new Map([
      ['c', { x: 300, y: 96 }],
      ['a', { x: 0, y: 0 }],
    ]),
  ));

test('a new node stands beside its caller, on nobody', () => {
  const places = placedAmongKnown(['a', 'b', 'c', 'd'], [arrow('a', 'd')], known);
  expect(places?.get('d')).toEqual({ x: 300, y: 192 });
});

test('two new nodes of one caller do not lie on each other', () => {
  const more = new Map([...known, ['e', { x: 600, y: 0 }], ['f', { x: 600, y: 96 }]] as const);
  const places = placedAmongKnown([...more.keys(), 'x', 'y'], [arrow('a', 'x'), arrow('a', 'y')], more)!;
  expect(places.get('x')).not.toEqual(places.get('y'));
});

test('where most is new, the whole is laid out', () => {
  expect(placedAmongKnown(['x', 'y', 'a'], [], known)).toBeNull();
  expect(placedAmongKnown(['x'], [], new Map())).toBeNull();
});
