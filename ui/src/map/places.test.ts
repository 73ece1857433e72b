import { expect, test } from 'vitest';
import { covers, type Kept, withKept } from './places';

const arrow = (from: string, to: string) => ({ id: `${from}>${to}`, from, to });
const graph = (names: string, ...arrows: [string, string][]) => ({
  boxes: [...names].map((id) => ({ id, width: 100, height: 50 })),
  arrows: arrows.map(([from, to]) => arrow(from, to)),
});
const kept: Kept = {
  width: 100,
  arrows: [arrow('a', 'b'), arrow('b', 'c')],
  layout: {
    direction: 'DOWN',
    width: 300,
    height: 300,
    places: new Map([...'abc'].map((id, i) => [id, { x: 0, y: i * 100 }])),
    routes: new Map(['a>b', 'b>c'].map((id) => [id, { points: [] }])),
  },
};
const names = (of: { boxes: readonly { id: string }[] }) => of.boxes.map((box) => box.id).join('');

test('what has a place keeps it, whatever else went away', () => {
  expect(covers(kept, graph('abc', ['a', 'b'], ['b', 'c']))).toBe(true);
  expect(covers(kept, graph('ac'))).toBe(true);
});

test('a new node, a new arrow and another size of cards need another layout', () => {
  expect(covers(kept, graph('abcd'))).toBe(false);
  expect(covers(kept, graph('abc', ['a', 'c']))).toBe(false);
  expect(covers({ ...kept, width: 90 }, graph('abc'))).toBe(false);
});

test('it is laid out with what was there before, each once', () => {
  const joined = withKept(graph('acd', ['a', 'b'], ['c', 'd']), kept);
  expect(names(joined)).toBe('abcd');
  expect(joined.arrows.map((one) => one.id)).toEqual(['a>b', 'b>c', 'c>d']);
});

test('another map, and one of which little is left, is forgotten', () => {
  expect(names(withKept(graph('xyz'), kept))).toBe('xyz');
  expect(names(withKept(graph('a'), kept))).toBe('a');
  expect(names(withKept(graph('xyz'), null))).toBe('xyz');
});
