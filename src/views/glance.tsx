// A session seen small: the present screen of a terminal as wide as there is room, or what a
// conversation does. It asks for itself again while the page is open.

import { Html } from '@elysiajs/html';
import { plain } from './text.tsx';

export interface Glance {
  id: string;
  /** The event after which it looks so. */
  sequence: number;
  /** It may change yet. */
  live: boolean;
  cols: number;
  /** A `pre` made by the screen itself, escaped there. */
  screen: string | null;
  /** Where there is no screen. */
  text: string | null;
}

const BLANK_LINES_AT_END = /\s+<\/pre>$/;

export function glance({ id, sequence, live, cols, screen, text }: Glance): JSX.Element {
  const again = live
    ? { 'hx-get': `/sessions/${id}/glance?after=${sequence}`, 'hx-trigger': 'every 2s', 'hx-swap': 'outerHTML' }
    : {};
  return (
    <div class={screen === null ? 'glance glance-text' : 'glance'} id={`glance-${id}`} style={`--cols: ${cols}`} aria-hidden="true" {...again}>
      {screen === null
        ? <p class="small muted" safe>{plain(text ?? '')}</p> as 'safe'
        : screen.replace(BLANK_LINES_AT_END, '</pre>') as 'safe'}
    </div>
  );
}

/** Its place until it is there. */
export function glanceSoon(id: string): JSX.Element {
  return (
    <div
      class="glance"
      id={`glance-${id}`}
      aria-hidden="true"
      hx-get={`/sessions/${id}/glance`}
      hx-trigger="load"
      hx-swap="outerHTML"
    ></div>
  );
}
