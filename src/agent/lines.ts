// Cuts what an agent prints into lines of bounded length. A line knows where in all that the
// agent ever printed it ends, so that what is logged of it can be told exactly.

const NEWLINE = 0x0a;

export class Lines {
  readonly #bytesMax: number;
  readonly #take: (line: Buffer, end: number) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;

  /** `take` gets a line, which is good only during the call, and the offset at which it ended. */
  constructor(bytesMax: number, take: (line: Buffer, end: number) => void) {
    this.#bytesMax = bytesMax;
    this.#take = take;
  }

  /** Whether a line has begun that has no end yet. */
  get partial(): boolean {
    return this.#heldBytes > 0;
  }

  /** @param offset of the first byte. @returns false where a line is longer than its bound: nothing can be read any more */
  push(bytes: Uint8Array, offset: number): boolean {
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let end = all.indexOf(NEWLINE); end !== -1; end = all.indexOf(NEWLINE, start)) {
      if (this.#heldBytes + end - start > this.#bytesMax) return false;
      const rest = all.subarray(start, end);
      const line = this.#heldBytes === 0 ? rest : Buffer.concat([...this.#held, rest]);
      this.#held = [];
      this.#heldBytes = 0;
      start = end + 1;
      this.#take(line, offset + start);
    }
    if (start < all.byteLength) {
      // Copied: the source uses its memory again.
      this.#held.push(Buffer.from(all.subarray(start)));
      this.#heldBytes += all.byteLength - start;
    }
    return this.#heldBytes <= this.#bytesMax;
  }
}
