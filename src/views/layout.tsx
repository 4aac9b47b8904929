// The frame of every page: head, header with navigation and connection state, skip link,
// list of keys. A page without `current` (sign-in, errors) has neither navigation nor news.

import { Html } from '@elysiajs/html';
import { assetUrl } from '../assets.ts';
import { paletteDialog } from './palette.tsx';
import { keysDialog, shortcutData } from './shortcuts.tsx';

export type Place = 'home' | 'workspaces' | 'inbox' | 'search' | 'settings' | 'reference';

/** Setting appearance, as each page gets it, and how much waits in the inbox. */
export interface Look {
  theme: 'system' | 'light' | 'dark';
  density: 'comfortable' | 'compact';
  textSize?: 'small' | 'normal' | 'large' | 'larger';
  contrast?: 'system' | 'more';
  motion?: 'system' | 'less';
  waiting?: number;
  /** Keys that were changed, by id. */
  shortcuts?: Readonly<Record<string, string>>;
}

export interface LayoutOptions extends Partial<Look> {
  title: string;
  /** Where the navigation stands; absent on pages without it (sign-in, errors). */
  current?: Place;
  /** Further assets by name: modules and style sheets. */
  scripts?: readonly string[];
  styles?: readonly string[];
  bodyClass?: string;
  /** The palette and the keys also on a page without the navigation. */
  keys?: boolean;
  /** A bar of its own in the place of the header. */
  header?: JSX.Element;
  children: JSX.Element;
}

/** Without evaluated code (CSP), and with room for a stop, which takes seconds. */
const HTMX_CONFIG = '{"includeIndicatorCSS":false,"defaultTimeout":30000}';

/** What failed is said above the page, never in the place of what was asked for. */
const FAILURES = failuresIn('notice');

/** Where what failed is said, by its id. */
export function failuresIn(id: string): Record<string, string> {
  const there = `target:#${id} swap:innerHTML push:false replace:false`;
  return { 'hx-status:4xx:inherited': there, 'hx-status:5xx:inherited': there };
}

export function layout(options: LayoutOptions): JSX.Element {
  const { current, styles = [], scripts = [] } = options;
  const keys = current !== undefined || options.keys === true;
  return (
    <>
      {'<!doctype html>'}
      <html
        lang="en"
        data-theme={options.theme ?? 'system'}
        data-density={options.density ?? 'comfortable'}
        data-text-size={options.textSize ?? 'normal'}
        data-contrast={options.contrast ?? 'system'}
        data-motion={options.motion ?? 'system'}
      >
        <head>
          <meta charset="utf-8" />
          <meta
            name="viewport"
            content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
          />
          <meta name="color-scheme" content="light dark" />
          <meta name="theme-color" content="#f3f2ec" {...{ media: '(prefers-color-scheme: light)' }} />
          <meta name="theme-color" content="#13181a" {...{ media: '(prefers-color-scheme: dark)' }} />
          <meta name="htmx-config" content={HTMX_CONFIG} />
          <title safe>{options.title}</title>
          <link rel="icon" type="image/svg+xml" href={assetUrl('icon.svg')} />
          <link rel="apple-touch-icon" href={assetUrl('icon-180.png')} />
          <link rel="manifest" href="/manifest.webmanifest" />
          <link rel="stylesheet" href={assetUrl('app.css')} />
          {styles.map((name) => <link rel="stylesheet" href={assetUrl(name)} />)}
          {current === undefined ? '' : ownScripts() as 'safe'}
          {keys && current === undefined ? <script type="module" src={assetUrl('keys.js')}></script> as 'safe' : ''}
          {scripts.map((name) => <script type="module" src={assetUrl(name)}></script>)}
        </head>
        <body class={options.bodyClass} data-shortcuts={keys ? shortcutData(options.shortcuts ?? {}) : undefined} {...FAILURES}>
          <a class="skip" href="#content">Skip to the content</a>
          {(options.header ?? header(current, options.waiting ?? 0)) as 'safe'}
          {current === undefined ? '' : <div id="notice" class="notice" aria-live="assertive"></div> as 'safe'}
          <div id="content" class="content" tabindex="-1">{options.children as 'safe'}</div>
          {!keys ? '' : <>{keysDialog(options.shortcuts ?? {}) as 'safe'}{paletteDialog() as 'safe'}</> as 'safe'}
        </body>
      </html>
    </>
  );
}

