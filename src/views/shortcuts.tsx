// Every key of our own: what it does, how it is by default, and how its person has it. Plain
// keys work while nobody types. None of those that work everywhere is one that a shell or an
// editor needs: they have Ctrl+Shift or Meta.

import { Html } from '@elysiajs/html';
import { busyButton, type FormState, formAlert, textField } from './form.tsx';

export interface Shortcut {
  id: string;
  what: string;
  /** `g w`: one after the other. `Ctrl+Shift+K`: at once; Ctrl is Command where there is that. */
  keys: string;
  /** Where it works: while nobody types, in our own fields too, or also inside a terminal and an editor. */
  scope: 'page' | 'fields' | 'everywhere';
}

export const SHORTCUTS: readonly Shortcut[] = [
  { id: 'palette', what: 'Go to anything, do anything', keys: 'Ctrl+K', scope: 'fields' },
  { id: 'palette-inside', what: 'The same, also inside a terminal or an editor', keys: 'Ctrl+Shift+K', scope: 'everywhere' },
  { id: 'filter', what: 'Search in this page', keys: '/', scope: 'page' },
  { id: 'new', what: 'New terminal; in the list, new workspace', keys: 'n', scope: 'page' },
  { id: 'home', what: 'Home', keys: 'g h', scope: 'page' },
  { id: 'workspaces', what: 'Workspaces', keys: 'g w', scope: 'page' },
  { id: 'bench', what: 'Workbench of this workspace', keys: 'g b', scope: 'page' },
  { id: 'inbox', what: 'Inbox', keys: 'g i', scope: 'page' },
  { id: 'search', what: 'Search in everything', keys: 'g f', scope: 'page' },
  { id: 'settings', what: 'Settings', keys: 'g s', scope: 'page' },
  { id: 'next', what: 'Next row', keys: 'j', scope: 'page' },
  { id: 'previous', what: 'Previous row', keys: 'k', scope: 'page' },
  { id: 'tile-next', what: 'Next session of the workbench', keys: 'Ctrl+Shift+>', scope: 'everywhere' },
  { id: 'tile-previous', what: 'Previous session of the workbench', keys: 'Ctrl+Shift+<', scope: 'everywhere' },
  { id: 'tile-left', what: 'Move this session of the workbench to the left', keys: '', scope: 'everywhere' },
  { id: 'tile-right', what: 'Move it to the right', keys: '', scope: 'everywhere' },
  { id: 'tile-up', what: 'Move it up', keys: '', scope: 'everywhere' },
  { id: 'tile-down', what: 'Move it down', keys: '', scope: 'everywhere' },
  { id: 'tile-split-right', what: 'Split the workbench to the right', keys: '', scope: 'everywhere' },
  { id: 'tile-split-down', what: 'Split it downwards', keys: '', scope: 'everywhere' },
  { id: 'tile-close', what: 'Close this session on the workbench; it goes on', keys: '', scope: 'everywhere' },
  { id: 'keys', what: 'The list of keys', keys: '?', scope: 'page' },
];

/** Not to be changed: they are every page's. */
const FIXED: readonly (readonly [string, string])[] = [
  ['Enter', 'Open the row; on a workspace, its workbench'],
  ['Esc', 'Close'],
];

/** Nor these, each where it works. */
const ELSEWHERE: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['In a terminal', [
    ['Ctrl+Shift+C', 'Copy'],
    ['Ctrl+Shift+V', 'Paste'],
    ['Ctrl+Shift+F', 'Search in it'],
    ['Shift+Page Up', 'Older lines'],
    ['Ctrl+Shift+Page Up', 'The prompt before'],
    ['Ctrl+Shift+Page Down', 'The next prompt'],
    ['Ctrl+Shift+Up', 'Leave it for the bar above'],
  ]],
  ['On the workbench', [
    ['Left, Right', 'On a tab: the next one'],
    ['Shift+arrow', 'On a tab: move the session there'],
    ['Delete', 'On a tab: close it here'],
    ['Arrows', 'On a border: move it'],
  ]],
  ['In an editor', [
    ['Ctrl+S', 'Save'],
    ['Ctrl+F', 'Find and replace'],
    ['Ctrl+Shift+Backspace', 'Delete the line'],
    ['Esc, then Tab', 'Leave it'],
  ]],
  ['In the past of a session', [
    ['Space', 'Play, pause'],
    ['Left, Right', 'Five seconds back, forth'],
    ['Shift+Left, Right', 'The mark before, the next one'],
    [', .', 'One event back, forth'],
    ['Home, End', 'The first moment, the last'],
  ]],
];

