// Finds text on the screen and in what scrolled by.

import { isLight } from './themes.js';

export class Search {
  #bar;
  #input;
  #count;
  #screen;

  /**
   * @param {HTMLElement} bar
   * @param {import('./screen.js').Screen} screen
   */
  constructor(bar, screen) {
    this.#bar = bar;
    this.#screen = screen;
    this.#input = bar.querySelector('input[type="search"]');
    this.#count = bar.querySelector('[data-count]');
    // From the present upwards: what is looked for was mostly printed last.
    this.#input.addEventListener('input', () => this.#find('previous', true));
    for (const option of bar.querySelectorAll('[type="checkbox"]')) option.addEventListener('change', () => this.#find('previous', true));
    bar.addEventListener('keydown', (event) => this.#key(event));
    bar.addEventListener('submit', (event) => event.preventDefault());
    bar.querySelector('[data-previous]').addEventListener('click', () => this.#find('previous'));
    bar.querySelector('[data-next]').addEventListener('click', () => this.#find('next'));
    bar.querySelector('[data-close]').addEventListener('click', () => this.close());
    screen.search.onDidChangeResults(({ resultIndex, resultCount }) => this.#counted(resultIndex, resultCount));
  }

  open() {
    const selected = this.#screen.term.getSelection();
    this.#bar.hidden = false;
    if (selected !== '' && !selected.includes('\n')) this.#input.value = selected;
    this.#input.select();
    this.#input.focus();
    if (this.#input.value !== '') this.#find('previous', true);
  }

  close() {
    this.#bar.hidden = true;
    this.#screen.search.clearDecorations();
    this.#screen.term.clearSelection();
    this.#screen.term.focus();
  }

  #key(event) {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#find(event.shiftKey ? 'next' : 'previous');
    }
  }

  #find(direction, incremental = false) {
    const { value } = this.#input;
    if (value === '') {
      this.#screen.search.clearDecorations();
      this.#count.textContent = '';
      return;
    }
    const light = isLight(this.#screen.term.options.theme);
    const options = {
      incremental,
      caseSensitive: this.#bar.querySelector('[name="case"]').checked,
      regex: this.#bar.querySelector('[name="regex"]').checked,
      decorations: {
        matchBackground: light ? '#f3dfa4' : '#5a4a16',
        matchOverviewRuler: light ? '#846000' : '#d9b86a',
        activeMatchBackground: light ? '#f0b53c' : '#9a7412',
        activeMatchBorder: light ? '#b02a20' : '#f0d492',
        activeMatchColorOverviewRuler: light ? '#b02a20' : '#f0837a',
      },
    };
    try {
      if (direction === 'next') this.#screen.search.findNext(value, options);
      else this.#screen.search.findPrevious(value, options);
      this.#input.removeAttribute('aria-invalid');
    } catch {
      this.#input.setAttribute('aria-invalid', 'true');
      this.#count.textContent = 'Not a valid pattern';
    }
  }

  #counted(index, count) {
    if (this.#input.value === '') return;
    if (count === 0) this.#count.textContent = 'Nothing found';
    else this.#count.textContent = index === -1 ? `${count} found` : `${index + 1} of ${count}`;
  }
}
