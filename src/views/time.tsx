// Moments as people read them: how long ago, with the exact time in the title. The page's
// script keeps them going and turns the title into local time.

import { Html } from '@elysiajs/html';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param iso ISO 8601 UTC */
export function ago(iso: string, now = Date.now()): JSX.Element {
  return <time datetime={iso} title={exact(iso)} data-ago safe>{relative(Date.parse(iso), now)}</time>;
}

export function exact(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

/** The same words as `public/live.js` writes. */
export function relative(then: number, now: number): string {
  const past = Math.max(0, now - then);
  if (past < MINUTE) return 'just now';
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`;
  if (past < 30 * DAY) return `${Math.floor(past / DAY)} d ago`;
  return new Date(then).toISOString().slice(0, 10);
}
