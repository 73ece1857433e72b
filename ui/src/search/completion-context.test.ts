import { expect, test } from 'vitest';
import { placeAt } from './completion-context';

test.each([
  ['{', { expects: 'field', typed: '' }],
  ['{ reso', { expects: 'field', typed: 'reso', from: 2 }],
  ['{ a = 1 && span.http.', { expects: 'field', typed: 'span.http.' }],
  ['{ resource.service.name ', { expects: 'operator' }],
  ['{ resource.service.name = ', { expects: 'value', field: 'resource.service.name', typed: '', quoted: false }],
  ['{ resource.service.name = "or', { expects: 'value', typed: 'or', quoted: true, from: 26 }],
  ['{ name = "a } && {" && status = e', { expects: 'value', field: 'status', typed: 'e' }],
  ['{ a = 1 } | ra', { expects: 'stage', typed: 'ra' }],
  ['{ a = 1 } ', { expects: 'nothing' }],
])('after %s', (before, expected) => expect(placeAt(before)).toMatchObject(expected));
