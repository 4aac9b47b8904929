// Where the palette goes besides what somebody has made: pages, categories of settings, and each
// setting by its own name.

export interface Place {
  title: string;
  /** Beside it, and found too. */
  detail: string;
  group: 'place' | 'setting';
  href: string;
}

const CATEGORIES: readonly (readonly [string, string, string])[] = [
  ['Terminal', 'terminal', 'font, size, theme, cursor, scrollback, bell, recorded input'],
  ['Appearance', 'appearance', 'theme light dark, density'],
  ['Workspaces and files', 'workspaces', 'shell, autosave, vim keys'],
  ['Agents', 'agents', 'claude, key, adapter'],
  ['History', 'retention', 'retention, days, bytes kept'],
  ['Shortcuts', 'shortcuts', 'keys'],
  ['Devices', 'devices', 'sign-in link for the phone, QR code, sign out everywhere'],
  ['Access key', 'key', 'change the key'],
];

/** By the id of the control: where it is, what it is called there, and other words for it. */
const SETTINGS: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  Terminal: [
    ['terminal-fontFamily', 'Font', 'typeface'],
    ['terminal-fontSize', 'Font size', 'text size'],
    ['terminal-lineHeight', 'Line height', ''],
    ['scheme', 'Colours of your own', 'scheme, Xresources, iTerm, theme'],
    ['terminal-cursorStyle', 'Cursor', 'block bar underline'],
    ['terminal-cursorBlink', 'Cursor blinks', ''],
    ['terminal-scrollback', 'Scrollback', 'lines above the screen'],
    ['terminal-bell', 'Bell', ''],
    ['terminal-optionIsMeta', 'Option key is Meta', 'Mac'],
    ['terminal-screenReader', 'Screen reader', 'accessibility'],
    ['terminal-shellIntegration', 'Shells tell of their commands', 'shell integration'],
    ['terminal-record', 'What is recorded of your typing', 'record input, privacy, passwords'],
  ],
  Appearance: [
    ['appearance-theme', 'Light or dark', 'theme'],
    ['appearance-density', 'Density', 'compact'],
    ['appearance-textSize', 'Text size', 'font size, accessibility'],
    ['appearance-contrast', 'Contrast', 'accessibility'],
    ['appearance-motion', 'Motion', 'animation, accessibility'],
  ],
  'Workspaces and files': [
    ['workspaces-defaultShell', 'Shell of new terminals', ''],
    ['workspaces-tabSize', 'Width of a tab', 'indentation'],
    ['workspaces-autosave', 'Save documents by themselves', 'autosave'],
    ['workspaces-lineWrap', 'Wrap long lines', ''],
    ['workspaces-vimKeys', 'Vim keys', ''],
  ],
  Agents: [
    ['agents-claudePath', 'Path of claude', ''],
    ['agents-adapterPath', 'Path of the ACP adapter', ''],
    ['agents-apiKey', 'API key', 'Anthropic'],
    ['agents-agents', 'Other agents', 'ACP'],
  ],
  History: [
    ['retention-eventDays', 'Days that are kept', 'retention'],
    ['retention-sessionBytes', 'Bytes of a session', 'retention, disk'],
    ['retention-totalBytes', 'Bytes of all sessions', 'retention, disk'],
  ],
};

const place = (title: string, href: string, detail: string): Place => ({ title, href, detail, group: 'place' });
const setting = (title: string, id: string, detail: string): Place => ({ title, href: `/settings#${id}`, detail, group: 'setting' });

export const PLACES: readonly Place[] = [
  place('Home', '/', 'what needs you, what runs'),
  place('Workspaces', '/workspaces', ''),
  place('Archived workspaces', '/workspaces?status=archived', ''),
  place('New workspace', '/folders', 'choose a folder'),
  place('Inbox', '/inbox', 'what waits for you'),
  place('Search in everything', '/search', 'output, input, conversations, files'),
  place('API reference', '/reference', ''),
  ...CATEGORIES.map(([title, id, detail]) => setting(`Settings: ${title}`, id, detail)),
  ...Object.entries(SETTINGS).flatMap(([category, all]) => all.map(([id, title, words]) => setting(`${category}: ${title}`, id, words === '' ? 'setting' : `setting · ${words}`))),
];
