// What stands in the way of an action and how to do it all the same: a fragment above the
// page, or a page of its own without JavaScript.

import { Html } from '@elysiajs/html';
import { layout, type Look } from './layout.tsx';
import { plain } from './text.tsx';

export interface Confirmation {
  title: string;
  message: string;
  /** Names of what will be stopped. */
  names: readonly string[];
  /** Where the form posts to, with `force=true`. */
  action: string;
  button: string;
  back: string;
}

export function confirmPage(confirmation: Confirmation, look: Look): JSX.Element {
  return layout({
    title: `${plain(confirmation.title)} · Dispatch`,
    current: 'workspaces',
    ...look,
    children: (
      <main class="page page-narrow">
        <h1 safe>{plain(confirmation.title)}</h1>
        {question(confirmation) as 'safe'}
      </main>
    ),
  });
}

/** Above a page that has other things on it: what it is about comes first. */
export function confirmFragment(confirmation: Confirmation): JSX.Element {
  return question(confirmation, <p><strong class="isolate" safe>{plain(confirmation.title)}</strong></p>);
}

function question({ message, names, action, button, back }: Confirmation, title: JSX.Element = <></>): JSX.Element {
  return (
    <div class="alert alert-warn" role="alert">
      {title as 'safe'}
      <p safe>{message}</p>
      <ul class="names">{names.map((name) => <li class="isolate" safe>{plain(name)}</li>)}</ul>
      <form method="post" action={action} class="cluster">
        <input type="hidden" name="force" value="true" />
        <button class="button button-bad" safe>{button}</button>
        <a class="button" href={back}>Leave it as it is</a>
      </form>
    </div>
  );
}
