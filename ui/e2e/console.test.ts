import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openBrowser, openPage, settle, type View } from './browser';
import { base, otlp } from './server';
import { hostileTexts, sendHostileTrace, sendLargeTrace, untilLogged, untilReadable } from './telemetry';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const views: View[] = [
  { scheme: 'dark', width: 1440 },
  { scheme: 'light', width: 1024 },
];
const large = 20_000;

describe.skipIf(!hasChromium)('the console in a browser', () => {
  let browser: Browser;
  let hostile = '';
  let big = '';

  beforeAll(async () => {
    [browser, hostile, big] = await Promise.all([openBrowser(), sendHostileTrace(otlp), sendLargeTrace(otlp, large)]);
    await untilReadable(base, hostile, hostileTexts.length);
    await untilReadable(base, big, large);
  });
  afterAll(() => browser?.close());

  const pages = (): [string, string][] => [
    ['home', '/'],
    ['search', '/search'],
    ['connect', '/connect'],
    ['metrics', '/metrics'],
    ['logs', '/logs'],
    ['map', '/map'],
    ['map as a list', '/map?view=list'],
    ['trace', `/traces/${hostile}`],
    ['logs of a trace', `/traces/${hostile}?view=logs`],
    ['compare', `/compare?a=${hostile}`],
  ];

  test.each(views)('every page opens without a complaint, axe finds nothing serious ($scheme, $width)', async (view) => {
    const { page, complaints } = await openPage(browser, base, view);
    const found: string[] = [];
    for (const [name, path] of pages()) {
      await page.goto(path);
      await settle(page);
      found.push(...(await serious(page)).map((one) => `${name}: ${one}`));
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
        `${name} is not wider than the window`,
      ).toBe(true);
    }
    expect(found).toEqual([]);
    // Feeds of rooms that this server does not have are answered with 404, which the browser notes by itself.
    expect(complaints.filter((one) => !one.startsWith('Failed to load resource'))).toEqual([]);
    await page.context().close();
  });

  test('hostile text in every field never runs and never breaks the layout', async () => {
    const { page, complaints } = await openPage(browser, base);
    for (const view of ['waterfall', 'flame', 'calls', 'logs', 'json']) {
      await page.goto(`/traces/${hostile}?view=${view}`);
      await settle(page);
      if (view === 'waterfall')
        for (let i = 0; i < hostileTexts.length; i++) {
          await page.keyboard.press('j');
          await page.locator('aside').waitFor();
          await page.evaluate(() => {
            for (const section of document.querySelectorAll('aside details')) section.setAttribute('open', '');
          });
          expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
        }
    }
    expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
    expect(await page.locator('a[href^="javascript"], a[href^="data"]').count()).toBe(0);
    expect(complaints.filter((one) => !one.startsWith('Failed to load resource'))).toEqual([]);
    await page.context().close();
  });

  test(`a trace of ${large} spans is searched, folded and walked by keyboard`, async () => {
    const { page, complaints } = await openPage(browser, base);
    await page.goto(`/traces/${big}?folds=0`);
    await page.getByText(`${large.toLocaleString('en')} rows`).waitFor();
    expect(await page.locator('[role="treegrid"] [role="row"]').count()).toBeLessThan(120);
    await page.getByLabel('Search in this trace').fill('order.id=ord-19999');
    await page.getByText('1 match', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('aside').getByText('ord-19999').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('e');
    await page.locator('aside').getByText('row is locked').first().waitFor();
    await page.goto(`/traces/${big}`);
    await page.getByText(/^[\d,]+ rows/).waitFor();
    const rows = /[\d,]+/.exec((await page.getByText(/^[\d,]+ rows/).textContent()) ?? '')?.[0] ?? '';
    expect(Number(rows.replaceAll(',', ''))).toBeLessThan(large);
    expect(Number(rows.replaceAll(',', ''))).toBeGreaterThan(0);
    expect(complaints.filter((one) => !one.startsWith('Failed to load resource'))).toEqual([]);
    await page.context().close();
  });

  test('from an id to its trace: the palette takes what is pasted', async () => {
    const { page } = await openPage(browser, base);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByLabel('Jump to').fill(`00-${hostile}-00f067aa0ba902b7-01`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/traces/${hostile}**`);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('treegrid').waitFor();
    await page.keyboard.press('?');
    await page.getByText('Next span').waitFor();
    await page.context().close();
  });

  test('a test trace is sent from the Connect page and opens', async () => {
    const { page } = await openPage(browser, base);
    await page.goto('/connect');
    await page.getByRole('button', { name: 'Send a test trace' }).click();
    await page.waitForURL('**/traces/*', { timeout: 30_000 });
    await page.getByText('charge card').first().waitFor();
    await page.context().close();
  });

  test('a search is built, written, wrong, and followed to its trace', async () => {
    const { page } = await openPage(browser, base);
    await page.goto('/search?mode=builder&q=%7B+name+%3D+%22nightly+batch%22+%7D');
    await page.getByRole('row').filter({ hasText: 'nightly batch' }).first().waitFor();
    await page.getByText('TraceQL', { exact: true }).click();
    const editor = page.getByLabel('TraceQL query');
    await editor.fill('{ name = "nightly batch" && nothing }');
    await editor.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'nothing' }).waitFor();
    await editor.fill('{ name = "nightly batch" }');
    await editor.press('Enter');
    await page.locator('[data-row-link]').first().click();
    await page.waitForURL('**/traces/*');
    await page.context().close();
  });
});

describe.skipIf(!hasChromium)('logs and map in a browser', () => {
  let browser: Browser;
  let trace = '';
  beforeAll(async () => {
    [browser, trace] = await Promise.all([openBrowser(), sendHostileTrace(otlp)]);
    await untilReadable(base, trace, hostileTexts.length);
    await untilLogged(base, trace, hostileTexts.length);
  });
  afterAll(() => browser?.close());

  test('a log record is found by its trace, opened by keyboard, and leads to the trace', async () => {
    const { page } = await openPage(browser, base);
    await page.goto(`/logs?trace=${trace}`);
    await page
      .locator('[data-log-row]')
      .nth(hostileTexts.length - 1)
      .waitFor();
    await page.keyboard.press('j');
    await page.getByRole('complementary', { name: 'Log record' }).getByText('Lines around it').waitFor();
    const address = page.url();
    await page.reload();
    expect(page.url()).toBe(address);
    await page.getByRole('link', { name: 'Open its trace' }).click();
    await page.waitForURL(`**/traces/${trace}**`);
    expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
    await page.context().close();
  });

  test('a wrong filter of logs is explained, and what was typed stands in the address', async () => {
    const { page } = await openPage(browser, base);
    await page.goto('/logs');
    const filter = page.getByRole('textbox', { name: 'Filter', exact: true });
    await filter.fill('{ nothing && }');
    await filter.press('Enter');
    await page.getByRole('alert').waitFor();
    await filter.fill('{ severity >= error }');
    await filter.press('Enter');
    await page.waitForURL('**q=**error**');
    await page.locator('[data-log-row]').first().waitFor();
    await page.context().close();
  });

  test('followed logs show what is sent afterwards', async () => {
    const { page } = await openPage(browser, base);
    await page.goto('/logs?tail=1');
    await page.getByText('Live: lines appear').waitFor();
    const later = await sendHostileTrace(otlp);
    await page.goto(`/logs?tail=1&trace=${later}`);
    await page.locator('[data-log-row]').first().waitFor();
    await page.context().close();
  });

  test('the map is the same in the list, and the slider stands in the address', async () => {
    const { page } = await openPage(browser, base);
    await page.goto('/map');
    await page.getByRole('slider', { name: 'Moment of the range' }).press('ArrowLeft');
    await page.waitForURL('**at=**');
    await page.keyboard.press('v');
    await page.waitForURL('**view=list**');
    await page.context().close();
  });
});

async function serious(page: Page): Promise<string[]> {
  // Past the page's policy, as an extension would: axe is ours, and it runs nowhere but here.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: tool } = window as unknown as {
      axe: {
        run(
          options: unknown,
        ): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const found = await tool.run({ resultTypes: ['violations'] });
    return found.violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 200)} ${one.nodes[0]?.failureSummary.slice(0, 300)}`);
  });
}
