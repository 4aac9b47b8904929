// The axis of time: turns a moment into a place between 0 and 1, and back. Between two points as
// much is folded away as nothing can have happened in: each event explains so much of the time.

export class Axis {
  /** [sequence, ms], rising. */
  #points = [];
  /** Where each point lies, in ms of the axis. */
  #places = [];

  /** @param {[number, number][]} points @param {number} foldMs 0 where idle time stays as it was */
  constructor(points, foldMs) {
    this.#points = points;
    let place = 0;
    this.#places = points.map(([sequence, time], index) => {
      if (index === 0) return 0;
      const [before, earlier] = points[index - 1];
      const passed = time - earlier;
      place += foldMs === 0 ? passed : Math.min(passed, (sequence - before) * foldMs);
      return place;
    });
  }

  get isEmpty() {
    return this.#points.length === 0;
  }

  get length() {
    return this.#places.at(-1) ?? 0;
  }

  /** @param {number} sequence @param {number} time */
  placeOf(sequence, time) {
    const at = this.#segment(({ 0: point }) => point <= sequence);
    const [[, from], [, until]] = this.#ends(at);
    const part = until === from ? 0 : clamp((time - from) / (until - from));
    return this.#share(at, part);
  }

  /** @param {number} place 0 to 1 @returns {{ sequence: number, time: number }} about there */
  momentAt(place) {
    const wanted = clamp(place) * this.length;
    let at = this.#places.findLastIndex((one) => one <= wanted);
    at = Math.max(0, Math.min(at, this.#points.length - 2));
    const [[first, from], [last, until]] = this.#ends(at);
    const width = (this.#places[at + 1] ?? 0) - (this.#places[at] ?? 0);
    const part = width <= 0 ? 0 : clamp((wanted - this.#places[at]) / width);
    return { sequence: Math.round(first + part * (last - first)), time: Math.round(from + part * (until - from)) };
  }

  #segment(fits) {
    let low = 0;
    let high = this.#points.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (fits(this.#points[middle])) low = middle;
      else high = middle - 1;
    }
    return Math.min(low, Math.max(0, this.#points.length - 2));
  }

  #ends(at) {
    const first = this.#points[at] ?? [0, 0];
    return [first, this.#points[at + 1] ?? first];
  }

  #share(at, part) {
    const from = this.#places[at] ?? 0;
    const until = this.#places[at + 1] ?? from;
    return this.length === 0 ? 0 : (from + part * (until - from)) / this.length;
  }
}

const clamp = (value) => Math.min(1, Math.max(0, value));
