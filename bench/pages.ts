// What each page weighs and when it first shows something, on loopback: our own JavaScript as it
// is served, without the libraries and without the terminal's and the editor's islands; the
// median of some loads, each with an empty cache.

import type { Page } from 'playwright-core';
import { openBrowser, signedIn } from '../tests/support/browser.ts';
import { startFurnished } from '../tests/support/furnished.ts';
import { scriptsOf } from '../tests/support/page-weight.ts';
import { median, print, printMachine } from './figures.ts';

const LOADS = 5;

const server = await startFurnished();
const browser = await openBrowser();
printMachine();
for (const place of server.places) {
  const paints: number[] = [];
  let weight = { ours: 0, others: 0 };
  for (let load = 0; load < LOADS; load += 1) {
    const page = place.stranger ? await (await browser.newContext()).newPage() : await signedIn(browser, server);
    const scripts = scriptsOf(page);
    await page.goto(server.url + place.path);
    await page.locator(place.ready).first().waitFor({ state: 'attached' });
    weight = await scripts.weight();
    paints.push(await firstPaint(page));
    await page.context().close();
  }
  print(place.name, `${kilo(weight.ours)} KB ours, ${kilo(weight.others)} KB libraries and islands, first paint ${median(paints).toFixed(0)} ms`);
}
await browser.close();
await server.stop();
process.exit(0);

function firstPaint(page: Page): Promise<number> {
  return page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
}

function kilo(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
