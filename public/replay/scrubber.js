// The scrubber: the whole life of a session on one line, with its marks in lanes by kind. Drawn on
// a canvas, for there may be thousands; a slider to those who use keys or a screen reader.

/** Height of a mark, part of the lane, and colour, by type; what is not here is a small tick. */
const LOOKS = {
  command: { height: 1, colour: '--accent' },
  prompt: { height: 1, colour: '--accent' },
  decision: { height: 0.75, colour: '--lamp-needs' },
  permission: { height: 0.75, colour: '--lamp-needs' },
  save: { height: 0.75, colour: '--lamp-working' },
  conflict: { height: 0.75, colour: '--bad' },
  status: { height: 1, colour: '--ink' },
  gap: { height: 1, colour: '--bad' },
  bell: { height: 0.45, colour: '--warn' },
  resize: { height: 0.3, colour: '--ink-3' },
  attach: { height: 0.3, colour: '--ink-3' },
};
/** What comes in hundreds, and the room that one of them needs to be seen alone. */
const FAINT = new Set(['command', 'prompt']);
const CROWD_PX = 5;
const NEAR_PX = 7;
const STEPS = 1000;

export class Scrubber {
  #element;
  #canvas;
  #tip;
  #hooks;
  #axis;
  #marks = [];
  #place = 0;
  #part = { from: undefined, until: undefined };
  #dragging = false;
  #observer;

  /**
   * @param {HTMLElement} element
   * @param {{ seek: (moment: { sequence: number, time: number }, place: number) => void, tell: (moment: { sequence: number, time: number }, mark?: any) => string }} hooks
   */
  constructor(element, hooks) {
    this.#element = element;
    this.#canvas = element.querySelector('[data-canvas]');
    this.#tip = element.querySelector('[data-tip]');
    this.#hooks = hooks;
    element.addEventListener('pointerdown', (event) => this.#down(event));
    element.addEventListener('pointermove', (event) => this.#over(event));
    element.addEventListener('pointerleave', () => (this.#tip.hidden = true));
    for (const name of ['pointerup', 'pointercancel']) element.addEventListener(name, () => (this.#dragging = false));
    this.#observer = new ResizeObserver(() => this.draw());
    this.#observer.observe(element);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  /** @param {import('./axis.js').Axis} axis @param {{ sequence: number, time: number, type: string, label: string }[]} marks */
  show(axis, marks) {
    this.#axis = axis;
    this.#marks = marks.map((mark) => ({ ...mark, place: axis.placeOf(mark.sequence, mark.time) }));
    this.draw();
  }

  /** @param {{ sequence: number, time: number }} moment */
  moveTo(moment, words) {
    if (this.#axis === undefined) return;
    this.#place = this.#axis.placeOf(moment.sequence, moment.time);
    this.#element.setAttribute('aria-valuenow', String(Math.round(this.#place * STEPS)));
    this.#element.setAttribute('aria-valuetext', words);
    this.draw();
  }

  /** The part that will be exported. */
  showPart(from, until) {
    this.#part = { from, until };
    this.draw();
  }

  /** The mark before or after a moment, of the kinds that one steps by. */
  beside(sequence, direction, types) {
    const fits = (mark) => types.includes(mark.type) && (direction < 0 ? mark.sequence < sequence : mark.sequence > sequence);
    return direction < 0 ? this.#marks.findLast(fits) : this.#marks.find(fits);
  }

  dispose() {
    this.#observer.disconnect();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (this.#axis === undefined || width === 0) return;
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    const draw = this.#canvas.getContext('2d');
    const style = getComputedStyle(this.#element);
    const colours = new Map();
    const colour = (name) => colours.get(name) ?? colours.set(name, resolved(style, name)).get(name);
    draw.scale(ratio, ratio);
    const rail = height - 9;
    draw.fillStyle = colour('--line');
    draw.fillRect(0, rail, width, 5);
    this.#drawPart(draw, width, rail, colour('--lamp-needs'));
    draw.fillStyle = colour('--accent');
    draw.fillRect(0, rail, this.#place * width, 5);
    // So many that they would be one block: where they are dense shows instead.
    const faint = this.#marks.length * CROWD_PX > width ? 0.4 : 1;
    for (const { type, place } of this.#marks) {
      draw.globalAlpha = FAINT.has(type) ? faint : 1;
      const look = LOOKS[type] ?? { height: 0.3, colour: '--ink-3' };
      draw.fillStyle = colour(look.colour);
      const tall = (rail - 3) * look.height;
      draw.fillRect(Math.round(place * (width - 1)), rail - 2 - tall, type === 'status' ? 2 : 1.5, tall);
    }
    draw.globalAlpha = 1;
    draw.fillStyle = colour('--ink');
    draw.beginPath();
    draw.arc(Math.min(width - 7, Math.max(7, this.#place * width)), rail + 2.5, 6.5, 0, 2 * Math.PI);
    draw.fill();
  }

  #drawPart(draw, width, rail, colour) {
    const { from, until } = this.#part;
    if (from === undefined && until === undefined) return;
    const start = from === undefined ? 0 : this.#axis.placeOf(from.sequence, from.time) * width;
    const end = until === undefined ? width : this.#axis.placeOf(until.sequence, until.time) * width;
    draw.fillStyle = colour;
    draw.globalAlpha = 0.28;
    draw.fillRect(start, 0, Math.max(1, end - start), rail);
    draw.globalAlpha = 1;
  }

  #down(event) {
    if (event.button !== 0 || this.#axis === undefined) return;
    event.preventDefault();
    this.#element.focus({ preventScroll: true });
    this.#element.setPointerCapture(event.pointerId);
    this.#dragging = true;
    this.#go(event);
  }

  #over(event) {
    if (this.#axis === undefined) return;
    const place = this.#placeAt(event);
    const mark = this.#markNear(place);
    this.#tip.textContent = this.#hooks.tell(mark ?? this.#axis.momentAt(place), mark);
    this.#tip.hidden = false;
    const { width } = this.#element.getBoundingClientRect();
    const half = this.#tip.offsetWidth / 2;
    this.#tip.style.left = `${Math.min(width - half, Math.max(half, place * width))}px`;
    if (this.#dragging) this.#go(event);
  }

  #go(event) {
    const place = this.#placeAt(event);
    const mark = this.#markNear(place);
    this.#place = mark?.place ?? place;
    this.draw();
    this.#hooks.seek(mark ?? this.#axis.momentAt(place), this.#place);
  }

  #placeAt({ clientX }) {
    const { left, width } = this.#element.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - left) / width));
  }

  /** Marks draw the pointer to themselves, the larger ones first. */
  #markNear(place) {
    const { width } = this.#element.getBoundingClientRect();
    let best;
    for (const mark of this.#marks) {
      const away = Math.abs(mark.place - place) * width;
      const weight = (LOOKS[mark.type]?.height ?? 0.3) * (NEAR_PX - away);
      if (away <= NEAR_PX && weight > (best?.weight ?? 0)) best = { mark, weight };
    }
    return best?.mark;
  }
}

/** `light-dark()` means nothing to a canvas: the browser says which of the two it is. */
function resolved(style, name) {
  const probe = document.createElement('i');
  probe.style.color = style.getPropertyValue(name);
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
