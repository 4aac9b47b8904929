// Where somebody reads in a conversation: the end is followed until they scroll away from it,
// and what was said before comes as they scroll up, without moving what they read. On a page of
// its own the page scrolls, in a tile the tile.

const AT_END_PX = 60;
const AHEAD = '800px 0px 0px';

export class Reading {
  #own;
  #scroller;
  #jump;
  #earlier;
  #isTile;
  #signal;
  #observer;
  #following = true;
  #loading = false;

  /**
   * @param parts { root, own(name) the element with that id, isTile, jump the button to the end,
   *   earlier(before) a fragment with what came before that sequence, signal of its end }
   */
  constructor({ root, own, isTile, jump, earlier, signal }) {
    this.#own = own;
    this.#isTile = isTile;
    this.#jump = jump;
    this.#earlier = earlier;
    this.#signal = signal;
    this.#scroller = isTile ? root : document.scrollingElement;
    const settle = () => this.settle();
    (isTile ? root : window).addEventListener('scroll', () => this.#scrolled(), { passive: true, signal });
    jump?.addEventListener('click', () => this.#toEnd(), { signal });
    root.addEventListener('click', (event) => this.#asked(event), { signal });
    if (isTile) {
      const sizes = new ResizeObserver(settle);
      sizes.observe(root);
      signal.addEventListener('abort', () => sizes.disconnect());
    } else addEventListener('resize', settle, { signal });
    const seen = (entries) => {
      const link = this.#link();
      if (link !== null && entries.some(({ isIntersecting }) => isIntersecting)) void this.#load(link);
    };
    this.#observer = new IntersectionObserver(seen, { root: isTile ? root : null, rootMargin: AHEAD });
    signal.addEventListener('abort', () => this.#observer.disconnect());
  }

  /** An address may point at a request; else the end is what one comes for. */
  begin() {
    const named = !this.#isTile && location.hash.length > 2 && document.getElementById(location.hash.slice(1)) !== null;
    if (!named) this.#toEnd();
    this.#watch();
  }

  /** To be called before something comes; what it gives, after. */
  settled() {
    const stay = this.#following && this.#atEnd;
    return (grown) => {
      if (stay) this.#toEnd();
      else if (grown && this.#jump !== null) this.#jump.hidden = this.#atEnd;
    };
  }

  /** Something else than the conversation took or gave room. */
  settle() {
    if (this.#following) this.#toEnd();
  }

  get #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < AT_END_PX;
  }

  #toEnd() {
    this.#following = true;
    if (this.#jump !== null) this.#jump.hidden = true;
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior: 'instant' });
  }

  #scrolled() {
    this.#following = this.#atEnd;
    if (this.#following && this.#jump !== null) this.#jump.hidden = true;
  }

  #link() {
    return this.#own('earlier')?.querySelector('[data-before]') ?? null;
  }

  #asked(event) {
    const link = this.#link();
    if (link === null || !(event.target instanceof Node) || !link.contains(event.target)) return;
    event.preventDefault();
    void this.#load(link);
  }

  #watch() {
    this.#observer.disconnect();
    const element = this.#own('earlier');
    if (element !== null) this.#observer.observe(element);
  }

  async #load(link) {
    if (this.#loading) return;
    this.#loading = true;
    try {
      const fragment = await this.#earlier(link.dataset.before);
      if (fragment === undefined || this.#signal.aborted) return;
      const items = this.#own('items');
      const anchor = items.firstElementChild;
      const before = anchor?.getBoundingClientRect().top ?? 0;
      const [earlier] = fragment.children;
      items.prepend(...fragment.querySelector('[data-items]').children);
      this.#own('earlier').replaceWith(earlier);
      window.htmx?.process(items);
      this.#scroller.scrollTop += (anchor?.getBoundingClientRect().top ?? 0) - before;
      this.#watch();
    } catch {
      // The link stays, to be asked again.
    } finally {
      this.#loading = false;
    }
  }
}
