import { expect, test } from 'vitest';
import { millis } from '../design/units';
import { momentOf, notches, windowOf } from './moment';

const hour = { since: millis(0), until: millis(3_600_000) };

test('without a moment the map shows the whole range', () =>
  expect(windowOf(hour, '')).toEqual({ since: hour.since, until: hour.until }));

test('a moment shows the time up to it, within the range', () => {
  expect(windowOf(hour, '1800000')).toEqual({ since: 1_650_000, until: 1_800_000 });
  expect(windowOf(hour, '1000')).toEqual({ since: 0, until: 150_000 });
  expect(windowOf(hour, 'nonsense')).toEqual({ since: hour.since, until: hour.until });
});

test('the slider and the address say the same', () => {
  expect(momentOf(hour, notches)).toBe('');
  expect(momentOf(hour, 24)).toBe('1800000');
});
