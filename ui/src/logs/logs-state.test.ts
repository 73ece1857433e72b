import { expect, test } from 'vitest';
import { attributeField, countValues, literal, narrowed, severityName } from './logs-state';

test('severities by number', () =>
  expect([0, 1, 8, 9, 13, 17, 24, 99].map(severityName)).toEqual([
    'unknown',
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'fatal',
    'fatal',
  ]));

test('a filter is narrowed, also one that the builder cannot read', () => {
  expect(narrowed('', 'service', '=', '"a"')).toBe('{ service = "a" }');
  expect(narrowed('{ service = "a" }', 'service', '=', '"b"')).toBe('{ service = "b" }');
  expect(narrowed('{ a = 1 || b = 2 }', 'service', '!=', '"x"')).toBe('{ (a = 1 || b = 2) && service != "x" }');
});

test('names and values cannot end early', () => {
  expect(attributeField('log', 'order.id')).toBe('log.order.id');
  expect(attributeField('resource', 'a "b"} c')).toBe('resource."a \\"b\\"} c"');
  expect([literal('a"b'), literal(3), literal(true), literal({}), literal('x'.repeat(400))]).toEqual([
    '"a\\"b"',
    '3',
    'true',
    null,
    null,
  ]);
});

test('values are counted, most first', () =>
  expect(countValues(['a', 'b', 'a', undefined], (one) => one)).toEqual([
    ['a', 2],
    ['b', 1],
  ]));
