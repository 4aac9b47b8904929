// What each page weighs, when it first shows something and when it is what it will be, on loopback:
// our own JavaScript as it is served, without the libraries and without the terminal's and the
// editor's islands; the medians of some loads, each with an empty cache. With words as arguments
// only the pages whose names have one of them.

import type { Page } from 'playwright-core';
import { openBrowser, signedIn } from '../tests/support/browser.ts';
import { startFurnished } from '../tests/support/furnished.ts';
import { scriptsOf } from '../tests/support/page-weight.ts';
import { median, print, printMachine } from './figures.ts';

const LOADS = 5;
const WIDE = { width: 1280, height: 800 };
const words = process.argv.slice(2);

const server = await startFurnished();
const browser = await openBrowser();
const storageState = await (await signedIn(browser, server)).context().storageState();
printMachine();
for (const place of server.places.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))) {
  const paints: number[] = [];
  const readies: number[] = [];
  let weight = { ours: 0, others: 0 };
  for (let load = 0; load < LOADS; load += 1) {
    const context = await browser.newContext({ viewport: WIDE, ...(place.stranger ? {} : { storageState }) });
    const page = await context.newPage();
    const scripts = scriptsOf(page);
    await page.goto(server.url + place.path, { waitUntil: 'commit' });
    await page.locator(place.ready).first().waitFor({ state: 'attached' });
    readies.push(await page.evaluate(() => performance.now()));
    paints.push(await firstPaint(page));
    weight = await scripts.weight();
    await context.close();
  }
  print(place.name, `${kilo(weight.ours)} KB ours, ${kilo(weight.others)} KB libraries and islands, first paint ${median(paints).toFixed(0)} ms, ready ${median(readies).toFixed(0)} ms`);
}
await browser.close();
await server.stop();
process.exit(0);

/** Of contents; it is told a little after it was. */
function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list, observer) => {
          const [entry] = list.getEntriesByName('first-contentful-paint');
          if (entry === undefined) return;
          observer.disconnect();
          resolve(entry.startTime);
        }).observe({ type: 'paint', buffered: true });
      }),
  );
}

function kilo(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
