// Who draws a terminal: WebGL where it is quick and there is a context left (a browser keeps 16
// for all of a page, phones 8), else the DOM. What is behind another gives its context back.

import { WebglAddon } from '../vendor/addon-webgl.mjs';

const CONTEXTS_MAX = matchMedia('(pointer: coarse)').matches ? 6 : 12;
let contexts = 0;
let quick;

/** A software renderer is slower than the DOM, so it counts as none. */
function isQuick() {
  const probe = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (probe === null) return false;
  const info = probe.getExtension('WEBGL_debug_renderer_info');
  const renderer = info === null ? '' : probe.getParameter(info.UNMASKED_RENDERER_WEBGL);
  probe.getExtension('WEBGL_lose_context')?.loseContext();
  return !/swiftshader|llvmpipe|software/i.test(renderer);
}

export class Drawing {
  #term;
  #webgl;
  #tile;
  #shown = ({ detail }) => (detail ? this.#take() : this.#give());

  /** @param term opened in the page already */
  constructor(term) {
    this.#term = term;
    this.#tile = term.element?.closest('[data-tile-of]');
    this.#tile?.addEventListener('dispatch:shown', this.#shown);
    if (!this.#tile?.hasAttribute('data-behind')) this.#take();
  }

  /** Before the terminal itself. */
  dispose() {
    this.#tile?.removeEventListener('dispatch:shown', this.#shown);
    this.#give();
  }

  #take() {
    quick ??= isQuick();
    if (!quick || this.#webgl !== undefined || contexts >= CONTEXTS_MAX) return;
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => this.#give());
      this.#term.loadAddon(webgl);
      this.#webgl = webgl;
      contexts += 1;
    } catch {
      // The DOM renderer stays: all of it works, only slower.
    }
  }

  #give() {
    if (this.#webgl === undefined) return;
    contexts -= 1;
    this.#webgl.dispose();
    this.#webgl = undefined;
  }
}
