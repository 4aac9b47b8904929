// What a moment of the past shows, by kind: a terminal's screen, a conversation as it stood, a
// document as it was written.

import { Html } from '@elysiajs/html';
import type { Item } from '../agent/transcript.ts';
import { coloured, languageOf } from './code.ts';
import { conversationItem } from './conversation-item.tsx';
import type { ItemContext } from './conversation-parts.tsx';
import { plain } from './text.tsx';

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

export interface DocumentMoment {
  path: string;
  version: number;
  text: string;
  /** How many characters are not shown. */
  left: number;
  /** What happened at that moment. */
  what: string;
}

export function documentContent(sessionId: string, document: DocumentMoment | undefined): JSX.Element {
  if (document === undefined) return <p class="muted">No document was open yet.</p>;
  const { path, version, text, left, what } = document;
  return (
    <div class="replay-document" role="region" aria-label="The document as it was" tabindex="0">
      <p class="replay-document-head"><strong class="mono" safe>{plain(path)}</strong> <span class="muted" safe>{`version ${version} · ${what}`}</span> <a href={`/sessions/${sessionId}?path=${encodeURIComponent(path)}`}>As it is now</a></p>
      <pre class="code"><code>{coloured(text, languageOf(path)) as 'safe'}</code></pre>
      {left === 0 ? '' : <p class="hint" safe>{`${left} more characters are not shown here.`}</p> as 'safe'}
    </div>
  );
}
