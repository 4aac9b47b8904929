// What failed and what to do, as a page and as a fragment.

import { Html } from '@elysiajs/html';
import { layout, type Look } from './layout.tsx';

export interface ShownError {
  status: number;
  message: string;
}

const TITLES: Record<number, string> = {
  403: 'Not allowed',
  404: 'Not found',
  409: 'Something stands in the way',
  410: 'Gone',
  413: 'Too large',
  422: 'Not right yet',
  429: 'Too many attempts',
  503: 'Not now',
  507: 'The disk is full',
};

export function errorPage(error: ShownError, look: Partial<Look> = {}): JSX.Element {
  return layout({
    ...look,
    title: `${titleOf(error.status)} · Dispatch`,
    children: (
      <main class="page page-narrow">
        <p class="overline">
          <span safe>{String(error.status)}</span>
        </p>
        <h1 safe>{titleOf(error.status)}</h1>
        {errorFragment(error) as 'safe'}
        <p>
          <a class="button" href="/workspaces">To the workspaces</a>
        </p>
      </main>
    ),
  });
}

/** The message alone, where it takes a fragment's place. */
export function errorFragment({ message }: ShownError): JSX.Element {
  return (
    <div class="alert alert-error" role="alert">
      <p safe>{message}</p>
    </div>
  );
}

function titleOf(status: number): string {
  return TITLES[status] ?? (status < 500 ? 'That did not work' : 'Something went wrong');
}
