import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openBrowser, openPage } from './browser';
import { sendManyServices } from './incident';
import { base, otlp } from './server';

const services = 200;

describe.skipIf(!hasChromium)('the map in a browser', () => {
  let browser: Browser;
  let tag = '';

  beforeAll(async () => {
    [browser, tag] = await Promise.all([openBrowser(), sendManyServices(otlp, services)]);
    await untilMapped(tag);
  });
  afterAll(() => browser?.close());

  test(`of ${services} services, no arrow runs behind a node, and the whole is in sight`, async () => {
    const { page, complaints } = await openPage(browser, base);
    await page.goto(`/map?since=15m&only=${tag}`);
    await page.locator('.react-flow__edge').first().waitFor();
    await page.waitForFunction((least) => document.querySelectorAll('.react-flow__node').length >= least, services * 0.9);
    expect(await crossings(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('nodes keep their places while the slider moves, and when the page is opened again', async () => {
    const { page } = await openPage(browser, base);
    await page.goto('/map?since=15m');
    await page.locator('.react-flow__node').first().waitFor();
    await page.waitForTimeout(500);
    const before = await places(page);
    await page.reload();
    await page.locator('.react-flow__node').first().waitFor();
    await page.waitForTimeout(500);
    expect(moved(before, await places(page))).toEqual([]);
    await page.getByRole('slider', { name: 'Moment of the range' }).press('ArrowLeft');
    await page.waitForURL('**at=**');
    await page.waitForTimeout(1_000);
    expect(moved(before, await places(page))).toEqual([]);
    await page.context().close();
  });

  test('the picture is fitted again when the details open beside it', async () => {
    const { page } = await openPage(browser, base);
    await page.goto(`/map?since=15m&only=${tag}-cart-0`);
    await page.locator('.react-flow__node button').first().click();
    await page.getByRole('complementary', { name: 'Details' }).waitFor();
    await page.waitForTimeout(500);
    const hidden = await page.evaluate(() => {
      const right = document.querySelector('.react-flow')!.getBoundingClientRect().right;
      return [...document.querySelectorAll('.react-flow__node')].filter((node) => node.getBoundingClientRect().right > right)
        .length;
    });
    expect(hidden).toBe(0);
    await page.context().close();
  });
});

/** Arrows that touch a node they do not lead from or to, by walking along each. */
const crossings = (page: Page) =>
  page.evaluate(() => {
    const nodes = [...document.querySelectorAll<HTMLElement>('.react-flow__node')].map((node) => {
      const { left, top, right, bottom } = node.getBoundingClientRect();
      return { id: node.dataset.id!, left: left + 1, top: top + 1, right: right - 1, bottom: bottom - 1 };
    });
    const found: string[] = [];
    for (const edge of document.querySelectorAll<SVGGElement>('.react-flow__edge')) {
      const path = edge.querySelector<SVGPathElement>('.react-flow__edge-path')!;
      const screen = path.getScreenCTM()!;
      const [from = '', to = ''] = (edge.getAttribute('data-id') ?? '').split('>');
      for (let at = 0; at < path.getTotalLength(); at += 6) {
        const { x, y } = path.getPointAtLength(at).matrixTransform(screen);
        const hit = nodes.find(
          (one) => one.id !== from && one.id !== to && x > one.left && x < one.right && y > one.top && y < one.bottom,
        );
        if (hit) {
          found.push(`${edge.getAttribute('data-id')} behind ${hit.id}`);
          break;
        }
      }
    }
    return found;
  });

const places = (page: Page) =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>('.react-flow__node')].map((node) => [node.dataset.id!, node.style.transform]),
    ),
  );

/** Nodes of both that are elsewhere. */
const moved = (before: Record<string, string>, after: Record<string, string>) =>
  Object.keys(before).filter((id) => id in after && before[id] !== after[id]);

async function untilMapped(tag: string) {
  let there = 0;
  for (let i = 0; i < 450; i++) {
    const answer = await fetch(`${base}/api/map?since=15m`);
    const { nodes } = (await answer.json()) as { nodes: { name: string }[] };
    there = nodes.filter((node) => node.name.startsWith(tag)).length;
    if (there >= services * 0.95) return;
    await new Promise((resume) => setTimeout(resume, 200));
  }
  throw new Error(`Of ${services} services the map shows ${there} after 90 seconds.`);
}
