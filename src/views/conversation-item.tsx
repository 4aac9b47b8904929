// One item of a conversation: the same fragment for the page, for what is loaded above and for
// what changes. Its id comes from its place in the log, so it is replaced, never doubled.

import { Html } from '@elysiajs/html';
import type { Prompt } from '../agent/prompts.ts';
import type { Item } from '../agent/transcript.ts';
import { fileLink, filePath, type ItemContext, pictures, whoElse } from './conversation-parts.tsx';
import { requestForm, requestOutcome } from './conversation-request.tsx';
import { toolCard } from './conversation-tool.tsx';
import { markdown } from './markdown.ts';
import { plain } from './text.tsx';
import { ago } from './time.tsx';

export function conversationItem(item: Item, context: ItemContext): JSX.Element {
  return (
    <article class={`item item-${item.is}`} id={`i${item.sequence}${context.suffix ?? ''}`} data-changed={String(item.changed)}>
      {body(item, context) as 'safe'}
    </article>
  );
}

function body(item: Item, context: ItemContext): JSX.Element {
  switch (item.is) {
    case 'prompt':
      return promptBody(item.prompt, new Date(item.at).toISOString(), context);
    case 'message':
      return (
        <>
          <div class="prose">{markdown(item.text, fileLink(context)) as 'safe'}</div>
          {pictures(context.sessionId, item.pictures) as 'safe'}
          <button type="button" class="copy-message button button-quiet needs-script" data-copy-message aria-label="Copy this message">Copy</button>
        </>
      );
    case 'thought':
      return (
        <details class="thought" id={`t${item.sequence}${context.suffix ?? ''}`}>
          <summary>
            <span class="overline">Thought</span> <span class="thought-line" safe>{firstLine(item.text)}</span>
          </summary>
          <div class="prose">{markdown(item.text, fileLink(context)) as 'safe'}</div>
        </details>
      );
    case 'tool':
      return toolCard(item, context);
    case 'plan':
      return plan(item.entries);
    case 'request':
      return (
        <section class="ask" aria-label={item.request.type === 'question' ? 'A question' : 'A permission'}>
          {item.request.decision === null && context.live ? requestForm(item.request, context) : requestOutcome(item.request, context)}
        </section>
      );
    case 'note':
      return <p class={`note note-${item.tone}`} role={item.tone === 'bad' ? 'alert' : undefined} safe>{plain(item.text).replaceAll(`${context.folder}/`, '')}</p>;
  }
}

function promptBody({ text, images, resources, client }: Prompt, at: string, context: ItemContext): JSX.Element {
  const who = whoElse(context, client);
  return (
    <div class="said">
      <p class="said-text" safe>{plain(text)}</p>
      {pictures(context.sessionId, images.map(({ attachment }) => attachment)) as 'safe'}
      {resources.length === 0 ? '' : (
        <ul class="chips" aria-label="Files that are named">
          {resources.map(({ path }) => <li class="chip mono">{filePath(path, context) as 'safe'}</li>)}
        </ul>
      ) as 'safe'}
      <p class="said-when">
        {who === '' ? '' : <span safe>{`${plain(who)} · `}</span> as 'safe'}
        {ago(at) as 'safe'}
      </p>
    </div>
  );
}

const STEP: Record<string, string> = { completed: 'done', in_progress: 'under way', pending: 'to do' };

function plan(entries: readonly Record<string, unknown>[]): JSX.Element {
  const done = entries.filter(({ status }) => status === 'completed').length;
  return (
    <section class="plan" aria-label="The agent’s plan">
      <h3><span class="overline">Plan</span> <span class="count" safe>{`${done} of ${entries.length}`}</span></h3>
      <ol>
        {entries.map(({ content, status }) => {
          const state = typeof status === 'string' && Object.hasOwn(STEP, status) ? status : 'pending';
          return (
            <li class={`step step-${state}`}>
              <span class="step-mark" role="img" aria-label={STEP[state]}></span>
              <span safe>{plain(String(content))}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function firstLine(text: string): string {
  const line = plain(text).trim().split('\n')[0]?.replace(/[*_`#]/g, '') ?? '';
  return line.length > 120 ? `${line.slice(0, 119).toWellFormed()}…` : line;
}
