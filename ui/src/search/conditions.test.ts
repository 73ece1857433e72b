import { expect, test } from 'vitest';
import { addCondition } from './conditions';

test.each([
  ['{}', '{ a = 1 }'],
  ['{ x = "}" || y = 2 } >> { z = 3 }', '{ (x = "}" || y = 2) && a = 1 } >> { z = 3 }'],
  ['', '{ a = 1 }'],
])('%s becomes %s', (query, expected) => expect(addCondition(query, 'a = 1')).toBe(expected));
