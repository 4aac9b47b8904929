// <dispatch-terminal>: one live terminal. Puts the parts together and decides what each may do
// in each state of the connection. What to show and how comes by data attributes.

import { tellAdopted } from './adopted.js';
import { Clipboard } from './clipboard.js';
import { Compose } from './compose.js';
import { ConnectionWords } from './connection-words.js';
import { deviceId, deviceName, remember, remembered } from './device.js';
import { Facts, isLive } from './facts.js';
import { Keys } from './keys.js';
import { Letterbox } from './letterbox.js';
import { followLooking, isLooked } from './looking.js';
import { Notices } from './notices.js';
import { Older } from './older.js';
import { Outbox } from './outbox.js';
import { Page } from './page.js';
import { Replay } from './replay.js';
import { natureOf, Rules } from './rules.js';
import { Screen } from './screen.js';
import { Search } from './search.js';
import { Stream } from './stream.js';
import { scrollByTouch } from './touch.js';
import { followViewport } from './viewport.js';
import { encodeLead, encodeResize, NOTICE, SNAPSHOT } from './wire.js';

const TEXT_SIZE = 'dispatch-text-size';
const TEXT_SIZES = { min: 6, max: 40 };
/** Whoever led and comes back this soon leads again, if nobody typed in between. */
const LEAD_BACK_MS = 30_000;
const BELL_MS = 180;

class DispatchTerminal extends HTMLElement {
  #main;
  #screen;
  #stream;
  #replay;
  #outbox;
  #older;
  #rules;
  #letterbox;
  #facts;
  #words;
  #notices;
  #keys;
  #clipboard;
  #page;
  #leads = false;
  #wasLive = false; // Before, it may yet lead; after, what was seen small stays so while it reconnects.
  #winsize = { cols: 0, rows: 0 };
  #lagging = false;
  /** When this device lost the lead with its connection; 0 where it did not, or another typed since. */
  #ledUntil = 0;
  #replayedFrom = 0;
  #title = '';
  #ends = [];

