// What is typed into an attached terminal: all of it is the program's, but for the detach key,
// Ctrl+\ twice. A single one is the program's too, a moment later.

const QUIT = 0x1c;
const NONE = new Uint8Array();

export interface KeysOptions {
  input: (bytes: Uint8Array) => void;
  detach: () => void;
  /** ms in which the second one must come. */
  withinMs: number;
}

export class Keys {
  readonly #options: KeysOptions;
  #held: ReturnType<typeof setTimeout> | undefined;

  constructor(options: KeysOptions) {
    this.#options = options;
  }

  /** The bytes are only good during the call. */
  typed(bytes: Uint8Array): void {
    const { input, detach, withinMs } = this.#options;
    const before = this.#release();
    const all = before.byteLength === 0 ? bytes : Buffer.concat([before, bytes]);
    const twice = all.findIndex((byte, index) => byte === QUIT && all[index + 1] === QUIT);
    if (twice >= 0) {
      if (twice > 0) input(all.slice(0, twice));
      return detach();
    }
    const last = all.at(-1) === QUIT;
    const rest = last ? all.subarray(0, -1) : all;
    if (rest.byteLength > 0) input(rest.slice());
    if (last) this.#held = setTimeout(() => input(this.#release()), withinMs);
  }

  dispose(): void {
    this.#release();
  }

  /** What was held back. */
  #release(): Uint8Array {
    if (this.#held === undefined) return NONE;
    clearTimeout(this.#held);
    this.#held = undefined;
    return Uint8Array.of(QUIT);
  }
}
