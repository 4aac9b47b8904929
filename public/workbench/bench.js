// The workbench: sessions side by side. A tile, once made, never moves in the document: it is
// placed by its style alone, so that no terminal loses its connection, focus or scroll when
// others come and go. It is filled when it is first shown, and what is behind another rests.
// Closing a tile ends nothing.

import { deviceId } from '../terminal/device.js';
import { Beginning } from './beginning.js';
import { Borders } from './borders.js';
import { ByKeys, TAB_HINT, TAB_KEYS } from './by-keys.js';
import { Carrying } from './carrying.js';
import { Filling } from './filling.js';
import { Layouts } from './layouts.js';
import { carried, EMPTY, leafOf, placed, sessionsIn, showing, sound, spread, withSession, without } from './tree.js';

/** What a tile needs to be read, where sessions are laid out the first time; px. */
const TILE_WIDTH = 520;
const TILE_HEIGHT = 300;
const FIRST_COLUMNS_MAX = 3;
const FIRST_ROWS_MAX = 2;
const NARROW = matchMedia('(max-width: 700px)');
const COARSE = matchMedia('(pointer: coarse)');
/** As high as workbench.css makes it; px. */
const STRIP = COARSE.matches ? 40 : 32;

class Bench {
  #page;
  #bench;
  #workspace;
  #tiles = new Map();
  /** Of sessions by id, as last heard: what has ended has no link any more. */
  #names = new Map();
  #strips = [];
  #stripsShown = '';
  #tree = EMPTY;
  #active = null;
  #layouts;
  #borders;
  #filling;

