// Carrying a tab to another place with mouse or touch: onto a tile it joins its tabs, near an
// edge it gets a place of its own there.

const START_PX = 6;
const EDGE = 0.26;

export class Carrying {
  #bench;
  #options;
  #shade;

  /** @param {{ leaves: () => object[], drop: (id: string, near: string, where: string) => void }} options */
  constructor(bench, options) {
    this.#bench = bench;
    this.#options = options;
    this.#shade = document.createElement('div');
    this.#shade.className = 'bench-shade';
    this.#shade.hidden = true;
    bench.append(this.#shade);
    bench.addEventListener('pointerdown', (event) => this.#take(event));
  }

  #take(event) {
    const tab = event.target.closest('[data-tab]');
    if (tab === null || event.button !== 0 || event.target.closest('[data-close]') !== null) return;
    const id = tab.dataset.tab;
    let place;
    let carrying = false;
    const move = (now) => {
      carrying ||= Math.hypot(now.clientX - event.clientX, now.clientY - event.clientY) > START_PX;
      if (!carrying) return;
      this.#bench.toggleAttribute('data-carrying', true);
      place = this.#placeAt(now);
      this.#show(place);
    };
    const end = (now) => {
      for (const [type, listener] of listeners) document.removeEventListener(type, listener);
      this.#bench.removeAttribute('data-carrying');
      this.#shade.hidden = true;
      if (now.type !== 'pointerup' || !carrying || place === undefined) return;
      // The click that follows is not one on the tab.
      document.addEventListener('click', stop, { capture: true, once: true });
      setTimeout(() => document.removeEventListener('click', stop, { capture: true }));
      if (place.near !== id || place.count > 1) this.#options.drop(id, place.near === id ? place.other : place.near, place.where);
    };
    const listeners = [['pointermove', move], ['pointerup', end], ['pointercancel', end]];
    for (const [type, listener] of listeners) document.addEventListener(type, listener);
  }

  #placeAt({ clientX, clientY }) {
    const box = this.#bench.getBoundingClientRect();
    const x = (clientX - box.left) / box.width;
    const y = (clientY - box.top) / box.height;
    const found = this.#options.leaves().find(({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height);
    if (found === undefined) return undefined;
    const { leaf, left, top, width, height } = found;
    const across = (x - left) / width;
    const down = (y - top) / height;
    const near = Math.min(across, 1 - across, down, 1 - down);
    const where = near > EDGE ? 'tab' : near === across ? 'left' : near === 1 - across ? 'right' : near === down ? 'up' : 'down';
    return { near: leaf.shown, other: leaf.tabs.find((id) => id !== leaf.shown), count: leaf.tabs.length, where, left, top, width, height };
  }

  #show(place) {
    this.#shade.hidden = place === undefined;
    if (place === undefined) return;
    const { left, top, width, height, where } = place;
    const half = where === 'tab' ? 1 : 0.5;
    const wide = where === 'left' || where === 'right';
    Object.assign(this.#shade.style, {
      left: `${(left + (where === 'right' ? width / 2 : 0)) * 100}%`,
      top: `${(top + (where === 'down' ? height / 2 : 0)) * 100}%`,
      width: `${width * (wide ? half : 1) * 100}%`,
      height: `${height * (wide ? 1 : half) * 100}%`,
    });
  }
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
