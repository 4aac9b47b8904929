// Both sides of a conflict, to be looked at and put together: theirs beside mine, or in one
// column on a narrow screen. What comes out is saved only over the file that was shown.

import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, Text } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { reading, setup } from './setup.js';

const NARROW = '(max-width: 760px)';

/** @param given { dialog, options, mine, theirs } @returns the merged text; undefined where it was given up */
export function mergeIn({ dialog, options, mine, theirs }) {
  const place = dialog.querySelector('[data-merge]');
  const editing = [setup({ ...options, text: mine, vimKeys: false }), EditorView.contentAttributes.of({ 'aria-label': 'Mine, to be saved', tabindex: '0' })];
  const [view, text] = matchMedia(NARROW).matches ? inOne(place, editing, mine, theirs) : sideBySide(place, editing, options, mine, theirs);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const merged = dialog.returnValue === 'save' ? text() : undefined;
        dialog.returnValue = '';
        view.destroy();
        place.replaceChildren();
        resolve(merged);
      },
      { once: true },
    );
  });
}

function sideBySide(parent, editing, options, mine, theirs) {
  const view = new MergeView({
    parent,
    a: { doc: theirs, extensions: [reading({ ...options, text: theirs }), EditorState.readOnly.of(true), EditorView.editable.of(false), EditorView.contentAttributes.of({ 'aria-label': 'Theirs, on disk', tabindex: '0' })] },
    b: { doc: mine, extensions: editing },
    revertControls: 'a-to-b',
    renderRevertControl() {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = '→';
      button.title = 'Take this part of theirs';
      button.setAttribute('aria-label', button.title);
      return button;
    },
    collapseUnchanged: { margin: 3, minSize: 8 },
    gutter: true,
  });
  view.b.focus();
  return [view, () => view.b.state.sliceDoc()];
}

function inOne(parent, editing, mine, theirs) {
  const view = new EditorView({
    parent,
    doc: mine,
    extensions: [editing, unifiedMergeView({ original: Text.of(theirs.split('\n')), gutter: true, collapseUnchanged: { margin: 2, minSize: 6 }, mergeControls: control })],
  });
  return [view, () => view.state.sliceDoc()];
}

/** `accept` keeps mine, `reject` takes theirs. */
function control(type, action) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button';
  button.textContent = type === 'accept' ? 'Keep mine' : 'Take theirs';
  button.addEventListener('mousedown', action);
  return button;
}