function ownScripts(): JSX.Element {
  return (
    <>
      <script src={assetUrl('vendor/htmx.js')} defer></script>
      <script type="module" src={assetUrl('news.js')}></script>
      <script type="module" src={assetUrl('keys.js')}></script>
      <script type="module" src={assetUrl('live.js')}></script>
      <script type="module" src={assetUrl('notify.js')}></script>
    </>
  );
}

function header(current: Place | undefined, waiting: number): JSX.Element {
  return (
    <header class="top">
      <a class="mark" href="/" aria-label="Dispatch, home" aria-current={current === 'home' ? 'page' : undefined}>
        {markSvg() as 'safe'}
        <span class="mark-name">Dispatch</span>
      </a>
      {current === undefined ? '' : navigation(current, waiting) as 'safe'}
    </header>
  );
}

function navigation(current: Place, waiting: number): JSX.Element {
  return (
    <>
      <nav class="nav" aria-label="Main">
        {place('workspaces', 'Workspaces', current) as 'safe'}
        <a href="/inbox" aria-current={current === 'inbox' ? 'page' : undefined}>Inbox {inboxCount(waiting) as 'safe'}</a>
        {place('search', 'Search', current) as 'safe'}
        {place('settings', 'Settings', current) as 'safe'}
        {place('reference', 'Reference', current) as 'safe'}
      </nav>
      <div class="top-end">
        <span
          class="link-state"
          id="connection"
          data-state="connecting"
          role="status"
          aria-live="polite"
          title="Whether this page hears of changes as they happen"
        >
          <span class="dot" aria-hidden="true"></span>
          <span class="link-word" data-word>connecting</span>
        </span>
        <button type="button" class="button button-quiet palette-button needs-script" data-palette title="Go to anything, do anything">
          Go to…
        </button>
        <button
          type="button"
          class="button button-quiet keys-button needs-script"
          data-keys
          title="Keys (?)"
          aria-label="Keys"
        >
          ?
        </button>
        <form method="post" action="/logout">
          <button class="button button-quiet">Sign out</button>
        </form>
        {more(current) as 'safe'}
      </div>
    </>
  );
}

/** On a phone: what has no room in its header. The browser opens and closes it by itself. */
function more(current: Place): JSX.Element {
  return (
    <>
      <button type="button" class="button button-quiet more-button" popovertarget="more" aria-label="More">
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
          <path d="M2 4h12M2 8h12M2 12h12" fill="none" stroke="currentColor" stroke-width="1.5" />
        </svg>
      </button>
      <div id="more" class="more" popover="auto">
        <nav aria-label="More">
          {place('search', 'Search', current) as 'safe'}
          {place('settings', 'Settings', current) as 'safe'}
          {place('reference', 'Reference', current) as 'safe'}
        </nav>
        <button type="button" class="needs-script" data-keys popovertarget="more" popovertargetaction="hide">Keys</button>
        <form method="post" action="/logout">
          <button>Sign out</button>
        </form>
      </div>
    </>
  );
}

/** How many things wait, on the link to them: refreshed by news. */
export function inboxCount(waiting: number): JSX.Element {
  return (
    <span
      id="inbox-count"
      class="inbox-count"
      hx-get="/inbox?part=count"
      hx-trigger="dispatch:inbox from:document"
      hx-swap="outerMorph"
      hidden={waiting === 0}
    >
      <span safe>{String(waiting)}</span>
      <span class="sr-only"> waiting</span>
    </span>
  );
}

function place(name: Place, label: string, current: Place): JSX.Element {
  return (
    <a href={`/${name}`} aria-current={name === current ? 'page' : undefined} safe>
      {label}
    </a>
  );
}

/** The mark: a prompt, and the signal that went out from it. */
export function markSvg(): JSX.Element {
  return (
    <svg class="mark-sign" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false">
      <path d="M4 5l7 7-7 7" fill="none" stroke="currentColor" stroke-width="2.5" />
      <path d="M13 19h4" stroke="currentColor" stroke-width="2.5" />
      <path class="mark-signal" d="M13 5a7 7 0 0 1 7 7" fill="none" stroke-width="2.5" />
    </svg>
  );
}