  connectedCallback() {
    if (this.#screen !== undefined) return;
    document.documentElement.dataset.script = '';
    const main = (this.#main = this.closest('[data-session-root]'));
    const settings = JSON.parse(this.dataset.settings ?? '{}');
    const own = Number(remembered(TEXT_SIZE));
    if (own >= TEXT_SIZES.min && own <= TEXT_SIZES.max) settings.fontSize = own;
    this.#notices = new Notices(main.querySelector('[data-notices]'), () => this.#quietPlace());
    this.#screen = new Screen(this.querySelector('[data-frame]'), settings, `Terminal ${this.dataset.name}. Ctrl+Shift+Up leaves it.`);
    this.#clipboard = new Clipboard(this.#screen.term, this.#notices, this.#id);
    this.#rules = new Rules(this.#screen.term, {
      clipboard: (text) => this.#clipboard.wanted(text),
      bell: () => settings.bell === 'visual' && this.#ring(),
    });
    this.#outbox = new Outbox({
      send: (frame) => this.#sendInput(frame),
      isOwn: (client) => client === deviceId(),
      inputs: (after, upTo) => this.#facts.inputs(after, upTo),
      changed: (state) => this.#showWaiting(state),
    });
    this.#facts = new Facts(main, {
      id: this.#id,
      device: deviceId(),
      mine: () => ({ leads: this.#leads, mode: this.#mode }),
      heard: (session) => this.#heard(session),
      gone: (why) => why === 'signed_out' && this.#signedOut(),
    });
    this.#connectStream(main);
    this.#letterbox = new Letterbox({
      stage: this.querySelector('[data-stage]'),
      frame: this.querySelector('[data-frame]'),
      screen: this.#screen,
      wants: (winsize) => this.#wants(winsize),
      mayShrink: () => !this.#leads && (this.#wasLive || !['connecting', 'replaying', 'waiting'].includes(this.#stream.state.name)),
    });
    this.#older = new Older(this.querySelector('[data-frame]'), this.#screen, { id: this.#id, keptSince: () => this.#facts.keptSince() });
    this.#takeInput();
    this.#furnish(main);
    this.#stream.connect();
    void this.#facts.ask();
    if (!('tile' in main.dataset) && !matchMedia('(pointer: coarse)').matches) this.#screen.term.focus();
  }

  disconnectedCallback() {
    for (const end of this.#ends) end();
    for (const part of [this.#stream, this.#facts, this.#words, this.#letterbox, this.#older, this.#screen]) part?.dispose();
  }

  /** What is on the screen now, one line per row. */
  screenText() {
    return this.#screen.text();
  }

  /** The same with everything that scrolled by. */
  fullText() {
    return this.#screen.textWithScrollback();
  }

  focus() {
    this.#screen.term.focus();
  }

  get #id() {
    return this.dataset.session ?? '';
  }

  get #mode() {
    return this.dataset.mode === 'ro' ? 'ro' : 'rw';
  }

  #connectStream(main) {
    this.#words = new ConnectionWords(main.querySelector('[data-connection]'), () => this.#stream.retryNow());
    this.#stream = new Stream({
      address: `/api/sessions/${this.#id}/attach`,
      query: () => ({
        cols: String(this.#letterbox.wanted.cols),
        rows: String(this.#letterbox.wanted.rows),
        mode: this.#mode,
        client: deviceId(),
        name: deviceName(),
        ...(isLooked(this) ? {} : { looks: '0' }),
      }),
      probe: () => this.#facts.ask(),
      frame: (frame, connection) => this.#frame(frame, connection),
      state: (state) => this.#state(state),
      closed: () => this.#closed(),
    });
    this.#replay = new Replay(this.#screen, {
      parsed: (sequence, bytes, connection) => this.#parsed(sequence, bytes, connection),
      synced: (connection) => this.#synced(connection),
      event: (event) => this.#event(event),
      resized: () => {
        this.#older.close();
        if (this.#rules.live) this.#letterbox.place();
      },
      winsize: (frame) => this.#winsizeChanged(frame),
      lagging: (now) => this.#allow({ lagging: now }),
    });
  }

  /** As it arrives; what it shows or changes follows in stream order. */
  #frame(frame, connection) {
    if (frame.tag === NOTICE) this.#notice(frame.notice);
    if (frame.tag === SNAPSHOT) this.#outbox.replaced(frame.before, frame.sequence);
    this.#replay.take(frame, connection);
  }

  #parsed(sequence, bytes, connection) {
    this.#stream.parsed(sequence, bytes, connection);
    if (this.#rules.live) return this.#facts.refreshSoon();
    const head = Math.max(Number(this.dataset.head), this.#facts.session?.currentSequence ?? 0);
    if (head > this.#replayedFrom) this.#words.progress((sequence - this.#replayedFrom) / (head - this.#replayedFrom));
  }

  #synced(connection) {
    if (connection !== this.#stream.connection || !this.#stream.open) return;
    const again = this.#ledUntil !== 0 && Date.now() - this.#ledUntil < LEAD_BACK_MS && document.hasFocus();
    this.#ledUntil = 0;
    this.#rules.live = true;
    this.#wasLive = true;
    this.#allow();
    this.#stream.synced(connection);
    if (again && !this.#leads) this.#lead();
    this.#outbox.opened();
    this.#letterbox.place();
    this.#showTitle();
    this.#facts.refresh();
  }

  /** In stream order. */
  #event({ type, data }) {
    if (type === 'input') {
      this.#outbox.logged(data);
      if (data.client !== deviceId()) this.#ledUntil = 0;
    } else if (this.#rules.live && ['attach', 'detach', 'status'].includes(type)) this.#facts.refresh();
  }

  #notice({ code, message, bytes }) {
    if (code === 'input_refused') this.#outbox.refused({ bytes, message });
    if (code === 'log_unavailable') this.#notices.show('log', { text: message, tone: 'bad' });
    if (code === 'live') this.#notices.hide('log');
  }

  #winsizeChanged({ cols, rows, leads }) {
    this.#winsize = { cols, rows };
    this.#allow({ leads });
    this.#letterbox.place();
    this.#showLead();
    if (this.#rules.live) this.#facts.refresh();
  }

  #state(state) {
    this.dataset.state = state.name;
    this.#words.show(state);
    if (state.name === 'connecting') this.#replayedFrom = this.#stream.received;
    if (state.name === 'signed_out') return this.#signedOut();
    if (state.name === 'refused') this.#notices.show('gone', { text: `The server refused: ${state.why}`, tone: 'bad' });
    if (state.name === 'deleted') {
      const leave = { label: 'To the workspaces', primary: true, act: () => location.assign('/workspaces') };
      this.#notices.show('gone', { text: 'This terminal was deleted. What it showed stays here until you leave.', tone: 'warn', actions: [leave] });
    }
    if (state.name !== 'ended') return;
    if (this.#outbox.bytes > 0) {
      this.#notices.show('unsent', { text: 'The program ended before it took what you typed last.', tone: 'warn', forMs: 8000 });
      this.#outbox.discard();
    }
    this.#letterbox.place();
    this.#facts.refresh();
  }

  #closed() {
    if (this.#leads && this.#rules.live) this.#ledUntil = Date.now();
    this.#rules.live = false;
    this.#allow({ leads: false, lagging: false });
    this.#outbox.closed();
    this.#showLead();
  }

  #allow({ leads = this.#leads, lagging = this.#lagging } = {}) {
    this.#leads = leads;
    this.#lagging = lagging;
    this.#rules.mayAct = this.#rules.live && this.#leads && !this.#lagging;
  }

  #heard(session) {
    this.dataset.head = String(session.currentSequence);
    this.dataset.status = session.status;
    tellAdopted(session, this.#notices);
    this.dataset.name = session.name;
    this.#showTitle();
    this.#showLead();
    if (isLive(session)) this.#stream?.attachAgain();
  }

  #signedOut() {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }

  #wants(winsize) {
    if (this.#mode === 'rw') this.#stream.send(encodeResize(winsize));
    this.#showLead();
  }

  #lead() {
    if (this.#mode === 'rw') this.#sendInput(encodeLead());
  }

  #takeInput() {
    const { term } = this.#screen;
    term.options.disableStdin = this.#mode === 'ro';
    term.onData((data) => this.#typed(data));
    term.onBinary((data) => {
      if (this.#rules.live) this.#outbox.pass(Uint8Array.from(data, (character) => character.charCodeAt(0)), true);
    });
    term.onTitleChange((title) => {
      this.#title = title;
      if (this.#rules.live) this.#showTitle();
    });
    term.attachCustomKeyEventHandler((event) => this.#key(event));
  }

  #typed(data) {
    const nature = natureOf(data);
    if (this.#mode === 'ro' || !this.#rules.maySend(data, nature)) return;
    if (nature !== 'typed') return this.#outbox.pass(new TextEncoder().encode(data), nature === 'report');
    this.#older.close();
    const { name } = this.#stream.state;
    if (name === 'ended') {
      this.#notices.show('unsent', { text: 'The program has ended: resume it to type.', tone: 'warn', forMs: 4000 });
      return;
    }
    if (this.#outbox.put(this.#keys.apply(data))) return;
    this.#notices.show('unsent', { text: 'More than 4 MiB wait already: nothing of this was taken. Put it in a file instead.', tone: 'bad', forMs: 10_000 });
  }

  #sendInput(frame) {
    if (!this.#stream.send(frame)) return false;
    this.#stream.expectAnswer();
    return true;
  }

  /** @returns {boolean} whether the terminal may have the key */
  #key(event) {
    if (event.type !== 'keydown') return true;
    const shortcut = event.ctrlKey && event.shiftKey && !event.altKey && !event.metaKey;
    const act = (action) => {
      event.preventDefault();
      action();
      return false;
    };
    if (shortcut && event.code === 'KeyC') return act(() => this.#clipboard.copySelection());
    if (shortcut && event.code === 'KeyF') return act(() => this.#page.search.open());
    if (shortcut && event.key === 'ArrowUp') return act(() => this.#page.focusHeader());
    if (event.shiftKey && event.key === 'PageUp') this.#older.reach();
    // The browser pastes by itself, as long as the terminal does not take the key.
    return !(shortcut && event.code === 'KeyV');
  }

  #showWaiting({ bytes, why, message }) {
    const discard = { label: 'Discard', act: () => this.#outbox.discard() };
    const send = (label) => ({ label, primary: true, act: () => this.#outbox.sendNow() });
    const size = bytes === 1 ? '1 byte' : bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KiB`;
    if (why === 'refused') this.#notices.show('waiting', { text: `${message} ${size} wait here and are tried again.`, tone: 'warn', actions: [send('Try now'), discard] });
    else if (why === 'asks') this.#notices.show('waiting', { text: `You typed ${size} while the connection was away.`, tone: 'warn', actions: [send('Send it now'), discard] });
    else if (why === 'away') this.#notices.show('waiting', { text: `${size} wait until the connection is back.`, actions: [discard] });
    else this.#notices.hide('waiting');
  }

  #showLead() {
    const bar = this.querySelector('[data-lead-bar]');
    const { cols, rows } = this.#winsize;
    const { wanted } = this.#letterbox ?? {};
    const fits = wanted === undefined || (wanted.cols === cols && wanted.rows === rows);
    bar.hidden = !this.#rules.live || this.#leads || fits;
    this.toggleAttribute('data-led', !bar.hidden);
    const leader = this.#facts.session?.clients.find(({ leads }) => leads);
    const words = leader === undefined ? `No device types here now: the size stays ${cols}×${rows}` : `Size is led by ${leader.name} (${cols}×${rows})`;
    bar.querySelector('[data-lead-words]').textContent = words;
    const mayLead = this.#rules.live && !this.#leads && this.#mode === 'rw';
    for (const button of this.#main.querySelectorAll('[data-lead], [data-act="lead"]')) button.hidden = !mayLead;
    this.dataset.leads = String(this.#leads);
  }

  /** Away from the cursor, and from the search where that is open. */
  #quietPlace() {
    const { buffer, rows } = this.#screen.term;
    const searching = !this.#main.querySelector('[data-search]').hidden;
    return searching || buffer.active.cursorY < rows / 2 ? 'bottom' : 'top';
  }

  #showTitle() {
    this.#page?.showTitle(this.#facts.session?.name ?? this.dataset.name ?? '', this.#title);
  }

  #ring() {
    this.classList.add('rings');
    setTimeout(() => this.classList.remove('rings'), BELL_MS);
    this.#page.rang();
  }

  #resizeText(by) {
    const size = Math.min(TEXT_SIZES.max, Math.max(TEXT_SIZES.min, this.#screen.fontSize + by));
    this.#screen.fontSize = size;
    remember(TEXT_SIZE, String(size));
    this.#letterbox.refresh();
    return size;
  }

  /** Menu, search, touch: all that is around the terminal. */
  #furnish(main) {
    const { term } = this.#screen;
    const stage = this.querySelector('[data-stage]');
    this.#keys = new Keys(main.querySelector('[data-keys]'), term);
    new Compose(main.querySelector('[data-compose]'), main.querySelector('[data-compose-toggle]'), term, this.#keys);
    this.#page = new Page(main, {
      id: this.#id,
      facts: this.#facts,
      notices: this.#notices,
      clipboard: this.#clipboard,
      search: new Search(main.querySelector('[data-search]'), this.#screen),
      text: () => this.#screen.textWithScrollback(),
      lead: () => {
        this.#lead();
        term.focus();
      },
      resizeText: (by) => this.#resizeText(by),
      fontSize: () => this.#screen.fontSize,
      focus: () => term.focus(),
      renamed: () => this.#stream.reconnect('This device has a new name'),
    });
    scrollByTouch(stage, term);
    stage.addEventListener('mousedown', ({ target }) => {
      // Beside the grid counts as the terminal too.
      if (!(target instanceof Element && target.closest('.xterm'))) setTimeout(() => term.focus());
    });
    const pixels = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const refresh = () => this.#letterbox.refresh();
    pixels.addEventListener('change', refresh);
    this.#ends.push(() => pixels.removeEventListener('change', refresh), followViewport(document.documentElement), followLooking(this, this.#stream));
  }
}

customElements.define('dispatch-terminal', DispatchTerminal);
