import { expect, test } from 'vitest';
import { readable, safeLink } from './foreign-text';

test('characters that hide or turn the text become visible', () => {
  expect(readable('user\u202Etxt.exe')).toBe('user⟨U+202E⟩txt.exe');
  expect(readable('a\u0000b\u001b[31m')).toBe('a␀b␛[31m');
  expect(readable('in\u200bvisible')).toBe('in⟨U+200B⟩visible');
});

test('writing from right to left stays as it is', () => expect(readable('שלום')).toBe('שלום'));

test('what nobody can read at once is cut', () => expect(readable('x'.repeat(10_000), 100)).toHaveLength(101));

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  ' https://a',
  'JAVASCRIPT://%0aalert(1)',
  'vbscript:x',
  '//evil',
  undefined,
])('%s is not a link', (url) => expect(safeLink(url)).toBeUndefined());

test('addresses of the web are links', () => expect(safeLink('https://ci.example/run/7')).toBe('https://ci.example/run/7'));
