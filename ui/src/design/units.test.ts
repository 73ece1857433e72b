import { expect, test } from 'vitest';
import { addNanos, millis, nanos, nanosBetween, toMillis, toUnixNano } from './units';

test('times keep their nanoseconds', () => {
  expect(nanosBetween('1795518108668522300', '1795518108668522301')).toBe(1);
  expect(addNanos('1795518108668522300', nanos(1))).toBe('1795518108668522301');
});

test('milliseconds go there and back', () => {
  const time = millis(1_795_518_108_668.5);
  expect(toMillis(toUnixNano(time))).toBe(time);
});
