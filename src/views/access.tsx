// Who may in: the browsers that are signed in, a link for another device, the key.

import { Html } from '@elysiajs/html';
import type { Device } from '../auth/devices.ts';
import { busyButton, type FormState, formAlert, textField } from './form.tsx';
import { layout } from './layout.tsx';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';

export interface AccessView {
  devices: readonly Device[];
  /** Id of the device that looks; null for a program. */
  here: string | null;
  link: MadeLink | undefined;
  /** Why the key cannot be changed here, or null. */
  keyFixed: string | null;
  key: FormState;
}

export interface MadeLink {
  url: string;
  /** The same as an SVG, for a camera. */
  qr: string;
  minutes: number;
}

export function accessSections(view: AccessView): JSX.Element {
  return (
    <>
      <section class="section" id="devices" aria-labelledby="devices-title">
        <div class="section-head"><h2 id="devices-title">Devices</h2></div>
        {deviceList(view.devices, view.here) as 'safe'}
        {linkForm(view.link) as 'safe'}
        {signOutEverywhere() as 'safe'}
      </section>
      <section class="section" id="key" aria-labelledby="key-title">
        <div class="section-head"><h2 id="key-title">Access key</h2></div>
        {keyForm(view.keyFixed, view.key) as 'safe'}
      </section>
    </>
  );
}

export function deviceList(devices: readonly Device[], here: string | null): JSX.Element {
  return (
    <div
      id="device-list"
      hx-get="/settings?part=devices"
      hx-trigger="dispatch:settings from:document"
      hx-swap="outerMorph"
    >
      {devices.length > 0 ? '' : (
        <p class="hint about">No browser is signed in; programs come with the key.</p>
      ) as 'safe'}
      <ul class="rows">
        {devices.map(({ id, name, created, lastSeen }) => (
          <li id={`device-${id}`} class="device">
            <div class="row-text">
              <p class="cluster">
                <strong class="isolate device-name" safe>{plain(name)}</strong>
                {id === here ? <span class="badge badge-accent">this device</span> as 'safe' : ''}
              </p>
              <p class="small muted">
                seen {ago(new Date(lastSeen).toISOString()) as 'safe'} · signed in{' '}
                {ago(new Date(created).toISOString()) as 'safe'}
              </p>
            </div>
            <form
              method="post"
              action={`/settings/devices/${id}/revoke`}
              hx-post={`/settings/devices/${id}/revoke`}
              hx-target="#device-list"
              hx-swap="outerMorph"
              hx-disable="find button"
            >
              <button class="button" aria-label={`Sign out ${plain(name)}`}>Sign out</button>
            </form>
          </li>
        ))}
      </ul>
    </div>
  );
}

const MAKE_LINK = 'Make a sign-in link for another device';

export function linkForm(link: MadeLink | undefined): JSX.Element {
  return (
    <form
      id="device-link"
      class="setting"
      method="post"
      action="/settings/link"
      hx-post="/settings/link"
      hx-swap="outerHTML"
      hx-disable="find button"
    >
      {link === undefined ? '' : (
        <div class="alert alert-good" role="status">
          <label for="link-url"><strong>Open this on the other device</strong></label>
          <div class="copy">
            <input id="link-url" value={typed(link.url)} readonly data-select />
            <button type="button" class="button needs-script" data-copy="#link-url">Copy</button>
          </div>
          {isOfThisMachine(link.url) ? (
            <p class="alert alert-warn">
              This address is of the machine itself, and a phone does not reach it. Start Dispatch with an address of
              your network and TLS, or behind a tunnel with DISPATCH_ORIGIN, open this page by that address, and make
              the link there.
            </p>
          ) as 'safe' : ''}
          <div class="made-link">
            <div class="qr" role="img" aria-label="The link as a QR code">{link.qr as 'safe'}</div>
            <p class="hint">
              <span safe>{`It signs in one browser, once, within ${link.minutes} minutes.`}</span> Whoever opens it
              first gets in: send it only to yourself.
            </p>
          </div>
        </div>
      ) as 'safe'}
      <div class="cluster">
        {busyButton({ rest: link === undefined ? MAKE_LINK : 'Make another link', busy: 'Making…' }) as 'safe'}
      </div>
    </form>
  );
}

/** Loopback: only a browser on the server's machine, or at the end of a forwarded port, gets there. */
function isOfThisMachine(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || hostname.startsWith('127.');
}

function signOutEverywhere(): JSX.Element {
  return (
    <details id="sign-out-everywhere" class="setting-more">
      <summary>Sign out everywhere</summary>
      <form class="alert alert-warn" method="post" action="/settings/sign-out-everywhere">
        <p>
          Signs every browser out, this one too, and ends links that were made. Sessions go on; the key stays as it is.
        </p>
        <button class="button button-bad">Sign out everywhere</button>
      </form>
    </details>
  );
}

function keyForm(fixed: string | null, state: FormState): JSX.Element {
  if (fixed !== null) {
    return <div class="setting"><div class="alert"><p safe>{fixed}</p></div></div>;
  }
  const failed = state.message !== undefined || Object.keys(state.errors).length > 0;
  return (
    <details id="change-key" class="setting-more" open={failed}>
      <summary>Change the key</summary>
      <form class="panel panel-body stack" method="post" action="/settings/key">
        {formAlert(state) as 'safe'}
        <p class="muted">Everyone is signed out, programs too. The new key is shown once.</p>
        {textField({
          form: 'key', name: 'key', label: 'New key', state: { ...state, typed: {} }, mono: true,
          hint: 'At least 16 characters. Left empty, a strong one is made.',
          control: { type: 'password', autocomplete: 'new-password' },
        }) as 'safe'}
        <div><button class="button button-bad">Change the key and sign everyone out</button></div>
      </form>
    </details>
  );
}

/** Shown once, to a browser that is signed out by then. */
export function newKeyPage(key: string): JSX.Element {
  return layout({
    title: 'The new key · Dispatch',
    children: (
      <main class="page page-narrow">
        <h1>The key was changed</h1>
        <div class="alert alert-good">
          <label for="new-key"><strong>The new key</strong></label>
          <input id="new-key" class="mono" value={typed(key)} readonly />
          <p class="hint">
            It is shown only now: keep it in your password manager. Every browser and program is signed out.
          </p>
        </div>
        <p><a class="button button-primary" href="/login">Sign in with it</a></p>
      </main>
    ),
  });
}
