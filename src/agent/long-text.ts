// A text that grows without end is shown in parts, so that what is new of it costs what the last
// part costs, not what all of it does. A block of code that is cut is closed and opened again.

import { limits } from '../limits.ts';

/** @param came the end of it, which is new. @returns what stays, and what begins the next part; undefined while it fits one */
export function parted(text: string, came: number): [string, string] | undefined {
  // At least half of it stays: so what goes on is never more than it was before.
  const most = Math.max(limits.transcriptTextMax, 2 * came);
  if (text.length <= most) return undefined;
  const at = cutAt(text, most);
  const head = text.slice(0, at);
  const open = openFence(head);
  const rest = text.slice(at);
  return open === undefined ? [head, rest] : [`${head.trimEnd()}\n${open.fence}`, `${open.fence}${open.info}\n${rest.replace(/^\n+/, '')}`];
}

/** Between paragraphs where there are any, else between lines, else between characters. */
function cutAt(text: string, most: number): number {
  for (const between of ['\n\n', '\n', ' ']) {
    const at = text.lastIndexOf(between, most - between.length);
    if (at > most / 2) return at + between.length;
  }
  return /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most;
}

function openFence(text: string): { fence: string; info: string } | undefined {
  let open: { fence: string; info: string } | undefined;
  for (const [, fence = '', info = ''] of text.matchAll(/^ {0,3}(`{3,}|~{3,})([^\n]*)$/gm)) {
    if (open === undefined) open = { fence, info: info.trim() };
    else if (fence.startsWith(open.fence) && info.trim() === '') open = undefined;
  }
  return open;
}
