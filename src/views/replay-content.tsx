// What a moment of the past shows, by kind: a terminal's screen, a conversation as it stood.

import { Html } from '@elysiajs/html';
import type { Item } from '../agent/transcript.ts';
import { conversationItem } from './conversation-item.tsx';
import type { ItemContext } from './conversation-parts.tsx';

/** @param html the screen as the emulator made it: its text is escaped, its colours are inline */
export function screenContent(html: string): JSX.Element {
  return <div class="replay-screen" tabindex="0" role="region" aria-label="The screen of that moment">{html as 'safe'}</div>;
}

export function conversationContent(items: readonly Item[], earlier: number, context: ItemContext): JSX.Element {
  return (
    <div class="transcript" role="region" aria-label="The conversation as it stood" tabindex="0">
      {earlier > 0 ? <p class="hint" safe>{`${earlier} earlier parts are not shown: go back in time to read them.`}</p> as 'safe' : ''}
      {items.length === 0 ? <p class="muted">Nothing was said yet.</p> : ''}
      <div id="items">{items.map((item) => conversationItem(item, context))}</div>
    </div>
  );
}
