import { expect, test } from 'vitest';
import type { Schemas } from '../api/schemas';
import { millis } from '../design/units';
import { lanesOf } from './lanes';

const change = (id: string, service: string | null, seconds: number, environment: string | null = null) =>
  ({ id, service, environment, startedUnixNano: `${seconds}000000000`, receivedUnixNano: '0' }) as Schemas['Change'];
const lanes = (...changes: Schemas['Change'][]) => lanesOf(changes, millis(0), millis(1_000_000));
const places = (...changes: Schemas['Change'][]) => lanes(...changes)[0]!.marks.map((mark) => [mark.at, mark.changes.length]);

test('each service and environment has a lane, the one that changed last first, what names no service at the end', () =>
  expect(
    lanes(change('1', 'a', 100), change('2', null, 900), change('3', 'b', 500), change('4', 'a', 200, 'test')).map((lane) => [
      lane.service,
      lane.environment,
    ]),
  ).toEqual([
    ['b', ''],
    ['a', 'test'],
    ['a', ''],
    ['', ''],
  ]));

test('changes that would lie on each other are one mark', () =>
  expect(places(change('1', 'a', 500), change('2', 'a', 505), change('3', 'a', 800))).toEqual([
    [0.8, 1],
    [0.505, 2],
  ]));

test('one that began before the time shown stands at its edge', () => expect(places(change('1', 'a', -50))).toEqual([[0, 1]]));
