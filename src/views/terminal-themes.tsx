// Colours of the terminal to choose from, each shown as a terminal has it, and the form for a
// scheme of one's own. Colours come from the core as `#rrggbb`: nothing else may go into a style.

import { Html } from '@elysiajs/html';
import { busyButton, type FormState, formAlert, textArea } from './form.tsx';

/** By xterm.js's names. */
export type ThemeColours = Readonly<Record<string, string>>;

export interface TerminalThemes {
  /** Those there are by name, of the terminal itself. */
  colours: Readonly<Record<string, ThemeColours>>;
  /** The scheme of one's own, where there is one. */
  own: ThemeColours | undefined;
}

export const THEME_NAMES: readonly (readonly [string, string])[] = [
  ['auto', 'As the page'],
  ['dark', 'Dark'],
  ['light', 'Light'],
  ['high-contrast', 'High contrast'],
  ['harbour', 'Harbour'],
  ['ember', 'Ember'],
  ['moss', 'Moss'],
  ['plum', 'Plum'],
  ['linen', 'Linen'],
  ['frost', 'Frost'],
  ['own', 'My own'],
];

export function themeChoice(themes: TerminalThemes, chosen: string, error: string | undefined): JSX.Element {
  const shown = THEME_NAMES.filter(([name]) => name !== 'own' || themes.own !== undefined || chosen === 'own');
  return (
    <fieldset class="field span" aria-describedby={error === undefined ? undefined : 'terminal-theme-error'}>
      <legend class="label legend-plain">Colours</legend>
      <div class="themes">
        {shown.map(([name, label]) => (
          <label class="theme">
            <input type="radio" name="theme" value={name} checked={name === chosen} />
            <span class="theme-shown">{samplesOf(themes, name).map(sample)}</span>
            <span class="theme-name" safe>{label}</span>
          </label>
        ))}
      </div>
      {error === undefined ? '' : <p class="field-error" id="terminal-theme-error" role="alert" safe>{error}</p> as 'safe'}
    </fieldset>
  );
}

export function schemeForm(own: ThemeColours | undefined, tried: ThemeColours | undefined, state: FormState): JSX.Element {
  const shown = tried ?? own;
  return (
    <form
      id="scheme-form"
      class="stack"
      method="post"
      action="/settings/scheme"
      hx-post="/settings/scheme"
      hx-swap="outerHTML"
      hx-disable="find button"
      {...{ 'hx-status:422': 'swap:outerHTML' }}
    >
      {formAlert(state) as 'safe'}
      <p class="hint">X resources (<code>*.color4: #5fafd7</code>), or a file that iTerm exported (<code>.itermcolors</code>).</p>
      <div class="field needs-script">
        <label for="scheme-file">File</label>
        <input type="file" id="scheme-file" data-scheme-file accept=".itermcolors,.Xresources,.Xdefaults,.xresources,.txt,.plist,text/plain,application/xml" />
      </div>
      {textArea({
        form: 'scheme', name: 'scheme', label: 'Or its text', state, mono: true, wide: true,
        control: { rows: 7, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', placeholder: '*.foreground: #d3e0ea\n*.background: #15222e\n*.color0: #202e3b' },
      }) as 'safe'}
      {shown === undefined ? '' : (
        <figure class="theme-large">
          {sample(shown) as 'safe'}
          <figcaption class="hint">{tried === undefined ? 'The one that you have.' : 'So it looks.'} Signs that would be too close to their background are lifted when they are shown.</figcaption>
        </figure>
      ) as 'safe'}
      <div class="cluster">
        <button class="button" name="act" value="look">Look at it</button>
        {busyButton({ rest: 'Use it', busy: 'Saving…', kind: 'button-primary' }) as 'safe'}
      </div>
    </form>
  );
}

function samplesOf({ colours, own }: TerminalThemes, name: string): ThemeColours[] {
  const one = name === 'own' ? own : colours[name];
  return [colours.light, colours.dark].flatMap((page) => (name !== 'auto' || page === undefined ? [] : [page])).concat(one === undefined ? [] : [one]);
}

const EIGHT = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const bright = (name: string): string => `bright${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Nothing to read: what it shows is its colours. */
function sample(colours: ThemeColours): JSX.Element {
  const of = (name: string): string => (/^#[0-9a-f]{6}$/.test(colours[name] ?? '') ? (colours[name] ?? '') : '#808080');
  const word = (name: string, text: string): JSX.Element => <i style={`color:${of(name)}`} safe>{text}</i>;
  return (
    <span class="theme-sample" aria-hidden="true" style={`background:${of('background')};color:${of('foreground')}`}>
      <span>{word('green', '~/house') as 'safe'} {word('blue', 'main') as 'safe'} $ make<b style={`background:${of('cursor')}`}></b></span>
      <span>{word('brightBlack', '12:04')} {word('red', 'error')} {word('yellow', 'warn')} {word('magenta', 'hint')} {word('cyan', 'ok')}</span>
      {[EIGHT, EIGHT.map(bright)].map((row) => <span class="theme-row">{row.map((name) => <b style={`background:${of(name)}`}></b>)}</span>)}
    </span>
  );
}
