// The editor in the colours of the page: its tokens, so that both themes are one style sheet.

import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const frame = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--raised)', fontSize: 'var(--editor-size, 13.5px)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '6px 0 40vh' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 26%, transparent)',
  },
  '.cm-content ::selection': { color: 'inherit' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--ink-3)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 55%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--hover)', color: 'var(--ink)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--hover)', border: '1px solid var(--line)', color: 'var(--ink-2)', padding: '0 6px' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-wash)', outline: '1px solid var(--accent)' },
  '.cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--bad-wash)', color: 'var(--bad)' },
  '.cm-searchMatch': { backgroundColor: 'color-mix(in srgb, var(--lamp-needs) 35%, transparent)', outline: '1px solid var(--lamp-needs)' },
  '.cm-searchMatch-selected': { backgroundColor: 'color-mix(in srgb, var(--lamp-needs) 65%, transparent)' },
  '.cm-selectionMatch': { backgroundColor: 'color-mix(in srgb, var(--lamp-needs) 18%, transparent)' },
  '.cm-panels': { backgroundColor: 'var(--panel)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
  '.cm-panel.cm-search': { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '6px 8px', padding: '8px 36px 8px 10px', fontFamily: 'var(--text)' },
  '.cm-panel.cm-search br': { flexBasis: '100%', content: '""', display: 'block', height: '0' },
  '.cm-panel.cm-search label': { display: 'inline-flex', alignItems: 'center', gap: '5px', fontSize: '12.5px' },
  '.cm-panel.cm-search input[type=checkbox]': { margin: '0' },
  '.cm-textfield': { width: 'auto !important', flex: '1 1 160px', maxWidth: '320px', backgroundColor: 'var(--raised)', color: 'var(--ink)', border: '1px solid var(--edge)', fontSize: '13px', margin: '0 !important' },
  '.cm-button': { fontFamily: 'var(--text)', fontSize: '12.5px', padding: '0 10px', backgroundImage: 'none', backgroundColor: 'var(--raised)', color: 'var(--ink)', border: '1px solid var(--edge)', borderRadius: 'var(--radius)', minHeight: '28px', margin: '0 !important' },
  '.cm-button:active': { backgroundImage: 'none', backgroundColor: 'var(--hover)' },
  '.cm-panel.cm-search [name=close]': { color: 'var(--ink-2)', fontSize: '18px', padding: '4px 10px' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--ink)', border: '1px solid var(--edge)', borderRadius: 'var(--radius)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-fat-cursor': { background: 'color-mix(in srgb, var(--accent) 60%, transparent) !important', color: 'var(--ink) !important' },
  '&:not(.cm-focused) .cm-fat-cursor': { background: 'none !important', outline: '1px solid var(--accent) !important', color: 'transparent !important' },
  '.cm-vim-panel': { fontFamily: 'var(--mono)', padding: '3px 10px' },
  '.cm-vim-panel input': { color: 'var(--ink)', backgroundColor: 'transparent', border: '0', minHeight: '0' },
  '.cm-specialChar': { color: 'var(--bad)' },
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'color-mix(in srgb, var(--bad) 12%, transparent)' },
  '&.cm-merge-b .cm-changedLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 14%, transparent)' },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': { background: 'color-mix(in srgb, var(--bad) 30%, transparent)' },
  '&.cm-merge-b .cm-changedText': { background: 'color-mix(in srgb, var(--accent) 34%, transparent)' },
  '.cm-collapsedLines': { color: 'var(--ink-2)', background: 'var(--panel)' },
});

/** As the colours of code elsewhere on our pages: 4.5:1 on every ground, in both themes. */
const COLOURS = HighlightStyle.define([
  { tag: [tags.comment, tags.meta, tags.documentMeta], color: 'light-dark(#5f6965, #8f9a95)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.typeName, tags.tagName, tags.self], color: 'light-dark(#86287f, #d39be0)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.inserted], color: 'light-dark(#20662f, #8fcf8a)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.escape], color: 'light-dark(#9a4a00, #e9a86a)' },
  { tag: [tags.propertyName, tags.attributeName, tags.definition(tags.variableName), tags.function(tags.variableName), tags.className, tags.labelName], color: 'light-dark(#0f5a8c, #83bfe8)' },
  { tag: [tags.link, tags.url], color: 'var(--accent)', textDecoration: 'underline' },
  { tag: tags.heading, color: 'light-dark(#0f5a8c, #83bfe8)', fontWeight: '700' },
  { tag: tags.strong, fontWeight: '700' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.deleted, tags.invalid], color: 'var(--bad)' },
]);

export const looks = [frame, syntaxHighlighting(COLOURS)];
