import { expect, test } from 'vitest';
import type { Schemas } from '../api/schemas';
import { chosenOf, findMetrics, keysOf, parseFilter, writeFilter } from './metric-state';
import { formatOf, seriesName, summaryOf } from './metric-values';

const plain = (text: string) => text.replace(/\u202f/g, ' ');

const metric = (name: string, kind: string, unit = 's', services = ['cart']): Schemas['SeenMetric'] => ({
  metric: name,
  kind,
  unit,
  description: `About ${name}`,
  temporality: 'cumulative',
  monotonic: false,
  seriesCount: 1,
  services,
  functions: ['avg'],
  firstSeenUnixNano: '1',
  lastSeenUnixNano: '2',
});

test.each([
  ['p95', 'histogram', 's', 0.25, '250 ms'],
  ['rate', 'histogram', 's', 12, '12 /s'],
  ['count', 'histogram', 'By', 1_500, '1,500'],
  ['avg', 'gauge', 'By', 2_048, '2 KiB'],
  ['rate', 'sum', 'By', 2_048, '2 KiB/s'],
  ['rate', 'sum', '{request}', 3, '3 /s'],
  ['avg', 'gauge', '1', 0.0123, '0.012'],
  ['avg', 'gauge', '%', 41.5, '41.5 %'],
  ['max', 'gauge', 'Cel', 41.5, '41.5 Cel'],
  ['rate', 'sum', 'ms', 20, '20 ms/s'],
])('%s of a %s in %s: %d is %s', (fn, kind, unit, value, written) =>
  expect(plain(formatOf({ fn, kind, unit })(value))).toBe(written),
);

test('a filter is read as it was written, whatever its value holds', () => {
  for (const filter of [
    { key: 'http.route', is: true, value: '/a=b!=c' },
    { key: 'resource.service.version', is: false, value: '' },
    { key: 'x', is: true, value: 'line\nbreak' },
  ])
    expect(parseFilter(writeFilter(filter))).toEqual(filter);
  expect(parseFilter('nothing')).toBeNull();
});

test('the address chooses; without one it is the duration of requests, then any histogram, then the first', () => {
  const all = [metric('a', 'gauge'), metric('b', 'sum', 'By'), metric('b', 'histogram', 's')];
  expect(chosenOf(all, { metric: 'b', kind: 'histogram', unit: '' })).toBe(all[2]);
  expect(chosenOf(all, { metric: 'b', kind: '', unit: 'By' })).toBe(all[1]);
  expect(chosenOf(all, { metric: 'gone', kind: '', unit: '' })).toBeUndefined();
  expect(chosenOf(all, { metric: '', kind: '', unit: '' })).toBe(all[2]);
  const duration = metric('http.server.request.duration', 'sum');
  expect(chosenOf([...all, duration], { metric: '', kind: '', unit: '' })).toBe(duration);
  expect(chosenOf([], { metric: '', kind: '', unit: '' })).toBeUndefined();
});

test('every word must be found, in the name, the description or a service', () => {
  const all = [metric('http.requests', 'sum', '1', ['orders']), metric('queue.depth', 'gauge')];
  expect(findMetrics(all, ' HTTP orders ').map((one) => one.metric)).toEqual(['http.requests']);
  expect(findMetrics(all, '')).toHaveLength(2);
  expect(findMetrics(all, 'http cart')).toHaveLength(0);
});

test('keys that tell series apart stand before those that are the same for all', () => {
  const series = (service: string, route: string): Schemas['SeenSeries'] => ({
    seriesId: route,
    service,
    kind: 'sum',
    unit: '1',
    temporality: 'delta',
    monotonic: true,
    attributes: { 'http.route': route, list: ['a'] },
    resource: { 'service.name': service, 'service.version': '1' },
    firstSeenUnixNano: '1',
    lastSeenUnixNano: '2',
  });
  expect(keysOf([series('cart', '/b'), series('cart', '/a')])).toEqual([
    { key: 'http.route', values: ['/a', '/b'] },
    { key: 'service', values: ['cart'] },
    { key: 'list', values: ['["a"]'] },
    { key: 'resource.service.version', values: ['1'] },
  ]);
});

test('a series is named by what it was split by, also where it lacks it', () => {
  expect(seriesName({ service: 'cart', 'http.route': '' }, 'm')).toBe('cart · no http.route');
  expect(seriesName({}, 'm')).toBe('m');
});

test('a summary leaves out what is not there', () => {
  expect(summaryOf([null, 2, 4, null])).toEqual({ min: 2, max: 4, mean: 3, last: 4 });
  expect(summaryOf([null])).toBeNull();
});
