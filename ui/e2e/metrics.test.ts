import { randomBytes } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openBrowser, openPage, settle } from './browser';
import { base, otlp } from './server';
import { sendHistogram } from './telemetry';

describe.skipIf(!hasChromium)('the Metrics page', () => {
  const traceId = randomBytes(16).toString('hex');
  const metric = `e2e.${traceId.slice(0, 6)}.duration`;
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
    await sendHistogram(otlp, metric, traceId);
    await untilExemplar(metric, traceId);
  });
  afterAll(() => browser?.close());

  test('a metric is found, split, filtered, and its exemplar opens the trace', async () => {
    const { page, complaints } = await openPage(browser, base);
    await page.goto('/metrics?since=15m');
    await page.locator('nav[aria-label="Metrics"] button').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(metric);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: metric }).waitFor();
    expect(new URL(page.url()).searchParams.get('metric')).toBe(metric);

    await page.getByRole('combobox', { name: 'Split by' }).or(page.getByLabel('Split by')).first().click();
    await page.getByRole('option', { name: 'service', exact: true }).click();
    const series = page.getByRole('table', { name: 'Series' });
    await series.getByText('search').waitFor();
    await page.keyboard.press('Escape');
    await series
      .getByRole('row', { name: /checkout/ })
      .getByRole('button', { name: 'only this' })
      .click();
    await page.getByRole('button', { name: 'service is checkout', exact: true }).waitFor();
    await series.getByText('search').waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('filter')).toBe(encodeURIComponent('service=checkout'));

    await page.getByText('rate', { exact: true }).click();
    await page.waitForURL('**fn=rate**');
    await settle(page);
    await page.reload();
    await series.getByText('checkout').waitFor();
    expect(await series.textContent()).toMatch(/1.\/s/);

    await page.locator('[data-exemplar]').click();
    await page.waitForURL(`**/traces/${traceId}**`);
    expect(complaints.filter((one) => !one.startsWith('Failed to load resource'))).toEqual([]);
    await page.context().close();
  });

  test('a metric that is not there, and an address that asks for nonsense, say what to do', async () => {
    const { page } = await openPage(browser, base);
    await page.goto('/metrics?metric=no.such.metric');
    await page.getByText('No metric “no.such.metric” in this time').waitFor();
    await page.goto(`/metrics?metric=${metric}&filter=nonsense`);
    await page.getByRole('alert').waitFor();
    await page.context().close();
  });
});

async function untilExemplar(metric: string, traceId: string) {
  for (let i = 0; i < 300; i++) {
    const answer = await fetch(`${base}/api/metrics/exemplars?metric=${metric}`);
    if ((await answer.text()).includes(traceId)) return;
    await new Promise((resume) => setTimeout(resume, 200));
  }
  throw new Error(`The exemplar of ${metric} cannot be read after a minute.`);
}
