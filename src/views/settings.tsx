// The page of settings: one form per category, each its own root; then who may in. A form
// that does not go through comes back as it was typed.

import { Html } from '@elysiajs/html';
import type { Category } from '../settings/categories.ts';
import { type AccessView, accessSections } from './access.tsx';
import { busyButton, type FormState, formAlert } from './form.tsx';
import { layout, type Look } from './layout.tsx';
import { shortcutsForm } from './shortcuts.tsx';
import { schemeForm, type ThemeColours } from './terminal-themes.tsx';
import { overriddenIn, type OverridingWorkspace } from './workspace-settings.tsx';
import { type CategoryForm, FIELDS, type ShownSettings } from './settings-fields.tsx';

export interface SettingsView {
  values: ShownSettings;
  /** Category to its form, where one came back. */
  returned: Partial<Record<Category, FormState>>;
  saved: Category | undefined;
  shortcuts: FormState;
  scheme: { state: FormState; tried: ThemeColours | undefined };
  overriding: readonly OverridingWorkspace[];
  access: AccessView;
  look: Look;
}

const CATEGORIES: readonly Category[] = ['terminal', 'appearance', 'workspaces', 'agents', 'retention'];

export function settingsPage(view: SettingsView): JSX.Element {
  return layout({
    title: 'Settings · Dispatch',
    current: 'settings',
    scripts: ['scheme.js'],
    ...view.look,
    children: (
      <main class="page">
        <div class="page-head"><h1>Settings</h1></div>
        <div class="with-side">
          <nav class="side" aria-label="Settings">
            {CATEGORIES.map((name) => <a href={`#${name}`} safe>{FIELDS[name].title}</a>)}
            <a href="#shortcuts">Shortcuts</a>
            <a href="#devices">Devices</a>
            <a href="#key">Access key</a>
          </nav>
          <div>
            {CATEGORIES.map((name) => categorySection(name, view))}
            <section class="section" id="shortcuts" aria-labelledby="shortcuts-title">
              <div class="section-head"><h2 id="shortcuts-title">Shortcuts</h2></div>
              <p class="hint about">Left empty, it has no key and is found in the palette. Ctrl is Command on a Mac.</p>
              {shortcutsForm(view.look.shortcuts ?? {}, view.shortcuts, false) as 'safe'}
            </section>
            {accessSections(view.access) as 'safe'}
          </div>
        </div>
      </main>
    ),
  });
}

function categorySection(name: Category, { values, returned, saved, scheme, overriding }: SettingsView): JSX.Element {
  const { title, about } = FIELDS[name];
  return (
    <section class="section" id={name} aria-labelledby={`${name}-title`}>
      <div class="section-head"><h2 id={`${name}-title`} safe>{title}</h2></div>
      {about === undefined ? '' : <p class="hint about" safe>{about}</p> as 'safe'}
      {overriddenIn(name, overriding) as 'safe'}
      {categoryForm({ name, values, state: returned[name], saved: saved === name }) as 'safe'}
      {name !== 'terminal' ? '' : (
        <details class="setting-more" id="scheme" open={scheme.tried !== undefined || scheme.state.typed.scheme !== undefined}>
          <summary>Colours from a scheme of xterm or iTerm</summary>
          {schemeForm(values.themes.own, scheme.tried, scheme.state) as 'safe'}
        </details>
      ) as 'safe'}
    </section>
  );
}

export function categoryForm({ name, values, state, saved }: CategoryForm): JSX.Element {
  const shown = state ?? { typed: {}, errors: {} };
  return (
    <form
      id={`${name}-form`}
      class="setting"
      method="post"
      action={`/settings/${name}`}
      hx-post={`/settings/${name}`}
      hx-swap="outerHTML"
      hx-disable="find button"
      {...{ 'hx-status:422': 'swap:outerHTML' }}
    >
      {formAlert(shown) as 'safe'}
      {FIELDS[name].fields(values, shown) as 'safe'}
      <div class="cluster">
        {busyButton({ rest: 'Save', busy: 'Saving…', kind: 'button-primary' }) as 'safe'}
        {saved ? <span class="saved" role="status">Saved</span> as 'safe' : ''}
      </div>
    </form>
  );
}
