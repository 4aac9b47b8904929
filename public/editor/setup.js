// What every view of a text has: keys, folding, search, several carets, and what the settings say.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, deleteLine, history, historyKeymap, indentWithTab, temporarilySetTabFocusMode } from '@codemirror/commands';
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view';
import { vim } from '@replit/codemirror-vim';
import { languageOf } from './languages.js';
import { looks } from './looks.js';

const LINES_LOOKED_AT = 200;

/** What the search says of itself, as all other pages write. */
const PHRASES = { next: 'Next', previous: 'Previous', all: 'All', 'match case': 'Match case', regexp: 'Regular expression', 'by word': 'Whole words', replace: 'Replace', 'replace all': 'Replace all' };

/** @param options { path, text, vimKeys, lineWrap, tabSize } */
export function setup({ path, text, vimKeys, lineWrap, tabSize }) {
  return [
    vimKeys ? vim({ status: true }) : [],
    reading({ path, text, lineWrap, tabSize }),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    history(),
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    EditorState.phrases.of(PHRASES),
    indentOnInput(),
    indentUnit.of(unitOf(text, tabSize)),
    bracketMatching(),
    closeBrackets(),
    autocompletion(),
    rectangularSelection(),
    crosshairCursor(),
    highlightSelectionMatches(),
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
      // Escape, then Tab leaves the editor: keys alone must be enough to get out.
      { key: 'Escape', run: temporarilySetTabFocusMode },
      // Mod-Shift-k, where it is usually, may be the palette's.
      { key: 'Shift-Mod-Backspace', run: deleteLine },
      indentWithTab,
    ]),
  ];
}

/** Without anything that edits. */
export function reading({ path, text, lineWrap, tabSize }) {
  return [
    // As the server has it: other line ends are part of the line.
    EditorState.lineSeparator.of('\n'),
    EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/g, '\n')),
    EditorState.tabSize.of(tabSize),
    lineNumbers(),
    foldGutter(),
    codeFolding(),
    highlightSpecialChars(),
    search({ top: true }),
    lineWrap ? EditorView.lineWrapping : [],
    languageOf(path, text.slice(0, 200).split('\n', 1)[0]) ?? [],
    looks,
    dark.of(EditorView.darkTheme.of(isDark())),
  ];
}

const dark = new Compartment();
const system = matchMedia('(prefers-color-scheme: dark)');

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme === 'dark' || (theme !== 'light' && system.matches);
}

/** Follows the theme of the page. @returns the function that stops it */
export function followTheme(view) {
  const follow = () => view.dispatch({ effects: dark.reconfigure(EditorView.darkTheme.of(isDark())) });
  const observer = new MutationObserver(follow);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  system.addEventListener('change', follow);
  return () => {
    observer.disconnect();
    system.removeEventListener('change', follow);
  };
}

/** Tabs where the file has tabs, else as many spaces as its first indented line. */
function unitOf(text, tabSize) {
  for (const line of text.split('\n', LINES_LOOKED_AT)) {
    const [indent = ''] = /^(\t+| {2,8})(?=\S)/.exec(line) ?? [];
    if (indent.startsWith('\t')) return '\t';
    if (indent !== '') return ' '.repeat(indent.length % 4 === 0 ? 4 : 2);
  }
  return ' '.repeat(Math.min(tabSize, 8));
}
