// What JavaScript a page loads, in bytes as it is written: ours, and the rest, which is
// libraries, the terminal's island and the editor's.

import type { Page, Response } from 'playwright-core';

const OTHERS = /\/assets\/[^/]+\/(vendor\/|terminal\/|editor\.js)/;

export function scriptsOf(page: Page): { weight(): Promise<{ ours: number; others: number }> } {
  const answers: Response[] = [];
  page.on('response', (answer) => {
    if (/javascript/.test(answer.headers()['content-type'] ?? '') && answer.url().includes('/assets/')) answers.push(answer);
  });
  return {
    async weight() {
      const sum = { ours: 0, others: 0 };
      const loaded = new Map(answers.map((answer) => [answer.url(), answer]));
      for (const [url, answer] of loaded) sum[OTHERS.test(url) ? 'others' : 'ours'] += (await answer.body()).length;
      return sum;
    },
  };
}
