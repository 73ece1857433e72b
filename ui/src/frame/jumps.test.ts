import { expect, test } from 'vitest';
import { idJumps } from './jumps';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

test.each([
  [`00-${trace}-${span}-01`, `/traces/${trace}?span=${span}`],
  [`${trace}:${span}`, `/traces/${trace}?span=${span}`],
  [trace.toUpperCase(), `/traces/${trace}`],
  [span, `/why?id=${span}`],
])('%s leads to %s', (typed, to) => expect(idJumps(typed)[0]?.to).toBe(to));

test('other words are no ids', () => expect(idJumps('checkout')).toEqual([]));
