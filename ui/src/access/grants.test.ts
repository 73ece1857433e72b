import { expect, test } from 'vitest';
import { day, limits } from './grants';

test('a grant is said with its limits', () => {
  expect(limits({ role: 'admin', tenant: '*', services: [], environments: [] })).toBe('admin of all tenants');
  expect(limits({ role: 'viewer', tenant: 'acme', services: ['cart', 'pay'], environments: ['prod'] })).toBe(
    'viewer of acme, services cart, pay, environments prod',
  );
});

test('a day is that of UTC, and none for no time', () => {
  expect(day('1795533754000000000')).toBe('2026-11-24');
  expect(day(null)).toBe('');
});
