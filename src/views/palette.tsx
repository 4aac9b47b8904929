// The command palette as a page has it: an empty dialog that public/palette.js fills.

import { Html } from '@elysiajs/html';

export function paletteDialog(): JSX.Element {
  return (
    <dialog id="palette" class="palette" aria-label="Go to anything, do anything">
      <input
        id="palette-input"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-label="A workspace, a session, a file, a setting, or what to do"
        placeholder="Go to anything, do anything"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
      />
      <ul id="palette-list" role="listbox" aria-label="What fits"></ul>
      <p id="palette-hint" class="palette-hint" role="status"></p>
    </dialog>
  );
}