  constructor(page) {
    this.#page = page;
    this.#bench = page.querySelector('[data-bench]');
    this.#workspace = page.dataset.workspace;
    this.#layouts = new Layouts(page, this.#workspace, deviceId(), (tree) => this.#learn(tree).then(() => this.#take(tree)));
    this.#borders = new Borders(this.#bench, {
      tree: () => this.#tree,
      change: (tree) => this.#change(tree),
    });
    new Carrying(this.#bench, {
      leaves: () => placed(this.#tree).leaves,
      drop: (id, near, where) => this.open(id, near, where),
    });
    this.#filling = new Filling(this.#bench, {
      open: (id, search) => this.#led(id, search),
      close: (id) => this.#close(id),
      filled: (id) => id === this.#active && this.#tiles.get(id)?.dataset.wantsFocus !== undefined && this.#focus(id),
    });
    new Beginning(page, {
      open: (id, search) => this.#begun(id, search),
      has: (id) => this.#live().includes(id) || leafOf(this.#tree, id) !== undefined,
    });
    new ByKeys(this.#bench, {
      active: () => this.#active,
      hasPlaces: () => !NARROW.matches,
      carry: (id, side) => {
        this.#active = id;
        this.#change(carried(this.#tree, id, side));
      },
      close: (id) => this.#close(id),
      split: (where) => void this.#split(where),
    });
    page.addEventListener('click', (event) => this.#clicked(event));
    this.#bench.addEventListener('focusin', ({ target }) => this.#focused(target.closest('[data-tile-of]')?.dataset.tileOf));
    this.#bench.addEventListener('pointerdown', ({ target }) => this.#focused(target.closest('[data-tile-of]')?.dataset.tileOf));
    document.addEventListener('dispatch:tile', ({ detail }) => this.#next(detail));
    document.addEventListener('htmx:after:swap', () => this.#refresh());
    NARROW.addEventListener('change', () => this.#place());
    void this.#start();
  }

  /** Shows a session, beside one that is there. */
  open(id, near = this.#active, where = 'tab') {
    this.#active = id;
    this.#change(withSession(this.#tree, id, near, where));
    this.#focus(id);
  }

  async #start() {
    this.#refresh();
    const stored = await this.#layouts.own();
    await this.#learn(stored);
    this.#take(stored);
    if (sessionsIn(this.#tree).length === 0) this.#spread();
    const wanted = new URLSearchParams(location.search).get('session');
    if (wanted === null) return;
    history.replaceState(history.state, '', location.pathname);
    if (this.#live().includes(wanted)) this.#showOrOpen(wanted);
  }

  /** Nothing was arranged here yet: what runs, as far as each has room to be read. */
  #spread() {
    const { clientWidth, clientHeight } = this.#bench;
    const fit = (room, one, most) => Math.min(most, Math.max(1, Math.floor(room / one)));
    const live = this.#live();
    if (live.length === 0) return;
    this.#active = live[0];
    this.#change(spread(live, fit(clientWidth, TILE_WIDTH, FIRST_COLUMNS_MAX), fit(clientHeight, TILE_HEIGHT, FIRST_ROWS_MAX)));
    this.#focus(live[0]);
  }

  /** What lies there and has ended meanwhile is shown all the same, with its end. */
  async #learn(tree) {
    const live = this.#live();
    const named = JSON.stringify(tree ?? null).match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? [];
    if (named.every((id) => live.includes(id) || this.#names.has(id))) return;
    const answer = await fetch(`/api/sessions?workspaceId=${this.#workspace}&limit=1000`, { headers: { accept: 'application/json' } }).catch(() => undefined);
    const { sessions = [] } = answer?.ok === true ? await answer.json() : {};
    for (const { id, name } of sessions) if (named.includes(id)) this.#names.set(id, name);
  }

  #take(tree) {
    this.#tree = sound(tree, new Set([...this.#live(), ...this.#names.keys()]));
    this.#active = sessionsIn(this.#tree)[0] ?? null;
    this.#place();
  }

  #live() {
    return [...this.#page.querySelectorAll('.bench-session')].map(({ dataset }) => dataset.session);
  }

  /** Names and lamps came anew. */
  #refresh() {
    for (const link of this.#page.querySelectorAll('.bench-session')) this.#names.set(link.dataset.session, link.querySelector('bdi').textContent);
    this.#place();
    for (const [id, tile] of this.#tiles) this.#filling.follow(tile, this.#link(id) !== null);
  }

  #change(tree) {
    this.#tree = tree;
    this.#place();
    this.#layouts.store(tree);
  }

  #place() {
    const shown = new Set();
    const { leaves, borders } = placed(this.#tree);
    const narrow = NARROW.matches;
    const present = new Set(sessionsIn(this.#tree));
    this.#showStrips(narrow ? [] : leaves.filter(({ leaf }) => leaf.shown !== null));
    for (const place of leaves) {
      for (const id of place.leaf.tabs) {
        const visible = narrow ? id === this.#active : id === place.leaf.shown;
        if (visible) shown.add(id);
        this.#lay(id, narrow ? { left: 0, top: 0, width: 1, height: 1 } : place, visible, narrow ? 0 : STRIP);
      }
    }
    for (const [id, tile] of this.#tiles) {
      if (present.has(id)) continue;
      this.#filling.empty(tile);
      tile.remove();
      this.#tiles.delete(id);
    }
    this.#borders.show(narrow ? [] : borders);
    this.#bench.toggleAttribute('data-empty', present.size === 0);
    for (const link of this.#page.querySelectorAll('.bench-session')) {
      link.toggleAttribute('data-open', present.has(link.dataset.session));
      const isActive = link.dataset.session === this.#active;
      if (isActive && !link.hasAttribute('aria-current')) link.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      if (isActive) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    for (const [id, tile] of this.#tiles) tile.toggleAttribute('data-active', id === this.#active && shown.has(id));
  }

  #lay(id, { left, top, width, height }, visible, strip) {
    const tile = this.#tiles.get(id) ?? this.#make(id);
    tile.style.left = `${left * 100}%`;
    tile.style.width = `${width * 100}%`;
    tile.style.top = `calc(${top * 100}% + ${strip}px)`;
    tile.style.height = `calc(${height * 100}% - ${strip}px)`;
    // Not `display`: what is behind another keeps its size and where it is scrolled to.
    const wasBehind = tile.hasAttribute('data-behind');
    tile.toggleAttribute('data-behind', !visible);
    tile.inert = !visible;
    if (visible && tile.dataset.filled === undefined) void this.#filling.fill(tile);
    if (wasBehind === visible) tile.dispatchEvent(new CustomEvent('dispatch:shown', { detail: visible }));
  }

  #make(id) {
    const tile = document.createElement('div');
    tile.className = 'bench-tile';
    tile.dataset.tileOf = id;
    this.#tiles.set(id, tile);
    this.#bench.append(tile);
    tile.toggleAttribute('data-behind', true);
    return tile;
  }

  /** Only when they are others: a tab that has the focus, is scrolled to, or is being pressed, stays. */
  #showStrips(places) {
    const now = JSON.stringify(places.map(({ leaf, left, top, width }) => [leaf.shown, left, top, width, leaf.tabs]));
    if (now === this.#stripsShown) return this.#nameTabs();
    this.#stripsShown = now;
    const focused = document.activeElement?.closest('.bench-strip') === null ? undefined : document.activeElement?.dataset;
    for (const strip of this.#strips) strip.remove();
    this.#strips = places.map((place) => this.#strip(place));
    this.#bench.prepend(...this.#strips);
    this.#nameTabs();
    if (focused?.show !== undefined) this.#bench.querySelector(`[data-show="${focused.show}"]`)?.focus();
    if (focused?.close !== undefined) this.#bench.querySelector(`[data-close="${focused.close}"]`)?.focus();
  }

  #link(id) {
    return this.#page.querySelector(`.bench-session[data-session="${CSS.escape(id)}"]`);
  }

  #strip({ leaf, left, top, width }) {
    const strip = document.createElement('div');
    strip.className = 'bench-strip';
    strip.setAttribute('role', 'toolbar');
    strip.setAttribute('aria-label', 'Sessions in this place');
    strip.style.left = `${left * 100}%`;
    strip.style.top = `${top * 100}%`;
    strip.style.width = `${width * 100}%`;
    strip.append(...leaf.tabs.map((id) => this.#tab(id, id === leaf.shown)));
    return strip;
  }

  #tab(id, shown) {
    const tab = document.createElement('div');
    tab.className = 'bench-tab';
    tab.dataset.tab = id;
    const show = document.createElement('button');
    show.type = 'button';
    show.className = 'bench-tab-name';
    show.dataset.show = id;
    show.setAttribute('aria-pressed', String(shown));
    const lamp = document.createElement('span');
    lamp.setAttribute('aria-hidden', 'true');
    show.setAttribute('aria-keyshortcuts', TAB_KEYS);
    show.append(lamp, document.createElement('bdi'));
    const close = document.createElement('button');
    close.type = 'button';
    close.className = 'bench-tab-close';
    close.dataset.close = id;
    close.textContent = '✕';
    close.title = 'Close here; it goes on';
    tab.append(show, close);
    return tab;
  }

  /** What the news change of a tab, in place: a press that has begun must find its end. */
  #nameTabs() {
    for (const tab of this.#strips.flatMap((strip) => [...strip.children])) {
      const id = tab.dataset.tab;
      const name = this.#names.get(id) ?? 'starting'; // Its name comes with the news.
      const lamp = this.#link(id)?.querySelector('.lamp')?.className ?? `lamp lamp-${this.#names.has(id) ? 'stopped' : 'starting'}`;
      const [show, close] = tab.children;
      if (show.firstElementChild.className !== lamp) show.firstElementChild.className = lamp;
      if (show.lastElementChild.textContent === name) continue;
      show.lastElementChild.textContent = name;
      show.title = `${name}. ${TAB_HINT}`;
      close.setAttribute('aria-label', `Close ${name} here; it goes on`);
    }
  }

  #clicked(event) {
    const { target } = event;
    const link = target.closest('.bench-session');
    if (link !== null && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      return this.#showOrOpen(link.dataset.session);
    }
    const show = target.closest('[data-show]')?.dataset.show;
    if (show !== undefined) return this.#showOrOpen(show);
    const close = target.closest('[data-close]')?.dataset.close;
    if (close !== undefined) return this.#close(close);
    const deed = target.closest('[data-deed]')?.dataset.deed;
    if (deed === 'new-terminal') void this.#newTerminal('tab');
    if (deed === 'split-right') void this.#split('right');
    if (deed === 'split-down') void this.#split('down');
  }

  /** Something in a tile led to a session: beside it, where there is another place. */
  #led(id, search) {
    const isHere = leafOf(this.#tree, id) !== undefined;
    const from = leafOf(this.#tree, this.#active);
    const beside = placed(this.#tree).leaves.find(({ leaf }) => leaf !== from)?.leaf.shown;
    if (!isHere) this.open(id, beside ?? this.#active);
    else if (id !== this.#active) this.#showOrOpen(id);
    const tile = this.#tiles.get(id);
    if (search !== '' && tile !== undefined) void this.#filling.fill(tile, search);
  }

  #begun(id, search) {
    this.#showOrOpen(id);
    const tile = this.#tiles.get(id);
    if (search !== '' && tile !== undefined) void this.#filling.fill(tile, search);
  }

  #showOrOpen(id) {
    if (leafOf(this.#tree, id) === undefined) return this.open(id);
    this.#active = id;
    this.#change(showing(this.#tree, id));
    this.#focus(id);
  }

  #close(id) {
    const leaf = leafOf(this.#tree, id);
    this.#change(without(this.#tree, id));
    if (this.#active !== id) return;
    const stays = leaf?.tabs.filter((one) => one !== id)[0] ?? sessionsIn(this.#tree)[0] ?? null;
    this.#active = stays;
    this.#place();
    if (stays !== null) this.#focus(stays);
  }

  /** One that is live and not here yet, else a new terminal. */
  async #split(where) {
    const leaf = this.#active === null ? undefined : leafOf(this.#tree, this.#active);
    const behind = leaf?.tabs.find((id) => id !== leaf.shown);
    const away = this.#live().find((id) => leafOf(this.#tree, id) === undefined);
    const other = behind ?? away;
    if (other === undefined) await this.#newTerminal(where);
    else this.open(other, this.#active, where);
  }

  async #newTerminal(where) {
    const answer = await fetch('/api/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ workspaceId: this.#workspace, kind: 'terminal' }),
    }).catch(() => undefined);
    const said = this.#page.querySelector('[data-said]');
    if (answer === undefined) {
      said.textContent = 'The server did not answer: no terminal was started.';
      return;
    }
    const session = await answer.json();
    said.textContent = answer.ok ? '' : session.message;
    if (answer.ok) this.open(session.id, this.#active, where);
  }

  #next(step) {
    const all = NARROW.matches ? this.#live() : placed(this.#tree).leaves.map(({ leaf }) => leaf.shown);
    if (all.length === 0) return;
    const at = all.indexOf(this.#active);
    this.#showOrOpen(all[(at + step + all.length) % all.length]);
  }

  #focused(id) {
    if (id === undefined || id === this.#active) return;
    this.#active = id;
    this.#place();
  }

  #focus(id) {
    const tile = this.#tiles.get(id);
    const inner = tile?.querySelector('dispatch-terminal, .cm-content, textarea[data-draft]');
    if (tile === undefined) return;
    if (inner === null) {
      tile.dataset.wantsFocus = '';
      return;
    }
    delete tile.dataset.wantsFocus;
    // To read on a touch screen, nobody wants its keyboard.
    if (!COARSE.matches || inner.matches('dispatch-terminal')) inner.focus({ preventScroll: true });
  }
}

const page = document.querySelector('.bench-page');
if (page !== null) new Bench(page);
