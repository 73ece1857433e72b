import { describe, expect, test } from 'vitest';
import { millis } from '../design/units';
import { describeAgo, parseAgo, parsePoint, resolveRange, writePoint } from './range';

const now = millis(Date.parse('2026-11-24T10:44:03Z'));

test('a time ago', () => {
  expect([parseAgo('15m'), parseAgo('1h30m'), parseAgo('7d')]).toEqual([900_000, 5_400_000, 604_800_000]);
  expect(['', 'm', '15', '1y', '0m', '-5m', '5m later'].map(parseAgo)).toEqual(Array(7).fill(null));
});

describe('points in time', () => {
  test('what is written is read back', () => {
    const time = millis(now - 86_400_000);
    expect(parsePoint(writePoint(time), now)).toBe(time);
  });
  test('a bare time is today', () => expect(writePoint(parsePoint('9:05', now)!)).toMatch(/ 09:05:00$/));
  test('nonsense is no time', () => expect(parsePoint('yesterday-ish', now)).toBeNull());
});

describe('ranges', () => {
  test('relative ones end now', () => expect(resolveRange('1h', '', now)).toMatchObject({ since: now - 3_600_000, until: now }));
  test('a start after the end falls back to the hour before it', () =>
    expect(resolveRange('2030-01-01', '2026-11-24T10:00:00Z', now)).toMatchObject({
      until: Date.parse('2026-11-24T10:00:00Z'),
      since: Date.parse('2026-11-24T09:00:00Z'),
    }));
  test('nanoseconds are exact', () => expect(resolveRange('1h', '', now).untilUnixNano).toBe('1795517043000000000'));
});

test('names', () => expect(['1h', '15m', '1h30m'].map(describeAgo)).toEqual(['Last hour', 'Last 15 minutes', 'Last 1h30m']));
