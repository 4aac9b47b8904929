// The borders between tiles: moved by mouse, touch and arrow keys.

import { moved } from './tree.js';

const KEY_STEP = 0.02;
const KEYS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export class Borders {
  #bench;
  #options;
  #shown = [];
  #elements = [];

  /** @param {{ tree: () => object, change: (tree: object) => void }} options */
  constructor(bench, options) {
    this.#bench = bench;
    this.#options = options;
  }

  show(borders) {
    this.#shown = borders;
    while (this.#elements.length > borders.length) this.#elements.pop().remove();
    while (this.#elements.length < borders.length) this.#elements.push(this.#make(this.#elements.length));
    for (const [index, { row, at, area, split, index: part }] of borders.entries()) {
      const element = this.#elements[index];
      element.className = `bench-border ${row ? 'bench-border-row' : 'bench-border-column'}`;
      element.setAttribute('aria-orientation', row ? 'vertical' : 'horizontal');
      element.setAttribute('aria-valuenow', String(Math.round(split.parts[part].share * 100)));
      const { left, top, width, height } = area;
      Object.assign(element.style, row
        ? { left: `${(left + at * width) * 100}%`, top: `${top * 100}%`, height: `${height * 100}%`, width: '' }
        : { left: `${left * 100}%`, top: `${(top + at * height) * 100}%`, width: `${width * 100}%`, height: '' });
    }
  }

  #make(index) {
    const element = document.createElement('div');
    element.tabIndex = 0;
    element.setAttribute('role', 'separator');
    element.setAttribute('aria-label', 'Border between sessions');
    element.addEventListener('pointerdown', (event) => this.#drag(event, element, index));
    element.addEventListener('keydown', (event) => {
      if (!Object.hasOwn(KEYS, event.key)) return;
      event.preventDefault();
      this.#move(index, KEYS[event.key] * KEY_STEP);
    });
    this.#bench.append(element);
    return element;
  }

  #move(index, by) {
    const { split, index: part } = this.#shown[index];
    this.#options.change(moved(this.#options.tree(), split, part, by));
  }

  #drag(event, element, index) {
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    this.#bench.toggleAttribute('data-resizing', true);
    let last = event;
    const move = (now) => {
      const { row, area } = this.#shown[index];
      const { width, height } = this.#bench.getBoundingClientRect();
      const by = row ? (now.clientX - last.clientX) / (width * area.width) : (now.clientY - last.clientY) / (height * area.height);
      last = now;
      this.#move(index, by);
    };
    const end = () => {
      element.removeEventListener('pointermove', move);
      this.#bench.removeAttribute('data-resizing');
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('lostpointercapture', end, { once: true });
  }
}
