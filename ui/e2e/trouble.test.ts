import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openBrowser, openPage } from './browser';
import { base } from './server';

const pages = [
  '/',
  '/map',
  '/map?view=list',
  '/search',
  '/search?chart=latency',
  '/logs',
  '/why?id=payments',
  '/causes',
  '/changes',
  '/changes/0af7651916cd43dd8448eb211c80319c',
  '/errors',
  '/errors/0af7651916cd43dd',
  '/metrics',
  '/audit',
  '/audit/alice',
  '/redaction',
  '/ledger',
  '/access',
  '/connect',
  '/traces/0af7651916cd43dd8448eb211c80319c',
  '/compare?a=0af7651916cd43dd8448eb211c80319c',
];
const long = 'since=2020-01-01+00:00:00&until=2020-01-01+01:00:00';

/** What a page must not be, whatever the server answers: broken, blank, wider than its window, or talking of undefined things. */
describe.skipIf(!hasChromium)('pages in trouble', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  test('when the server fails, every page says so and offers to ask again', async () => {
    const { page, complaints } = await openPage(browser, base, { scheme: 'light', width: 1024 });
    await page.route(
      ({ pathname }) => pathname.startsWith('/api/') && pathname !== '/api/session',
      (route) => route.fulfill({ status: 500, json: { status: 500, message: 'The store is away for a test.' } }),
    );
    const silent: string[] = [];
    for (const path of pages) {
      await page.goto(path);
      await page
        .locator('main')
        .getByText('The store is away for a test.')
        .first()
        .waitFor({ timeout: 10_000 })
        .catch(() => silent.push(path));
      await sound(page, path);
    }
    expect(silent).toEqual([]);
    expect(complaints.filter((one) => !one.startsWith('Failed to load resource'))).toEqual([]);
    await page.context().close();
  });

  test('in a time of which nothing is stored, every page is whole', async () => {
    const { page, complaints } = await openPage(browser, base, { scheme: 'dark', width: 1024 });
    for (const path of pages) {
      await page.goto(path + (path.includes('?') ? '&' : '?') + long);
      await page.waitForFunction(
        () => document.querySelector('main:not(:empty)') && !document.querySelector('main [aria-busy="true"]'),
      );
      await sound(page, path);
    }
    expect(complaints.filter((one) => !one.startsWith('Failed to load resource'))).toEqual([]);
    await page.context().close();
  });

  test('when the server cannot be reached, the page says so and comes back by itself', async () => {
    const { page } = await openPage(browser, base);
    let away = true;
    await page.route(
      ({ pathname }) => pathname.startsWith('/api/changes'),
      (route) => (away ? route.abort('connectionrefused') : route.fallback()),
    );
    await page.goto('/changes');
    await page.getByText('The server does not answer').first().waitFor();
    away = false;
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.getByText('The server does not answer').first().waitFor({ state: 'detached' });
    await page.context().close();
  });
});

// A word that telemetry may carry, as null, says nothing about the page.
async function sound(page: Page, path: string) {
  const text = ((await page.locator('main').textContent()) ?? '').trim();
  expect(text, `${path} is not blank`).not.toBe('');
  expect(text, `${path} says what it knows`).not.toMatch(/\b(undefined|NaN|Infinity)\b|\[object Object\]/);
  expect(text, path).not.toContain('This page failed');
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    `${path} is not wider than the window`,
  ).toBe(true);
}
