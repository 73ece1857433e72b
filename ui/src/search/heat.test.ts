import { expect, test } from 'vitest';
import { heatOf, shade } from './heat';
import type { MetricAnswer } from './trace-metrics';

const answer = {
  stepNano: 60e9,
  timestampsUnixNano: ['60000000000', '120000000000'],
  series: [
    { labels: { __bucket: 0.008 }, values: [4, null] },
    { labels: { __bucket: 0.001 }, values: [0, 9] },
  ],
} as unknown as MetricAnswer;

test('buckets that were not sent are empty rows', () => {
  const heat = heatOf(answer);
  expect(heat.bounds.map((bound) => Math.round(bound / 1e6))).toEqual([1, 2, 4, 8]);
  expect(heat.counts).toEqual([
    [0, 9],
    [0, 0],
    [0, 0],
    [4, 0],
  ]);
  expect(heat.most).toBe(9);
});

test('nothing makes an empty grid', () => expect(heatOf({ ...answer, series: [] }).bounds).toEqual([]));

test('few are seen beside many', () =>
  expect([shade(0, 1_000), shade(1, 1_000) > 0.15, shade(1_000, 1_000)]).toEqual([0, true, 1]));
