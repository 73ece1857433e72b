import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Browser, Page } from 'playwright-core';
import { test } from 'vitest';
import { openBrowser, openPage } from './browser';
import { base, otlp } from './server';
import { sendLargeTrace, untilReadable } from './telemetry';

/**
 * `npm run measure -w ui`: frame times while a waterfall of 100,000 spans is scrolled, time to first view, size of the initial script,
 * against the server at WAYBILL_URL and WAYBILL_OTLP. Written into bench/results/console.md.
 */
const spans = 100_000;
const scrollMillis = 6_000;
const runs = 3;

let browser: Browser;
let trace = '';

test('the console, measured', async () => {
  browser = await openBrowser();
  trace = await sendLargeTrace(otlp, spans);
  await untilReadable(base, trace, spans);

  const lines = [
    '# The console, measured',
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, Chromium ${browser.version()} without a GPU. Best of ${runs} runs: the machine was shared.`,
    '',
  ];
  lines.push(`- Initial script: ${((await initialScript()) / 1024).toFixed(0)} KiB compressed.`);
  for (const [name, path] of [
    ['home', '/'],
    ['search', '/search'],
    ['connect', '/connect'],
  ] as const)
    lines.push(
      `- First view of ${name}, cold cache: ${Math.round(await best(() => firstView(path, 'main h1, [data-search-focus], main button')))} ms.`,
    );
  lines.push(
    `- First rows of a trace of ${spans.toLocaleString('en')} spans: ${Math.round(await best(() => firstView(`/traces/${trace}?folds=0`, '[role="treegrid"] [role="row"]')))} ms.`,
  );
  const frames = await scrolled();
  lines.push(
    `- Scrolling it for ${scrollMillis / 1000} s: ${frames.count} frames, half within ${frames.p50.toFixed(1)} ms, 95 % within ${frames.p95.toFixed(1)} ms, 99 % within ${frames.p99.toFixed(1)} ms, longest ${frames.longest.toFixed(1)} ms.`,
  );
  await writeFile(new URL('../../bench/results/console.md', import.meta.url), `${lines.join('\n')}\n`);
  console.log(lines.join('\n'));
  await browser.close();
}, 600_000);

async function best(measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) least = Math.min(least, await measure());
  return least;
}

async function firstView(path: string, shown: string): Promise<number> {
  const { page } = await openPage(browser, base);
  const began = performance.now();
  await page.goto(path, { waitUntil: 'commit' });
  await page.locator(shown).first().waitFor();
  const took = performance.now() - began;
  await page.context().close();
  return took;
}

async function initialScript(): Promise<number> {
  const { page } = await openPage(browser, base);
  await page.goto('/connect', { waitUntil: 'load' });
  const bytes = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((entry) => /\/assets\/index-.*\.js$/.test(entry.name))
      .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
  );
  await page.context().close();
  return bytes;
}

async function scrolled() {
  const { page } = await openPage(browser, base);
  await page.goto(`/traces/${trace}?folds=0`);
  await page.getByText(`${spans.toLocaleString('en')} rows`).waitFor();
  let least = await frameTimes(page);
  for (let run = 1; run < runs; run++) {
    const next = await frameTimes(page);
    if (next.p95 < least.p95) least = next;
  }
  await page.context().close();
  return least;
}

async function frameTimes(page: Page) {
  const times = await page.evaluate(
    (millis) =>
      new Promise<number[]>((resolve) => {
        const list = document.querySelector('[role="treegrid"]')!;
        const found: number[] = [];
        const began = performance.now();
        let last = began;
        list.scrollTop = 0;
        const step = (now: number) => {
          found.push(now - last);
          last = now;
          list.scrollTop += 240;
          if (now - began < millis) requestAnimationFrame(step);
          else resolve(found.slice(2));
        };
        requestAnimationFrame(step);
      }),
    scrollMillis,
  );
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { count: times.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: sorted.at(-1)! };
}
