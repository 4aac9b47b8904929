// The clock of a replay: which moment is shown, what comes next, and when. What a moment looks
// like is the stage's business; whatever is asked for last counts, and what was under way is let go.

/** So much is read ahead, in events. */
const AHEAD_STEPS = 400;
/** The clock never runs further than this ahead of what is shown: then it waits, or jumps. */
const LAG_MS = 1500;
/** A moment that takes longer than this is let go for another one. */
const PATIENCE_MS = 400;

export class Player {
  speed = 1;
  foldMs = 0;
  playing = false;
  /** @type {{ sequence: number, time: number } | undefined} */
  moment;
  head = 0;
  #stage;
  #hooks;
  /** @type {import('./feed.js').Step[]} */
  #next = [];
  #clock = 0;
  #lagSince = 0;
  #tickedAt = 0;
  #frame = 0;
  #loading = false;
  #asked;
  #wanted;

  /**
   * @param {{ seek: (where: { sequence?: number, t?: number }, signal: AbortSignal) => Promise<{ moment: any, steps: any[], head: number }>,
   *   more: (after: number, signal?: AbortSignal) => Promise<{ steps: any[], head: number }>,
   *   show: (step: any) => void, ready: () => boolean }} stage
   * @param {{ moved: () => void, changed: () => void, busy: (busy: boolean) => void, folded: (ms: number) => void, failed: (error: unknown) => void }} hooks
   */
  constructor(stage, hooks) {
    this.#stage = stage;
    this.#hooks = hooks;
  }

  get atEnd() {
    return this.moment !== undefined && this.#next.length === 0 && this.moment.sequence >= this.head;
  }

  /** Goes to a moment. While one is under way the latest that was asked for waits, unless that takes long. */
  seek(where) {
    this.#wanted = where;
    if (this.#asked === undefined) {
      this.#asked = { done: this.#seekAll() };
    } else if (performance.now() - this.#asked.since > PATIENCE_MS) {
      this.#asked.control?.abort();
    }
    return this.#asked?.done;
  }

  async #seekAll() {
    this.#hooks.busy(true);
    await Promise.resolve();
    while (this.#wanted !== undefined) {
      const where = this.#wanted;
      this.#wanted = undefined;
      const control = new AbortController();
      Object.assign(this.#asked, { control, since: performance.now() });
      try {
        const { moment, steps, head } = await this.#stage.seek(where, control.signal);
        this.head = head;
        this.#next = steps;
        this.#clock = moment.time;
        this.#lagSince = 0;
        this.#moved(moment);
      } catch (error) {
        if (this.#wanted === undefined) {
          this.pause();
          this.#hooks.failed(error);
        }
      }
    }
    this.#asked = undefined;
    this.#hooks.busy(false);
  }

  /** The next event, shown at once. */
  async forward() {
    this.pause();
    await this.#fill(1);
    const step = this.#next.shift();
    if (step === undefined) return;
    this.#stage.show(step);
    this.#clock = step.time;
    this.#moved(step);
  }

  back() {
    this.pause();
    if (this.moment !== undefined && this.moment.sequence > 1) return this.seek({ sequence: this.moment.sequence - 1 });
  }

  play() {
    if (this.playing || this.moment === undefined) return;
    this.playing = true;
    this.#tickedAt = performance.now();
    this.#frame = requestAnimationFrame((now) => this.#tick(now));
    this.#hooks.changed();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    this.#hooks.changed();
  }

  dispose() {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    this.#asked?.control?.abort();
  }

  #tick(now) {
    if (!this.playing) return;
    // A page in the background gets no frames: time that nobody saw does not count.
    const passed = Math.min(250, now - this.#tickedAt);
    this.#tickedAt = now;
    if (this.#asked === undefined) this.#advance(passed * this.speed, now);
    if (this.playing) this.#frame = requestAnimationFrame((later) => this.#tick(later));
  }

  #advance(ms, now) {
    let last;
    this.#clock += ms;
    while (this.#next.length > 0 && this.#next[0].time <= this.#clock && this.#stage.ready()) {
      last = this.#next.shift();
      this.#stage.show(last);
    }
    if (last !== undefined) this.#moved(last);
    const [next] = this.#next;
    if (next === undefined) return this.#atGap();
    if (this.#next.length < AHEAD_STEPS) void this.#fill(AHEAD_STEPS);
    if (next.time <= this.#clock) return this.#lag(now);
    this.#lagSince = 0;
    const idle = next.time - this.#clock;
    if (this.foldMs > 0 && idle > this.foldMs) {
      this.#clock = next.time - this.foldMs;
      this.#hooks.folded(idle - this.foldMs);
    }
  }

  /** What is shown cannot keep up: wait a moment, then go to where the clock is. */
  #lag(now) {
    if (this.#lagSince === 0) this.#lagSince = now;
    if (now - this.#lagSince < LAG_MS) return;
    this.#lagSince = 0;
    void this.seek({ t: Math.round(this.#clock) });
  }

  #atGap() {
    if (this.moment !== undefined && this.moment.sequence >= this.head) return this.pause();
    this.#clock = Math.min(this.#clock, (this.moment?.time ?? 0) + 250 * this.speed);
    void this.#fill(1);
  }

  /** Reads on until so many steps are there, or there are no more. */
  async #fill(count) {
    if (this.#loading || this.moment === undefined || this.#next.length >= count) return;
    const last = this.#next.at(-1)?.sequence ?? this.moment.sequence;
    if (last >= this.head && this.head > 0 && count > 1) return;
    this.#loading = true;
    try {
      const { steps, head } = await this.#stage.more(last);
      // Meanwhile somewhere else: these are no longer what comes next.
      if (last !== (this.#next.at(-1)?.sequence ?? this.moment.sequence)) return;
      this.head = head;
      this.#next.push(...steps);
    } catch (error) {
      this.pause();
      this.#hooks.failed(error);
    } finally {
      this.#loading = false;
    }
  }

  #moved({ sequence, time }) {
    this.moment = { sequence, time };
    this.#hooks.moved();
  }
}
