// Puts frames on the screen strictly in stream order: bytes, sizes, resets and the moment of
// SYNCED all pass through the emulator's own write queue, so none can overtake another.

import { EVENT, NOTICE, OUTPUT, SNAPSHOT, SYNCED, WINSIZE } from './wire.js';

export class Replay {
  #screen;
  #hooks;

  /**
   * @param {import('./screen.js').Screen} screen
   * @param {{ parsed: (sequence: number, bytes: number, connection: number) => void,
   *   synced: (connection: number) => void, event: (event: any) => void,
   *   winsize: (frame: { cols: number, rows: number, leads: boolean }, connection: number) => void,
   *   resized: () => void, lagging: (now: boolean, connection: number) => void }} hooks each called in stream order
   */
  constructor(screen, hooks) {
    this.#screen = screen;
    this.#hooks = hooks;
  }

  take(frame, connection) {
    const { sequence, size } = frame;
    switch (frame.tag) {
      case OUTPUT:
        return this.#screen.write(frame.bytes, () => this.#hooks.parsed(sequence, size, connection));
      case EVENT:
        return this.#then(() => {
          if (frame.event.type === 'resize') this.#resize(frame.event.data);
          this.#hooks.event(frame.event);
          this.#hooks.parsed(sequence, size, connection);
        });
      case SNAPSHOT:
        this.#screen.reset(guarded(() => this.#resize(frame)));
        return this.#screen.write(frame.bytes, () => this.#hooks.parsed(sequence, size, connection));
      case SYNCED:
        return this.#then(() => this.#hooks.synced(connection));
      case WINSIZE:
        return this.#then(() => this.#hooks.winsize(frame, connection));
      case NOTICE:
        if (frame.notice.code !== 'lagging' && frame.notice.code !== 'live') return;
        return this.#then(() => this.#hooks.lagging(frame.notice.code === 'lagging', connection));
    }
  }

  #resize({ cols, rows }) {
    this.#screen.resize({ cols: Number(cols), rows: Number(rows) });
    this.#hooks.resized();
  }

  #then(action) {
    this.#screen.afterWrites(guarded(action));
  }
}

/** xterm's queue stops for good where a callback throws. */
function guarded(action) {
  return () => {
    try {
      action();
    } catch (error) {
      console.error(error);
    }
  };
}
