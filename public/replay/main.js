// <dispatch-replay>: the past of one session, played. Puts stage, clock and scrubber together; the
// address follows the moment, so that it can be sent to somebody or come back to.

import { copyText } from '../copy.js';
import { remember, remembered } from '../terminal/device.js';
import { Axis } from './axis.js';
import { fetchLife, GoneError } from './feed.js';
import { PageStage } from './page-stage.js';
import { Player } from './player.js';
import { Scrubber } from './scrubber.js';
import { TerminalStage } from './terminal-stage.js';

const SPEED = 'dispatch-replay-speed';
const FOLD = 'dispatch-replay-fold';
/** Marks that one steps by, as the links of the page do. */
const STEPS = ['command', 'prompt', 'decision', 'save', 'status'];
const JUMP_MS = 5000;
const ADDRESS_MS = 250;
const NOTE_MS = 2500;

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const count = new Intl.NumberFormat();

class DispatchReplay extends HTMLElement {
  #main;
  #stage;
  #player;
  #scrubber;
  #life;
  #axis;
  #part = { from: undefined, until: undefined };
  #addressTimer = 0;
  #noteTimer = 0;
  #keys = (event) => this.#key(event);

  connectedCallback() {
    if (this.#player !== undefined) return;
    document.documentElement.dataset.script = '';
    this.#main = this.closest('main');
    const moment = this.querySelector('#moment');
    const options = { id: this.#id, name: this.dataset.name ?? '', settings: JSON.parse(this.dataset.settings ?? '{}') };
    const element = this.querySelector('[data-stage]');
    this.#stage = this.dataset.kind === 'terminal' ? new TerminalStage(element, options) : new PageStage(element, options);
    this.#player = new Player(this.#stage, {
      moved: () => this.#moved(),
      changed: () => this.#changed(),
      busy: (busy) => this.toggleAttribute('data-busy', busy),
      folded: (ms) => this.#note(`${words(ms)} without anything: skipped.`),
      failed: (error) => this.#failed(error),
    });
    this.#scrubber = new Scrubber(this.querySelector('[data-scrubber]'), {
      seek: ({ sequence, time, type }) => void this.#player.seek(type === undefined ? { t: time } : { sequence }),
      tell: ({ time }, mark) => (mark === undefined ? exact.format(time) : `${exact.format(time)} · ${mark.label}`),
    });
    this.#choices();
    this.addEventListener('click', (event) => this.#click(event));
    document.addEventListener('keydown', this.#keys);
    this.querySelector('[data-goto]').addEventListener('submit', (event) => this.#goTo(event));
    this.querySelector('[data-zone]').textContent = 'Time';
    // Here they are buttons, and lead on from wherever one is.
    for (const link of this.querySelectorAll('.replay-transport a')) {
      link.removeAttribute('aria-disabled');
      link.tabIndex = 0;
      link.setAttribute('role', 'button');
      link.setAttribute('aria-label', link.dataset.act === 'previous' ? 'Previous command or mark' : 'Next command or mark');
      link.title = link.getAttribute('aria-label');
      link.addEventListener('keydown', (event) => event.key === 'Enter' && (event.preventDefault(), this.#act(link.dataset.act)));
    }
    if (moment.dataset.sequence !== undefined) void this.#player.seek({ sequence: Number(moment.dataset.sequence) });
    void this.#learn();
  }

  /** @returns {boolean} whether it was open */
  #closePart() {
    const part = this.querySelector('[data-part][open]');
    if (part === null) return false;
    part.open = false;
    part.querySelector('summary').focus();
    return true;
  }

  disconnectedCallback() {
    document.removeEventListener('keydown', this.#keys);
    for (const part of [this.#player, this.#scrubber, this.#stage]) part?.dispose();
  }

  /** What is shown, as text; and where it stands, for whoever looks from outside. */
  screenText() {
    return this.#stage.screenText();
  }

  get winsize() {
    return this.#stage.winsize;
  }

  get #id() {
    return this.dataset.session ?? '';
  }

  async #learn() {
    try {
      this.#life = await fetchLife(this.#id);
      this.#lay();
      this.setAttribute('data-ready', '');
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The axis anew, after its folding changed. */
  #lay() {
    if (this.#life === undefined) return;
    this.#axis = new Axis(this.#life.points, this.#player.foldMs);
    const marks = this.#life.marks.map(({ timestamp, ...mark }) => ({ ...mark, time: Date.parse(timestamp) }));
    this.#scrubber.show(this.#axis, marks);
    this.#moved();
  }

  #moved() {
    const { moment, head } = this.#player;
    if (moment === undefined) return;
    const when = exact.format(moment.time);
    const last = Number.isFinite(head) ? head : (this.#life?.last?.sequence ?? moment.sequence);
    const place = `event ${count.format(moment.sequence)} of ${count.format(Math.max(last, moment.sequence))}`;
    const shown = this.#main.querySelector('[data-when]');
    shown.textContent = when;
    shown.dateTime = new Date(moment.time).toISOString();
    this.#main.querySelector('[data-place]').textContent = place;
    this.dataset.sequence = String(moment.sequence);
    this.#scrubber.moveTo(moment, `${when}, ${place}`);
    this.#goToShows(moment.time);
    if (this.#addressTimer === 0) this.#addressTimer = setTimeout(() => this.#address(), ADDRESS_MS);
  }

  #goToShows(time) {
    const field = this.querySelector('[data-goto] input');
    if (document.activeElement === field) return;
    const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
    field.value = local.toISOString().slice(0, 19);
  }

  #address() {
    this.#addressTimer = 0;
    const { moment } = this.#player;
    if (moment !== undefined) history.replaceState(history.state, '', this.#link(moment));
  }

  #link({ sequence }) {
    return `/sessions/${this.#id}/replay?sequence=${sequence}`;
  }

  #changed() {
    const { playing } = this.#player;
    this.toggleAttribute('data-playing', playing);
    this.querySelector('[data-act="play"]').setAttribute('aria-pressed', String(playing));
  }

  #choices() {
    const speed = this.querySelector('[data-speed]');
    const fold = this.querySelector('[data-fold]');
    const restore = (select, key) => {
      const known = remembered(key);
      if ([...select.options].some(({ value }) => value === known)) select.value = known;
    };
    restore(speed, SPEED);
    restore(fold, FOLD);
    const apply = () => {
      this.#player.speed = Number(speed.value);
      const folded = this.#player.foldMs !== Number(fold.value);
      this.#player.foldMs = Number(fold.value);
      if (folded) this.#lay();
    };
    apply();
    speed.addEventListener('change', () => (remember(SPEED, speed.value), apply()));
    fold.addEventListener('change', () => (remember(FOLD, fold.value), apply()));
  }

  #click(event) {
    const button = event.target.closest('[data-act]');
    if (button === null) return;
    event.preventDefault();
    this.#act(button.dataset.act);
  }

  #act(name) {
    const { moment } = this.#player;
    const acts = {
      play: () => this.#play(),
      back: () => void this.#player.back(),
      forward: () => void this.#player.forward(),
      previous: () => this.#step(-1),
      next: () => this.#step(1),
      link: () => void this.#copy(new URL(this.#link(moment ?? { sequence: 1 }), location.href).href, 'The link to this moment is copied.'),
      text: () => void this.#copy(this.#stage.text(), 'The text is copied.'),
      'part-from': () => this.#cut({ from: moment }),
      'part-until': () => this.#cut({ until: moment }),
      'part-all': () => this.#cut({ from: undefined, until: undefined }),
    };
    acts[name]?.();
  }

  async #play() {
    if (this.#player.playing) return this.#player.pause();
    // At its end it begins again.
    if (this.#player.atEnd && this.#life?.first !== undefined) await this.#player.seek({ sequence: this.#life.first.sequence });
    this.#player.play();
  }

  #step(direction) {
    const { moment } = this.#player;
    if (moment === undefined) return;
    const mark = this.#scrubber.beside(moment.sequence, direction, STEPS);
    if (mark !== undefined) {
      this.#note(mark.label);
      return void this.#player.seek({ sequence: mark.sequence });
    }
    const end = direction < 0 ? this.#life?.first : this.#life?.last;
    if (end) void this.#player.seek({ sequence: end.sequence });
  }

  #jump(ms) {
    const { moment } = this.#player;
    if (moment === undefined) return;
    if (this.#axis === undefined || this.#axis.length === 0) return void this.#player.seek({ t: moment.time + ms });
    const place = this.#axis.placeOf(moment.sequence, moment.time) + ms / this.#axis.length;
    const there = this.#axis.momentAt(place);
    // Always on by an event at least, however the time is folded.
    const sequence = ms > 0 ? Math.max(there.sequence, moment.sequence + 1) : Math.min(there.sequence, moment.sequence - 1);
    const { first, last } = this.#life;
    void this.#player.seek({ sequence: Math.min(last.sequence, Math.max(first.sequence, sequence)) });
  }

  /** More may have happened since the page was opened. */
  async #end(which) {
    if (which === 'last') await this.#learn();
    const end = this.#life?.[which];
    if (end) void this.#player.seek({ sequence: end.sequence });
  }

  #key(event) {
    if (event.key === 'Escape' && this.#closePart()) return;
    const { target, key, ctrlKey, altKey, metaKey, shiftKey } = event;
    if (ctrlKey || altKey || metaKey || event.defaultPrevented) return;
    if (target instanceof Element && target.closest('input, select, textarea:not(.xterm-helper-textarea), [open] dialog') !== null) return;
    const isButton = target instanceof Element && target.closest('button, a, summary') !== null;
    const keys = {
      ' ': () => !isButton && this.#play(),
      ArrowLeft: () => (shiftKey ? this.#step(-1) : this.#jump(-JUMP_MS)),
      ArrowRight: () => (shiftKey ? this.#step(1) : this.#jump(JUMP_MS)),
      Home: () => this.#end('first'),
      End: () => this.#end('last'),
      ',': () => void this.#player.back(),
      '.': () => void this.#player.forward(),
    };
    const act = keys[key];
    if (act === undefined || act() === false) return;
    event.preventDefault();
  }

  #goTo(event) {
    event.preventDefault();
    const time = new Date(event.target.elements.at.value).getTime();
    if (Number.isFinite(time)) void this.#player.seek({ t: time });
  }

  #cut(change) {
    Object.assign(this.#part, change);
    let { from, until } = this.#part;
    if (from && until && from.sequence > until.sequence) [from, until] = [until, from];
    this.#part = { from, until };
    this.#scrubber.showPart(from, until);
    const link = this.querySelector('[data-download]');
    const query = new URLSearchParams({ format: 'asciicast-v3', ...(from && { from: from.sequence }), ...(until && { until: until.sequence }) });
    link.href = `/api/sessions/${this.#id}/recording?${query}`;
    const begin = from ? exact.format(from.time) : 'the first event that is kept';
    const end = until ? exact.format(until.time) : 'the last';
    this.querySelector('[data-part-words]').textContent = `From ${begin} to ${end}.`;
  }

  async #copy(text, said) {
    this.#note((await copyText(text)) ? said : 'This browser does not let the page copy.');
  }

  #failed(error) {
    if (error?.name === 'AbortError') return;
    const kept = error instanceof GoneError ? error.kept : undefined;
    this.#note(error?.message ?? 'The server did not answer.', true);
    if (kept !== undefined && this.#player.moment === undefined) void this.#player.seek({ sequence: kept });
  }

  #note(text, stays = false) {
    const note = this.querySelector('[data-note]');
    note.textContent = text;
    note.hidden = false;
    clearTimeout(this.#noteTimer);
    if (!stays) this.#noteTimer = setTimeout(() => (note.hidden = true), NOTE_MS);
  }
}

/** A length of time, roughly. */
function words(ms) {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

customElements.define('dispatch-replay', DispatchReplay);
