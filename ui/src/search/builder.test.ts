import { describe, expect, test } from 'vitest';
import { parseConditions, printConditions, readValue, selectionOf, typedValue, withCondition } from './builder';

describe('the builder and the language', () => {
  test.each([
    '{}',
    '{ resource.service.name = "orders" }',
    '{ resource.service.name = "a \\" } && {" && status = error && duration >= 1.5s }',
    '{ name =~ `GET /.*` && span.http.response.status_code >= 500 && .retry = true }',
    '{ span."key with space" = "x" && kind = server && span:duration > 100ms }',
  ])('%s is read and written back as it was', (query) => {
    const conditions = parseConditions(query);
    expect(conditions).not.toBeNull();
    expect(printConditions(conditions!)).toBe(query);
  });

  test.each([
    '{ a = 1 } && { b = 2 }',
    '{ a = 1 || b = 2 }',
    '{ a = 1 } | count() > 2',
    '{ !(a = 1) }',
    '{ a = 1 && }',
    '{ a }',
    'a = 1',
    '{ a = 1',
    '{ 1 = a + 2 }',
  ])('%s says more than the builder can show', (query) => expect(parseConditions(query)).toBeNull());

  test('nothing is everything', () =>
    expect([parseConditions(''), parseConditions('{}'), parseConditions('{ }')]).toEqual([[], [], []]));
});

test('values are written as the language wants them, and read as people do', () => {
  expect([
    typedValue('orders', 'resource.service.name'),
    typedValue('100ms', 'duration'),
    typedValue('500', 'span.x'),
    typedValue('error', 'status'),
    typedValue('12', 'name'),
  ]).toEqual(['"orders"', '100ms', '500', 'error', '"12"']);
  expect(readValue('"a \\"b\\" \\\\"')).toBe('a "b" \\');
});

test('a condition is added once, and another value of the same field takes its place', () => {
  const condition = { field: 'name', operator: '=', value: '"b"' } as const;
  expect(withCondition('{ name = "b" }', condition)).toBe('{ name = "b" }');
  expect(withCondition('{ name = "a" && status = error }', condition)).toBe('{ status = error && name = "b" }');
  expect(withCondition('{ a = 1 } >> { b = 2 }', condition)).toBeNull();
});

test('the selection ends at the first pipe that is one', () => {
  expect(selectionOf('{ a = "x|y" || b = 1 } || { c = 1 } | count() > 2 | rate()')).toBe('{ a = "x|y" || b = 1 } || { c = 1 }');
  expect(selectionOf('')).toBe('{}');
});
