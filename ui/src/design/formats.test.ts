import { describe, expect, test } from 'vitest';
import { formatAgo, formatBytes, formatCount, formatDuration, formatOwner, formatRate, formatRatio } from './formats';
import { bytes, millis, nanos, ratio } from './units';

const plain = (text: string) => text.replace(/\u202f/g, ' ');

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [1, '1 ns'],
    [999, '999 ns'],
    [1_000, '1 µs'],
    [12_345, '12.3 µs'],
    [999_499, '999 µs'],
    [999_500, '1 ms'],
    [812_000_000, '812 ms'],
    [999_600_000, '1 s'],
    [1_240_000_000, '1.24 s'],
    [59_994_000_000, '60 s'],
    [59_996_000_000, '1 m'],
    [200e9, '3 m 20 s'],
    [3_600e9, '1 h'],
    [90_061e9, '1 d 1 h'],
    [-5_000_000, '−5 ms'],
  ])('%d ns is %s', (value, text) => expect(plain(formatDuration(nanos(value)))).toBe(text));

  test('no duration shows the same unit in two sizes: order is kept', () => {
    let last = '';
    for (let value = 1; value < 1e12; value = Math.ceil(value * 1.07)) {
      const text = formatDuration(nanos(value));
      expect(text).not.toMatch(/NaN|1000\u202f|e\+/);
      last = text;
    }
    expect(plain(last)).toMatch(/m/);
  });
});

test('counts are exact while they are short', () => {
  expect([0, 7, 9_999, 10_000, 12_345, 999_960, 4_560_000, 2.5].map((value) => plain(formatCount(value)))).toEqual([
    '0',
    '7',
    '9,999',
    '10 k',
    '12.3 k',
    '1 M',
    '4.56 M',
    '2.5',
  ]);
});

test('rates change to minutes where seconds say nothing', () => {
  expect([0, 0.02, 0.5, 12, 4_200].map((value) => plain(formatRate(value)))).toEqual([
    '0 /s',
    '1.2 /min',
    '0.5 /s',
    '12 /s',
    '4,200 /s',
  ]);
});

test('a ratio that is not zero never reads as zero, nor one below one as one', () => {
  expect([0, 0.00001, 0.0012, 0.21, 0.9997, 0.99995, 1].map((value) => plain(formatRatio(ratio(value))))).toEqual([
    '0 %',
    '< 0.01 %',
    '0.12 %',
    '21 %',
    '99.97 %',
    '> 99.99 %',
    '100 %',
  ]);
});

test('bytes', () => {
  expect([0, 512, 1_024, 1_572_864].map((value) => plain(formatBytes(bytes(value))))).toEqual([
    '0 B',
    '512 B',
    '1 KiB',
    '1.5 MiB',
  ]);
});

test('how long ago', () => {
  const at = (ago: number) => plain(formatAgo(millis(1e12 - ago * 1000), millis(1e12)));
  expect([0, 4, 42, 61, 7_300, 200_000].map(at)).toEqual(['now', 'now', '42 s ago', '1 min ago', '2 h ago', '2 d ago']);
});

test('an owner is said as people say it', () => {
  expect(['group:default/checkout', 'user:ada', 'group:ops/checkout', 'unowned'].map(formatOwner)).toEqual([
    'checkout',
    'ada',
    'ops/checkout',
    'unowned',
  ]);
});
