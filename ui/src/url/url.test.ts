import { describe, expect, test } from 'vitest';
import { address, quoted } from './addresses';
import { keepTime } from './RoomLink';
import { choice, flagOn, list, text, whole } from './url-state';

describe('codecs', () => {
  test('the default is not written', () => {
    expect([
      text('1h').format('1h'),
      choice('a', 'b').format('a'),
      flagOn.format(true),
      whole(20, 1, 100).format(20),
      list.format([]),
    ]).toEqual(Array(5).fill(null));
  });
  test('what is written is read back', () => {
    const words = ['a,b', 'ü', '', '%2C', '<b>'];
    expect(list.parse(list.format(words))).toEqual(words);
    expect(whole(20, 1, 100).parse('7')).toBe(7);
  });
  test('nonsense in an address is the default', () => {
    expect([choice('a', 'b').parse('c'), whole(20, 1, 100).parse('1e9'), whole(20, 1, 100).parse('x')]).toEqual(['a', 20, 20]);
  });
});

test('links between rooms keep the time, unless they say their own', () => {
  expect(keepTime('/search?q=a', '?since=3h&live=1&span=9')).toBe('/search?q=a&since=3h&live=1');
  expect(keepTime('/map?since=1h', 'since=3h&until=now')).toBe('/map?since=1h');
});

test('nothing is left out of an address but what says nothing', () => {
  expect(address('/x', { a: 'b c&d', n: 0, off: false, on: true, none: undefined })).toBe('/x?a=b+c%26d&n=0&on=1');
});

test('a string in TraceQL cannot end early', () => expect(quoted('a"} || {"\\')).toBe('"a\\"} || {\\"\\\\"'));
