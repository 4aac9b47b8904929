// The way in: with the key, or by the button of a one-time link's page. Opening a link's
// page spends nothing, so that a chat's preview cannot.

import { Html } from '@elysiajs/html';
import { layout, markSvg } from './layout.tsx';
import { typed } from './text.tsx';

export interface LoginView {
  /** A path of ours to go to afterwards. */
  next: string;
  error?: string | undefined;
  /** Seconds until another try can succeed. */
  retryAfter?: number | undefined;
}

export interface LinkView {
  token: string;
  next: string;
  error?: string | undefined;
}

export function loginPage({ next, error, retryAfter }: LoginView): JSX.Element {
  const wait = retryAfter === undefined ? undefined : `Wait ${retryAfter} s before the next try.`;
  return signInPage('Sign in', (
    <form method="post" action="/login" class="stack">
      {error === undefined ? '' : alert('login-error', error, wait) as 'safe'}
      <input type="hidden" name="next" value={typed(next)} />
      <div class="field">
        <label for="key">Access key</label>
        <input
          id="key"
          name="key"
          type="password"
          class="mono"
          required
          autofocus
          autocomplete="current-password"
          autocapitalize="off"
          spellcheck="false"
          aria-describedby={error === undefined ? 'key-hint' : 'login-error key-hint'}
          aria-invalid={error === undefined ? undefined : 'true'}
        />
        <p class="hint" id="key-hint">
          The server showed it on its first start. No key at hand? <code>dispatch link</code> on that machine prints a
          link that signs in once.
        </p>
      </div>
      <button type="submit" class="button button-primary button-wide">Sign in</button>
    </form>
  ));
}

export function linkPage({ token, next, error }: LinkView): JSX.Element {
  return signInPage('Sign in on this device', (
    <form method="post" action="/login/link" class="stack">
      {error === undefined ? '' : alert('link-error', error, undefined) as 'safe'}
      <input type="hidden" name="token" value={typed(token)} />
      <input type="hidden" name="next" value={typed(next)} />
      <p>This link signs this browser in for thirty days. It works once.</p>
      <button type="submit" class="button button-primary button-wide" autofocus>Sign in on this device</button>
      <p class="hint">
        Not your link? Close this page: nothing has happened yet. Or <a href="/login">sign in with the key</a>.
      </p>
    </form>
  ));
}

function signInPage(heading: string, form: JSX.Element): JSX.Element {
  return layout({
    title: `${heading} · Dispatch`,
    bodyClass: 'sign-in',
    children: (
      <main class="sign-in-card">
        <p class="sign-in-mark">{markSvg() as 'safe'} <span>Dispatch</span></p>
        <h1 safe>{heading}</h1>
        {form as 'safe'}
      </main>
    ),
  });
}

function alert(id: string, message: string, more: string | undefined): JSX.Element {
  return (
    <div class="alert alert-error" role="alert" id={id}>
      <p safe>{message}</p>
      {more === undefined ? '' : <p safe>{more}</p> as 'safe'}
    </div>
  );
}
