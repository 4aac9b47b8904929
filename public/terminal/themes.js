// Colours of the terminal itself. Every foreground but a dark theme's own black has at least
// 4.5:1 on the background; xterm lifts what a program combines worse than that, and what a
// scheme of one's own has worse.

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const bright = (name) => `bright${name[0].toUpperCase()}${name.slice(1)}`;

/** A theme in few lines: the eight colours in their order, plain and bright. */
function made({ ground, text, cursor, selection, selectionElsewhere, plain, bright: brighter }) {
  return {
    background: ground,
    overviewRulerBorder: ground,
    foreground: text,
    cursor,
    cursorAccent: ground,
    selectionBackground: selection,
    selectionInactiveBackground: selectionElsewhere,
    ...Object.fromEntries(COLOURS.flatMap((name, index) => [[name, plain[index]], [bright(name), brighter[index]]])),
  };
}

/** @type {Record<string, Record<string, string>>} */
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
  harbour: made({
    ground: '#15222e', text: '#d3e0ea', cursor: '#4ddae9', selection: '#2d4e69', selectionElsewhere: '#283a4a',
    plain: ['#202e3b', '#f58b88', '#6cc581', '#d0a83e', '#6eb2fe', '#c796eb', '#1fc4d3', '#c4cbd2'],
    bright: ['#88949e', '#feb5b1', '#91e0a2', '#eac66c', '#a4cfff', '#e0b7fe', '#5ae0ef', '#f4f7fb'],
  }),
  ember: made({
    ground: '#201713', text: '#e9dcc8', cursor: '#fc9d57', selection: '#5e402f', selectionElsewhere: '#423128',
    plain: ['#2c231e', '#f08f83', '#a4b95e', '#daa24f', '#56baef', '#e78db9', '#3dc6b1', '#d1c9c3'],
    bright: ['#9c8f87', '#ffb5ab', '#c1d584', '#f4c178', '#8dd5ff', '#feafd4', '#71e2cd', '#faf6f3'],
  }),
  moss: made({
    ground: '#141f18', text: '#dce5d4', cursor: '#9ce172', selection: '#2e503e', selectionElsewhere: '#283a30',
    plain: ['#212b22', '#f19485', '#86c47f', '#c2b356', '#58beec', '#da96d4', '#45c9bb', '#c5cdc6'],
    bright: ['#8a968c', '#febbaf', '#a7dfa0', '#ddd07e', '#8fd9fd', '#f5b5ee', '#76e4d6', '#f4f8f5'],
  }),
  plum: made({
    ground: '#22152b', text: '#e6ddee', cursor: '#fd97d2', selection: '#5a406e', selectionElsewhere: '#42334d',
    plain: ['#2d2239', '#fa8b9a', '#61ca8b', '#d8a93b', '#90aeff', '#e190da', '#25c5e4', '#ccc9d1'],
    bright: ['#958f9c', '#feb9c0', '#89e5ab', '#f2c86b', '#b9cdfe', '#fbb1f4', '#66e1fd', '#f8f6fa'],
  }),
  linen: made({
    ground: '#f6efe1', text: '#332921', cursor: '#9d4616', selection: '#e6d1b0', selectionElsewhere: '#eadeca',
    plain: ['#332921', '#a03f3c', '#357426', '#865900', '#1666aa', '#87458b', '#0e7176', '#69625a'],
    bright: ['#746a60', '#982d2c', '#206a08', '#764f05', '#025a9c', '#7e3583', '#046569', '#494137'],
  }),
  frost: made({
    ground: '#eff6fb', text: '#1d2a37', cursor: '#0961bb', selection: '#bcd9eb', selectionElsewhere: '#d1e3ee',
    plain: ['#1d2a37', '#a83442', '#077836', '#815c0b', '#2460b7', '#82439d', '#0d6f81', '#5c646b'],
    bright: ['#65707a', '#9c1730', '#06672e', '#704e00', '#0250ae', '#762e92', '#0b6070', '#3a444d'],
  }),
};

const DARK = matchMedia_('(prefers-color-scheme: dark)');
const MORE_CONTRAST = matchMedia_('(prefers-contrast: more)');

/**
 * The theme that settings mean on this page now; `own` is the scheme that they carry, where
 * they carry one. @returns {{ name: string, colours: Record<string, string> }}
 */
export function themeOf({ theme, scheme }) {
  if (theme === 'own' && scheme !== undefined) return { name: 'own', colours: ownColours(scheme) };
  const name = Object.hasOwn(THEMES, theme) ? theme : pageTheme();
  return { name, colours: THEMES[name] };
}

function pageTheme() {
  if (MORE_CONTRAST?.matches) return 'high-contrast';
  const page = document.documentElement.dataset.theme;
  if (page === 'dark' || page === 'light') return page;
  return DARK?.matches ? 'dark' : 'light';
}

/** A scheme says twenty colours; the rest follows from them. */
function ownColours(scheme) {
  const { background, selectionBackground } = scheme;
  return { ...scheme, overviewRulerBorder: background, cursorAccent: background, selectionInactiveBackground: selectionBackground };
}

/** Calls back whenever `themeOf` may answer anew. */
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

/** Whether dark signs stand on it: from the background alone, so also of somebody's own. */
export function isLight({ background }) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(background.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140;
}

export const contrastOf = (theme) => (theme === 'high-contrast' ? 7 : 4.5);

/** Absent outside of a browser, where only the colours are of interest. */
function matchMedia_(query) {
  return globalThis.matchMedia?.(query);
}
