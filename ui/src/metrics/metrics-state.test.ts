import { expect, test } from 'vitest';
import { formatOf, keysOf, seriesName } from './metrics-state';

test('figures have the unit of their metric', () => {
  expect(formatOf('s', 'p95')(0.25)).toBe('250\u202fms');
  expect(formatOf('By', 'rate')(2048)).toBe('2\u202fKiB/s');
  expect(formatOf('s', 'count')(12)).toBe('12');
  expect(formatOf('{request}', 'rate')(3)).toBe('3/s');
  expect(formatOf('Cel', 'avg')(21)).toBe('21 Cel');
});

test('series are named by what tells them apart', () => {
  expect(seriesName({}, 'queue.depth')).toBe('queue.depth');
  expect(seriesName({ service: 'cart', route: '' }, 'x')).toBe('cart, (none)');
});

test('keys to split by, each once', () =>
  expect(keysOf([{ attributes: { b: 1, a: 1 } }, { attributes: { a: 2 } }])).toEqual(['a', 'b']));
