// The workbench by keys alone. On a session's tab the arrows go to the next one, with Shift they
// carry the session to another place, and Delete closes it here; the palette and the person's own
// shortcuts do the same from within a session.

const SIDES = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
const WORDS = { left: 'to the left', right: 'to the right', up: 'up', down: 'down' };
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export const TAB_HINT = 'Drag it, or press Shift and an arrow key, to have it elsewhere. Delete closes it here.';
export const TAB_KEYS = 'Shift+ArrowLeft Shift+ArrowRight Shift+ArrowUp Shift+ArrowDown Delete';

export class ByKeys {
  #bench;
  #options;

  /**
   * @param {{ active: () => string | null, carry: (id: string, side: string) => void, close: (id: string) => void,
   *   split: (where: string) => void, hasPlaces: () => boolean }} options
   */
  constructor(bench, options) {
    this.#bench = bench;
    this.#options = options;
    bench.addEventListener('keydown', (event) => {
      const id = event.target.closest('[data-show]')?.dataset.show;
      if (id !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey && this.#onTab(event, id)) event.preventDefault();
    });
    document.addEventListener('dispatch:bench', ({ detail }) => this.#act(detail));
    document.addEventListener('dispatch:actions', ({ detail }) => detail.push(...this.#actions()));
  }

  /** @returns whether it was one of ours */
  #onTab({ key, shiftKey, target }, id) {
    if (key === 'Delete') this.#options.close(id);
    else if (shiftKey && Object.hasOwn(SIDES, key)) this.#options.carry(id, SIDES[key]);
    else if (Object.hasOwn(STEPS, key)) {
      const all = [...this.#bench.querySelectorAll('[data-show]')];
      all[all.indexOf(target) + STEPS[key]]?.focus();
    } else return false;
    return true;
  }

  #act(what) {
    const id = this.#options.active();
    if (what === 'split-right' || what === 'split-down') this.#options.split(what.slice('split-'.length));
    else if (id === null) return;
    else if (what === 'close') this.#options.close(id);
    else if (this.#options.hasPlaces()) this.#options.carry(id, what);
  }

  /** What the palette offers for the session that has the focus. */
  #actions() {
    if (this.#options.active() === null) return [];
    const sides = this.#options.hasPlaces() ? Object.keys(WORDS) : [];
    return [
      ...sides.map((side) => ({ title: `Move this session ${WORDS[side]}`, act: () => this.#act(side) })),
      { title: 'Close this session here; it goes on', act: () => this.#act('close') },
    ];
  }
}