const PLAIN = /^[^\s+]( [^\s+])?$/u;
const AT_ONCE = /^(Ctrl|Meta|Alt)(\+(Alt|Shift))*\+([A-Z0-9]|F[1-9]|F1[0-2]|Space|Enter|Backspace|Delete|Home|End|Page(Up|Down)|Arrow(Left|Right|Up|Down)|[^\s\w])$/;
const EVERYWHERE = /^(Ctrl\+Shift|Ctrl\+Alt\+Shift|Meta|Meta\+Shift)\+/;
/** Copied, pasted, found, undone and selected by: a terminal's own, an editor's, and any field's on a Mac. */
const NEEDED = /^(Ctrl\+Shift\+([CVFZGL{}|]|Enter|Backspace|Delete|Home|End|Page(Up|Down)|Arrow(Left|Right|Up|Down))|Meta(\+Shift)?\+([ACVXZSF]|Backspace|Arrow(Left|Right|Up|Down)))$/;
const NEEDED_IN_FIELDS = /^(Ctrl|Meta)\+([ACVXZY]|Backspace|Delete|Home|End|Arrow(Left|Right|Up|Down))$/;

/** As its person has them: changed ones in the place of our own. */
export function shortcutsWith(chosen: Readonly<Record<string, string>>): Shortcut[] {
  return SHORTCUTS.map((shortcut) => ({ ...shortcut, keys: chosen[shortcut.id] ?? shortcut.keys }));
}

/** What is wrong with a choice, by id; empty where nothing is. */
export function shortcutErrors(chosen: Readonly<Record<string, string>>): Record<string, string> {
  const errors: Record<string, string> = {};
  const taken = new Map<string, string>();
  for (const { id, what, keys, scope } of shortcutsWith(chosen)) {
    const other = taken.get(keys);
    if (keys === '') continue; // None: it is in the palette all the same.
    if (!PLAIN.test(keys) && !AT_ONCE.test(keys)) errors[id] = 'Give one key, two after each other (g w), or keys at once (Ctrl+Shift+K).';
    else if (scope === 'everywhere' && !EVERYWHERE.test(keys)) errors[id] = 'It works inside terminals, which need the others: begin with Ctrl+Shift+ or Meta+.';
    else if (scope === 'everywhere' && NEEDED.test(keys)) errors[id] = 'Terminals and editors need these themselves: take others.';
    else if (scope === 'fields' && NEEDED_IN_FIELDS.test(keys)) errors[id] = 'Every field needs these itself: take others.';
    else if (scope === 'fields' && PLAIN.test(keys)) errors[id] = 'It works while you type: begin with Ctrl+, Alt+ or Meta+.';
    else if (other !== undefined) errors[id] = `These are the keys of “${other}”.`;
    taken.set(keys, what);
  }
  return errors;
}

/** What the page's script reads. */
export function shortcutData(chosen: Readonly<Record<string, string>>): string {
  return JSON.stringify(shortcutsWith(chosen).map(({ id, keys, scope }) => [id, keys, scope]));
}

export function keysDialog(chosen: Readonly<Record<string, string>>): JSX.Element {
  const rows = [...shortcutsWith(chosen).map(({ keys, what }) => [keys, what] as const).filter(([keys]) => keys !== ''), ...FIXED];
  return (
    <dialog id="keys" class="dialog" aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl class="keys">
        {rows.map(keyRow)}
      </dl>
      {ELSEWHERE.map(([where, keys]) => (
        <details class="keys-elsewhere">
          <summary safe>{where}</summary>
          <dl class="keys">{keys.map(keyRow)}</dl>
        </details>
      ))}
      <form method="dialog" class="cluster">
        <button class="button" autofocus>Close</button>
        <a href="/settings#shortcuts">Change them</a>
      </form>
    </dialog>
  );
}

function keyRow([keys, what]: readonly [string, string]): JSX.Element {
  return (
    <div>
      <dt><kbd safe>{keys}</kbd></dt>
      <dd safe>{what}</dd>
    </div>
  );
}

export function shortcutsForm(chosen: Readonly<Record<string, string>>, state: FormState, saved: boolean): JSX.Element {
  return (
    <form
      id="shortcuts-form"
      class="setting"
      method="post"
      action="/settings/shortcuts"
      hx-post="/settings/shortcuts"
      hx-swap="outerHTML"
      hx-disable="find button"
      {...{ 'hx-status:422': 'swap:outerHTML' }}
    >
      {formAlert(state) as 'safe'}
      <div class="fields fields-keys">
        {shortcutsWith(chosen).map(({ id, what, keys }, index) => textField({
          form: 'shortcuts', name: id, label: what, state, value: keys, mono: true,
          ...(keys === SHORTCUTS[index]?.keys ? {} : { hint: SHORTCUTS[index]?.keys === '' ? 'At first none.' : `At first ${SHORTCUTS[index]?.keys ?? ''}.` }),
          control: { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', maxlength: 40 },
        }))}
      </div>
      <div class="cluster">
        {busyButton({ rest: 'Save', busy: 'Saving…', kind: 'button-primary' }) as 'safe'}
        {saved ? <span class="saved" role="status">Saved; open pages have it when they are loaded again</span> as 'safe' : ''}
      </div>
    </form>
  );
}
