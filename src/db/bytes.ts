// Numbers, texts and bytes one after the other. A number takes seven bits to a byte, the
// lowest first, so that a small one is small; any safe integer fits.

import { assert } from '../errors.ts';

export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** @param expected how much will about be written */
  constructor(expected: number) {
    this.#bytes = new Uint8Array(expected);
  }

  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** A number from 0 on. */
  count(value: number): void {
    this.#room(8);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) + 128;
    this.#bytes[this.#length++] = rest;
  }

  /** A number of either sign. */
  difference(value: number): void {
    this.count(value < 0 ? -2 * value - 1 : 2 * value);
  }

  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.count(bytes.byteLength);
    this.bytes(bytes);
  }

  bytes(value: Uint8Array): void {
    this.#room(value.byteLength);
    this.#bytes.set(value, this.#length);
    this.#length += value.byteLength;
  }

  #room(needed: number): void {
    if (this.#length + needed <= this.#bytes.byteLength) return;
    const larger = new Uint8Array(Math.max(this.#bytes.byteLength * 2, this.#length + needed));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get position(): number {
    return this.#position;
  }

  byte(): number {
    const value = this.#bytes[this.#position];
    assert(value !== undefined, 'there is a byte to read');
    this.#position += 1;
    return value;
  }

  count(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  }

  difference(): number {
    const value = this.count();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    return Buffer.from(this.bytes(this.count())).toString('utf8');
  }

  /** The bytes themselves, no copy. */
  bytes(length: number): Uint8Array {
    const end = this.#position + length;
    assert(end <= this.#bytes.byteLength, 'there are bytes to read');
    const value = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return value;
  }
}
