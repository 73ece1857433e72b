import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openBrowser, openPage, settle } from './browser';
import { type Incident, sendIncident } from './incident';
import { base, otlp } from './server';

/** What people come to the console for, each from where they would begin. */
describe.skipIf(!hasChromium)('the main tasks', () => {
  let browser: Browser;
  let incident: Incident;

  beforeAll(async () => {
    [browser, incident] = await Promise.all([openBrowser(), sendIncident(otlp)]);
    await untilJudged(incident.change);
  });
  afterAll(() => browser?.close());

  test('from what fails now to a failing trace in two clicks', async () => {
    const { page } = await openPage(browser, base);
    await page.goto('/?since=15m');
    const row = page.getByRole('table', { name: 'Services' }).getByRole('row').filter({ hasText: incident.orders });
    await row.locator('a[href*="status"]').click();
    await page.waitForURL('**/search**');
    await page.locator('[data-row-link]').first().click();
    await page.waitForURL('**/traces/*');
    await page.getByRole('treegrid').waitFor();
    await page.getByText('divide by zero').first().waitFor();
    await page.context().close();
  });

  test('from a new error to the change that caused it, what it did to its requests, and the verdict', async () => {
    const { page, complaints } = await openPage(browser, base);
    await page.goto('/?since=15m');
    await page.locator(`a[href*="/changes/${incident.change}"]`).first().click();
    await page.waitForURL(`**/changes/${incident.change}**`);
    await page.getByRole('heading', { name: incident.summary }).waitFor();
    await page.getByText('got worse', { exact: true }).waitFor();
    await page.getByText(/Errors rose from 0 % to \d+/).waitFor();
    await page.getByText('roll it back').waitFor();
    await page.getByText('coupons.spread').waitFor();
    await page.getByRole('figure', { name: 'Failures' }).waitFor();
    await settle(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('a trace is found by the id of its order, and its message followed to the next service', async () => {
    const { page, complaints } = await openPage(browser, base);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByLabel('Jump to').fill(incident.order);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/why?id=**');
    const graph = page.locator('.react-flow');
    await graph.getByText(incident.mail).waitFor();
    await graph.getByText(`process ${incident.topic}`).click();
    const evidence = page.getByRole('complementary', { name: 'Evidence' });
    await evidence.getByText('links to').or(evidence.getByText('received message')).first().waitFor();
    await evidence.getByRole('link', { name: 'Open' }).click();
    await page.waitForURL('**/traces/*');
    await page.getByText(`process ${incident.topic}`).first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('two versions are compared, trace by trace', async () => {
    const { page } = await openPage(browser, base);
    await page.goto(`/changes/${incident.change}`);
    await page.getByRole('link', { name: 'Compare a trace of 1.0.0 with one of 1.1.0' }).first().click();
    await page.waitForURL('**/compare?**');
    await page.getByRole('table', { name: 'Differences' }).waitFor();
    await page.context().close();
  });

  test('the time line of changes says which got worse, and narrows to a service', async () => {
    const { page } = await openPage(browser, base);
    await page.goto(`/changes?since=15m&service=${incident.orders}`);
    const table = page.getByRole('table', { name: 'Changes' });
    await table.getByText('got worse').first().waitFor();
    expect(await table.getByRole('row').filter({ hasNotText: incident.orders }).count()).toBe(1);
    await page
      .getByRole('link', { name: /got worse after it/ })
      .first()
      .click();
    await page.waitForURL(`**/changes/${incident.change}**`);
    await page.context().close();
  });

  test('a search is saved under a name, found again, and deleted', async () => {
    const { page } = await openPage(browser, base);
    const name = `Failures of ${incident.orders}`;
    await page.goto(
      `/search?since=15m&q=${encodeURIComponent(`{ resource.service.name = "${incident.orders}" && status = error }`)}`,
    );
    await page.getByRole('button', { name: 'Saved' }).click();
    await page.getByLabel('Name of this view').fill(name);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name }).waitFor();
    await page.goto('/search');
    await page.getByRole('button', { name: 'Saved' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByLabel('Jump to').fill(name);
    await page.getByRole('option', { name, exact: true }).click();
    await page.waitForURL('**status**error**');
    await page.locator('[data-row-link]').first().waitFor();
    await page.getByRole('button', { name: 'Saved' }).click();
    await page.getByRole('button', { name: `Delete ${name}` }).click();
    await page.getByRole('link', { name }).waitFor({ state: 'detached' });
    await page.context().close();
  });
});

/** Until the minutes around the change are added up. */
async function untilJudged(change: string) {
  let last = '';
  for (let i = 0; i < 300; i++) {
    const answer = await fetch(`${base}/api/changes/${change}/effect`);
    last = await answer.text();
    if (answer.ok && (JSON.parse(last) as { verdict: string }).verdict === 'worse') return;
    await new Promise((resume) => setTimeout(resume, 200));
  }
  throw new Error(`The effect of change ${change} is not known after a minute: ${last}`);
}
