import { expect, test } from 'vitest';
import { nameFor, ofRoom } from './views';

const view = (name: string, address: string, mine: boolean) => ({
  id: name,
  name,
  address,
  mine,
  owner: 'ada',
  shared: true,
  savedUnixNano: '0',
});

test('a room shows its own views, one’s own first', () =>
  expect(
    ofRoom([view('b', '/search?q=1', false), view('c', '/logs', true), view('a', '/search', true)], '/search').map(
      (one) => one.name,
    ),
  ).toEqual(['a', 'b']));

test('a view is called by its condition', () => {
  expect(nameFor('{ status = error }')).toBe('status = error');
  expect(nameFor('{}')).toBe('');
  expect(nameFor(`{ name = "${'x'.repeat(100)}" }`)).toHaveLength(61);
});
