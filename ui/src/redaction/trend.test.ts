import { expect, test } from 'vitest';
import { trendOf } from './trend';

test('an hour without findings of a detector is zero', () => {
  const trend = [
    { hourUnixNano: '2', family: 'secret', detector: 'jwt', count: 3 },
    { hourUnixNano: '1', family: 'personal', detector: 'email', count: 5 },
    { hourUnixNano: '2', family: 'secret', detector: 'jwt', count: 1 },
  ];
  expect(trendOf(trend, 'jwt')).toEqual([0, 4]);
  expect(trendOf(trend, 'email')).toEqual([5, 0]);
});
