import { expect, test } from 'vitest';
import { boundsOf, middleOf, roundedPath } from './route';

const bent = [
  { x: 0, y: 0 },
  { x: 20, y: 0 },
  { x: 20, y: 100 },
  { x: 40, y: 100 },
];

test('a path begins and ends where its points do, and cuts its corners', () =>
  expect(roundedPath(bent)).toBe('M0,0L13,0Q20,0 20,7L20,93Q20,100 27,100L40,100'));

test('a corner is never cut further than half way to the next', () => {
  const tight = [
    { x: 0, y: 0 },
    { x: 4, y: 0 },
    { x: 4, y: 4 },
  ];
  expect(roundedPath(tight)).toBe('M0,0L2,0Q4,0 4,2L4,4');
});

test('points that lie on each other make no broken path', () => {
  const same = { x: 5, y: 5 };
  expect(roundedPath([same, same, same])).not.toContain('NaN');
  expect(roundedPath([])).toBe('');
});

test('the middle is that of the longest piece', () => {
  expect(middleOf(bent)).toEqual({ x: 20, y: 50 });
  expect(middleOf([])).toEqual({ x: 0, y: 0 });
});

test('a picture takes up its boxes and the ways around them', () => {
  const layout = { places: new Map([['a', { x: 10, y: 10 }]]), routes: new Map([['e', { points: bent }]]) };
  expect(boundsOf(layout, { width: 100, height: 50 })).toEqual({ x: 0, y: 0, width: 110, height: 100 });
  expect(boundsOf({ places: new Map(), routes: new Map() }, { width: 1, height: 2 })).toEqual({
    x: 0,
    y: 0,
    width: 1,
    height: 2,
  });
});
