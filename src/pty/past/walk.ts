// One screen on its way to a moment: from the nearest that is kept, event by event, in steps
// short enough that whoever walks can be told to stop. It never passes the moment asked for.

import { limits } from '../../limits.ts';
import type { StoredSnapshot } from '../screen/protocol.ts';
import { Screen, type ScreenEvent } from '../screen/screen.ts';
import { keyframeOf } from './keyframe.ts';

/** What the past is made from. */
export interface WalkReader {
  /** Events after `after` up to `upTo`, in order; ends early past `bytesMax`. */
  read(runId: string, range: { after: number; upTo: number; limit: number; bytesMax: number }): ScreenEvent[];
}

const DEFAULT_WINSIZE = { cols: 80, rows: 24 };

export class Walk {
  readonly runId: string;
  readonly screen: Screen;
  readonly #reader: WalkReader;
  readonly #keep: (keyframe: StoredSnapshot) => void;
  #position = 0;
  #bytes = 0;
  #events = 0;

  /** @param from where it begins; undefined for the beginning of all */
  constructor(runId: string, from: StoredSnapshot | undefined, reader: WalkReader, keep: (keyframe: StoredSnapshot) => void) {
    this.runId = runId;
    this.#reader = reader;
    this.#keep = keep;
    this.screen = new Screen({ winsize: DEFAULT_WINSIZE, scrollback: limits.keyframeScrollback });
    if (from === undefined) return;
    const { vt, ...snapshot } = from;
    this.screen.restore({ ...snapshot, vt: Bun.zstdDecompressSync(vt) });
    this.#position = from.sequence;
  }

  /** Last event that its screen shows. */
  get position(): number {
    return this.#position;
  }

  /**
   * Goes on towards `moment`, for a few milliseconds.
   * @returns whether it is there; undefined where events on the way are not kept
   */
  step(moment: number): boolean | undefined {
    if (this.#position >= moment) return true;
    const range = { after: this.#position, upTo: moment, limit: limits.walkStepEvents, bytesMax: limits.walkStepBytes };
    const events = this.#reader.read(this.runId, range);
    if (events[0]?.sequence !== this.#position + 1) return undefined;
    for (const event of events) {
      this.screen.take(event);
      this.#position = event.sequence;
      if (event.data instanceof Uint8Array) this.#bytes += event.data.byteLength;
    }
    this.#events += events.length;
    if (this.#bytes >= limits.keyframeEveryBytes || this.#events >= limits.keyframeEveryEvents) this.#keepOne();
    return this.#position >= moment;
  }

  dispose(): void {
    this.screen.dispose();
  }

  #keepOne(): void {
    this.#bytes = 0;
    this.#events = 0;
    this.#keep(keyframeOf(this.screen, this.#position));
  }
}
