import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openBrowser, openPage, settle } from './browser';
import { palettePicture } from './palette';
import { base, otlp } from './server';

/**
 * `npm run guide -w ui`: the pictures of docs/guide, taken of the demo at WAYBILL_URL (OTLP at WAYBILL_OTLP) while orders 1.4.1 runs (docs/guide/README.md says how).
 * Each waits for what it is to show, so a picture is never of an empty page.
 */
const images = new URL('../../docs/guide/images/', import.meta.url);
const bytesMax = 200_000;
const waitMillis = 300_000;
const troubleMillis = 120_000;
const failedCheckout = '{ name = "POST /orders" && status = error }';

test('the pictures of the guide', async () => {
  await mkdir(images, { recursive: true });
  const traceId = await until('a failed order: is the fault bad-deploy on?', async () => {
    const found = await ask<{ traces: { traceId: string }[] }>(`/api/search?q=${encodeURIComponent(failedCheckout)}&limit=1`);
    return found.traces[0]?.traceId;
  });
  const group = await until('a group of exceptions', async () => {
    const found = await ask<{ groups: { group: string; service: string }[] }>('/api/exceptions');
    return found.groups.find((one) => one.service === 'orders')?.group;
  });
  const change = await until('the deployment that was recorded', async () => {
    const found = await ask<{ changes: Change[] }>('/api/changes?limit=200');
    return found.changes.find((one) => one.service === 'orders' && one.version === '1.4.1' && !one.inferred);
  });
  const trouble = await until('a while since the deployment', async () => {
    const began = Number(BigInt(change.startedUnixNano) / 1_000_000n);
    return Date.now() > began + troubleMillis ? `since=${began}&until=${began + troubleMillis}` : undefined;
  });
  for (const action of ['settings.change', 'invoice.delete', 'export.download'])
    await fetch(`${otlp}/v1/audit`, {
      method: 'POST',
      body: JSON.stringify({
        action,
        resource: 'invoice/42',
        actor: 'alice',
        address: '10.1.2.3',
        detail: { to: 'ada@example.com' },
      }),
    });
  await until('entries of the ledger', async () => (await ask<{ entries: unknown[] }>('/api/audit?actor=alice')).entries[2]);
  await until(
    'something that was redacted',
    async () => (await ask<{ findings: unknown[] }>('/api/redaction/findings')).findings[0],
  );

  const metric = 'http.server.request.duration';
  const pictures: [name: string, path: string, shows: string][] = [
    ['home', '/?since=15m', 'a[href^="/errors/"]'],
    ['search', `/search?since=15m&q=${encodeURIComponent(failedCheckout)}`, '[data-row-link]'],
    ['search-latency', '/search?since=15m&chart=latency&q=%7B%20kind%20%3D%20server%20%7D', '[data-row-link]'],
    ['trace', `/traces/${traceId}`, '[role="treegrid"] [role="row"]'],
    ['why', `/why?id=${traceId}`, 'main section p, main section li'],
    ['causes', `/causes?${trouble}`, 'main section li'],
    ['changes', '/changes?since=15m', '[data-row-link]'],
    ['change', `/changes/${encodeURIComponent(change.id)}?since=15m`, 'main section dl, main section table'],
    ['errors', '/errors?since=15m', '[data-row-link]'],
    ['error', `/errors/${encodeURIComponent(group)}?since=15m`, 'main pre'],
    ['ledger', '/ledger', 'main table td'],
    ['connect', '/connect', 'main table'],
    ['map', '/map?since=15m', '.react-flow__edge'],
    ['logs', '/logs?since=15m&severity=error', '[data-log-row]'],
    ['audit', '/audit?since=15m', 'main table td'],
    ['redaction', '/redaction?since=15m', 'main table td'],
    ['metrics', `/metrics?since=15m&metric=${metric}&by=service`, '[data-exemplar]'],
  ];
  const wanted = process.env.WAYBILL_PICTURES?.split(',');
  const browser = await openBrowser();
  const sizes: Record<string, number> = {};
  for (const [name, path, shows] of pictures.filter(([name]) => wanted?.includes(name) ?? true)) {
    const { page, complaints } = await openPage(browser, base);
    await page.goto(path);
    await page.locator(shows).first().waitFor({ timeout: waitMillis });
    await settle(page);
    if (name === 'trace') {
      await page.keyboard.press('e');
      await page.locator('aside').waitFor();
      await settle(page);
    }
    const picture = await palettePicture(page);
    sizes[name] = picture.length;
    await writeFile(new URL(`${name}.png`, images), picture);
    expect(
      complaints.filter((one) => !one.startsWith('Failed to load resource')),
      name,
    ).toEqual([]);
    await page.context().close();
  }
  await browser.close();
  console.log(sizes);
  expect(Object.entries(sizes).filter(([, size]) => size > bytesMax)).toEqual([]);
}, 1_200_000);

type Change = { id: string; service: string; version: string; inferred: boolean; startedUnixNano: string };

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(base + path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + waitMillis;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`In ${waitMillis / 60_000} minutes there was not ${what}`);
    await new Promise((resume) => setTimeout(resume, 1_000));
  }
}
