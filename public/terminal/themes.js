// Colours of the terminal itself. Every foreground but the theme's own background shade has
// at least 4.5:1 on the background; xterm lifts what a program combines worse than that.

/** @type {Record<'dark' | 'light' | 'high-contrast', Record<string, string>>} */
export const THEMES = {
  dark: {
    background: '#101517',
    overviewRulerBorder: '#101517',
    foreground: '#dbe2e1',
    cursor: '#7fd1b9',
    cursorAccent: '#101517',
    selectionBackground: '#2f5a60',
    selectionInactiveBackground: '#2a3d42',
    black: '#1c2427',
    red: '#f0837a',
    green: '#84c98b',
    yellow: '#d9b86a',
    blue: '#7fb2ef',
    magenta: '#cf9be3',
    cyan: '#6cc7cf',
    white: '#c3cccb',
    brightBlack: '#869496',
    brightRed: '#ffa39b',
    brightGreen: '#a5e0aa',
    brightYellow: '#f0d492',
    brightBlue: '#a6caf8',
    brightMagenta: '#e2bbf0',
    brightCyan: '#98dfe5',
    brightWhite: '#f6f9f8',
  },
  light: {
    background: '#fbfaf6',
    overviewRulerBorder: '#fbfaf6',
    foreground: '#20282a',
    cursor: '#0f6b5c',
    cursorAccent: '#fbfaf6',
    selectionBackground: '#b9dcd8',
    selectionInactiveBackground: '#dce5e2',
    black: '#20282a',
    red: '#b02a20',
    green: '#276b2e',
    yellow: '#785600',
    blue: '#1a57a8',
    magenta: '#85379c',
    cyan: '#0b6670',
    white: '#5c6769',
    brightBlack: '#646f71',
    brightRed: '#c03a2e',
    brightGreen: '#2f7637',
    brightYellow: '#846000',
    brightBlue: '#2664bb',
    brightMagenta: '#9445ab',
    brightCyan: '#13707a',
    brightWhite: '#3a4446',
  },
  'high-contrast': {
    background: '#000000',
    overviewRulerBorder: '#000000',
    foreground: '#ffffff',
    cursor: '#ffff00',
    cursorAccent: '#000000',
    selectionBackground: '#ffffff',
    selectionForeground: '#000000',
    selectionInactiveBackground: '#cccccc',
    black: '#000000',
    red: '#ff8f87',
    green: '#6bf178',
    yellow: '#ffe066',
    blue: '#8cc2ff',
    magenta: '#f0a6ff',
    cyan: '#5ef0ff',
    white: '#f0f0f0',
    brightBlack: '#b5b5b5',
    brightRed: '#ffb3ad',
    brightGreen: '#a1ffab',
    brightYellow: '#fff0a6',
    brightBlue: '#b8dbff',
    brightMagenta: '#f8ccff',
    brightCyan: '#a8f8ff',
    brightWhite: '#ffffff',
  },
};

const DARK = matchMedia_('(prefers-color-scheme: dark)');
const MORE_CONTRAST = matchMedia_('(prefers-contrast: more)');

/** The theme that a setting means on this page now. */
export function resolveTheme(setting) {
  if (setting in THEMES) return setting;
  if (MORE_CONTRAST?.matches) return 'high-contrast';
  const page = document.documentElement.dataset.theme;
  if (page === 'dark' || page === 'light') return page;
  return DARK?.matches ? 'dark' : 'light';
}

/** Calls back whenever `resolveTheme` may answer anew. */
export function watchTheme(changed) {
  DARK?.addEventListener('change', changed);
  MORE_CONTRAST?.addEventListener('change', changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    DARK?.removeEventListener('change', changed);
    MORE_CONTRAST?.removeEventListener('change', changed);
    observer.disconnect();
  };
}

export const contrastOf = (theme) => (theme === 'high-contrast' ? 7 : 4.5);

/** Absent outside of a browser, where only the colours are of interest. */
function matchMedia_(query) {
  return globalThis.matchMedia?.(query);
}
