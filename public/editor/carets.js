// Where others stand in the document, drawn in it, and telling them where we do.

import { getClientID, getSyncedVersion, sendableUpdates } from '@codemirror/collab';
import { StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, WidgetType } from '@codemirror/view';

const COLOURS = 6;
const TELL_MS = 250;
const BEAT_MS = 20_000;

const setCarets = StateEffect.define();

class CaretWidget extends WidgetType {
  constructor(name, colour) {
    super();
    this.name = name;
    this.colour = colour;
  }
  eq(other) {
    return other.name === this.name && other.colour === this.colour;
  }
  toDOM() {
    const caret = document.createElement('span');
    caret.className = `other-caret other-caret-${this.colour}`;
    caret.setAttribute('aria-hidden', 'true');
    const label = document.createElement('span');
    label.textContent = this.name;
    caret.append(label);
    return caret;
  }
  ignoreEvent() {
    return true;
  }
}

export const otherCarets = StateField.define({
  create: () => Decoration.none,
  update(carets, transaction) {
    let now = carets.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(setCarets)) now = effect.value;
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** @param carets as the server gives them; those of another version than ours are told anew soon */
export function showCarets(view, carets) {
  const { state } = view;
  const version = getSyncedVersion(state);
  const own = getClientID(state);
  const unsent = sendableUpdates(state).map(({ changes }) => changes);
  const at = (position) => unsent.reduce((now, changes) => changes.mapPos(Math.min(now, changes.length)), position);
  const length = state.doc.length;
  const ranges = [];
  for (const { clientID, name, version: theirs, ranges: given } of carets) {
    if (clientID === own || theirs !== version) continue;
    const colour = colourOf(clientID);
    for (const [anchor, head] of given) {
      const [from, to] = [anchor, head].map((position) => Math.min(at(position), length)).sort((a, b) => a - b);
      if (to > from) ranges.push(Decoration.mark({ class: `other-selection other-selection-${colour}` }).range(from, to));
      ranges.push(Decoration.widget({ widget: new CaretWidget(name, colour), side: 1 }).range(Math.min(at(head), length)));
    }
  }
  view.dispatch({ effects: setCarets.of(Decoration.set(ranges, true)) });
}

function colourOf(clientID) {
  let sum = 0;
  for (const letter of clientID) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return (sum % COLOURS) + 1;
}

/** Tells where this page stands, when it moved and every so often. */
export class OwnCaret {
  #timer;
  #beat;

  /** @param post sends a caret; @param view the editor; @param signal of the end of the page */
  constructor(view, post, signal) {
    this.view = view;
    this.post = post;
    this.#beat = setInterval(() => this.moved(), BEAT_MS);
    addEventListener('pagehide', () => this.#leave(), { signal });
    document.addEventListener('visibilitychange', () => (document.visibilityState === 'visible' ? this.moved() : this.#leave()), { signal });
    this.moved();
  }

  moved() {
    if (document.visibilityState !== 'visible') return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, TELL_MS);
  }

  dispose() {
    clearInterval(this.#beat);
    clearTimeout(this.#timer);
    this.#leave();
  }

  #tell() {
    const { state } = this.view;
    // Positions are of the text that the server has: what is unsent is told after it.
    if (sendableUpdates(state).length > 0) return this.moved();
    const { ranges, main } = state.selection;
    const all = [main, ...ranges.filter((range) => range !== main)].slice(0, 100);
    void this.post({ clientID: getClientID(state), version: getSyncedVersion(state), ranges: all.map(({ anchor, head }) => [anchor, head]) });
  }

  #leave() {
    void this.post({ clientID: getClientID(this.view.state), version: 0, ranges: [] }, true);
  }
}
