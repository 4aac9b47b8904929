// What a terminal spares itself while it draws changes nothing of what is seen.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { assetUrl } from '../../src/assets.ts';
import { openBrowser, signedIn } from '../support/browser.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { randomSequence } from '../support/random-output.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const STEPS = 90;

let server: TestServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  page = await signedIn(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** What happens to a terminal between two drawings. */
type Step = { write: string } | { scroll: number } | { select: [number, number, number] } | { resize: { cols: number; rows: number } } | { do: 'unselect' | 'mark' | 'unmark' | 'focus' | 'blur' | 'theme' | 'larger' };

function randomStep(dice: Dice): Step {
  const kind = dice.below(100);
  if (kind < 40) return { write: Array.from({ length: dice.between(1, 8) }, () => randomSequence(dice)).join('') };
  if (kind < 62) return { write: Array.from({ length: dice.between(1, 14) }, (_, at) => `\x1b[3${at % 8}mline ${dice.below(50)}\x1b[m\r\n`).join('') };
  if (kind < 76) return { scroll: dice.between(-12, 12) };
  if (kind < 80) return { select: [dice.below(10), dice.below(8), dice.between(1, 60)] };
  if (kind < 84) return { resize: { cols: dice.between(4, 50), rows: dice.between(2, 16) } };
  return { do: dice.pick(['unselect', 'mark', 'unmark', 'focus', 'blur', 'theme', 'larger']) };
}

/** What looks the same by its numbers: another accent, another underline, a link, marks as a search sets them. */
const TELLING: Step[] = [
  ...['e\u0301', 'e\u0300', '\x1b[4:1mu\x1b[m', '\x1b[4:3mu\x1b[m', '\x1b]8;;http://a.example/\x07u\x1b]8;;\x07', 'line line'].map((text) => ({ write: `\x1b[H${text}\x1b[K\x1b[5H` })),
  { do: 'mark' },
  { write: '\x1b[2Hline' },
  { do: 'unmark' },
  { do: 'theme' },
];

test('rows that are kept are as they would be drawn anew, whatever was printed, scrolled, selected, marked or resized', async () => {
  const dice = new Dice(seedOf('DISPATCH_TEST_DRAWING'));
  const steps = [...TELLING, ...Array.from({ length: STEPS }, () => randomStep(dice))];
  const differing = await page.evaluate(differences, { steps, telling: TELLING.length, module: assetUrl('terminal/screen.js') });
  expect(differing).toEqual([]);
});

test('characters that are measured together, once for all terminals, are as wide as each by itself', async () => {
  const widths = await page.evaluate(async (module) => {
    const { Screen } = await import(module);
    const settings = { theme: 'dark', fontSize: 13, lineHeight: 1, scrollback: 40, cursorStyle: 'block', cursorBlink: false, fontFamily: 'serif' };
    const place = document.body.appendChild(document.createElement('div'));
    const screens = [new Screen(place, settings, 'one'), new Screen(place, { ...settings, fontSize: 19 }, 'two')];
    const found = screens.flatMap(({ term }) => {
      const { _widthCache: cache } = term._core._renderService._renderer.value;
      return [...'WiM@ü日'].flatMap((character) => [false, true].map((bold) => {
        const element: HTMLElement = cache._measureElements[bold ? 1 : 0];
        element.textContent = character.repeat(32);
        return { character, bold, given: cache.get(character, bold, false) as number, measured: element.offsetWidth / 32 };
      }));
    });
    for (const screen of screens) screen.dispose();
    place.remove();
    return found;
  }, assetUrl('terminal/screen.js'));
  expect(widths.length).toBe(24);
  for (const { given, measured } of widths) expect(Math.abs(given - measured)).toBeLessThanOrEqual(1 / 32);
});

/** In the page. @returns of each step after which the rows were others than drawn anew */
async function differences({ steps, telling, module }: { steps: Step[]; telling: number; module: string }): Promise<object[]> {
  const { Screen } = await import(module);
  const place = document.body.appendChild(document.createElement('div'));
  place.style.cssText = 'position: fixed; inset: 0'; // Out of sight it draws nothing.
  const settings = { theme: 'dark', fontSize: 14, lineHeight: 1, scrollback: 40, cursorStyle: 'block', cursorBlink: false, fontFamily: '' };
  const screen = new Screen(place, settings, 'tried');
  const { term } = screen;
  const drawn = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))));
  const written = (text: string): Promise<void> => new Promise((resolve) => screen.write(text, resolve));
  const shown = (): string[] => [...place.querySelectorAll('.xterm-rows > div')].map((row) => `${(row as HTMLElement).style.overflow} ${row.innerHTML}`);
  const marks: ({ dispose(): void } | undefined)[] = [];
  const acts: Record<string, () => void> = {
    unselect: () => term.clearSelection(),
    mark: () => {
      const marker = term.registerMarker(-Math.min(4, term.buffer.active.cursorY));
      if (marker !== undefined) marks.push(term.registerDecoration({ marker, x: 1, width: 6, backgroundColor: '#333300', overviewRulerOptions: { color: '#ff0000' } }));
    },
    unmark: () => {
      for (const mark of marks.splice(0)) mark?.dispose();
    },
    focus: () => term.focus(),
    blur: () => term.blur(),
    theme: () => {
      settings.theme = settings.theme === 'dark' ? 'light' : 'dark';
      screen.applyTheme();
    },
    larger: () => (screen.shownFontSize = screen.shownFontSize === 14 ? 17 : 14),
  };
  const found: object[] = [];
  for (const [at, step] of steps.entries()) {
    if ('write' in step) await written(step.write);
    else if ('scroll' in step) term.scrollLines(step.scroll);
    else if ('select' in step) term.select(...step.select);
    else if ('resize' in step) screen.resize(step.resize);
    else acts[step.do]?.();
    await written('\x1b[?2026l'); // While it is on, nothing is drawn.
    await drawn();
    if (at >= telling && at % 3 !== 0) continue; // So that there is much to keep.
    const kept = shown();
    term._core._renderService.clear();
    term.refresh(0, term.rows - 1);
    await drawn();
    const anew = shown();
    if (JSON.stringify(kept) !== JSON.stringify(anew)) found.push({ at, step, kept, anew });
  }
  screen.dispose();
  return found;
}
