import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const chromiumPath = process.env.WAYBILL_CHROMIUM ?? '/usr/bin/chromium';

export const hasChromium = existsSync(chromiumPath);

// What a sandbox without a screen and without a network needs.
const flags =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath, args: flags.split(' ') });

export type View = { scheme: 'dark' | 'light'; width: number };

export async function openPage(
  browser: Browser,
  base: string,
  view: View = { scheme: 'dark', width: 1440 },
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    baseURL: base,
    colorScheme: view.scheme,
    viewport: { width: view.width, height: view.width > 1200 ? 900 : 768 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  return { page, complaints };
}

/** Until nothing is being loaded and nothing waits: what a reader would take for finished. */
export async function settle(page: Page) {
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page
    .waitForFunction(() => !document.querySelector('main [aria-busy="true"]'), undefined, { timeout: 15_000 })
    .catch(() => undefined);
  await page.waitForTimeout(150);
}
