/** Fields of a protocol buffer message, as they lie there. What the caller does not know it passes over. */

export interface Field {
  readonly number: number;
  /** 0: a number; 1: eight bytes; 2: bytes; 5: four bytes. */
  readonly wire: number;
  /** Of wire 0. Exact up to 2^53; negative ones as signed. */
  readonly value: number;
  /** Of the other wires. */
  readonly bytes: Uint8Array;
}

const nothing = new Uint8Array(0);
const text = new TextDecoder();

/** @throws RangeError where a field reaches beyond the message or has a form that does not exist */
export function* fieldsOf(message: Uint8Array): Generator<Field, void, void> {
  const from = new Bytes(message);
  while (!from.isAtEnd) {
    const key = from.varint();
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) yield { number, wire, value: from.varint(), bytes: nothing };
    else if (wire === 1) yield { number, wire, value: 0, bytes: from.taken(8) };
    else if (wire === 2) yield { number, wire, value: 0, bytes: from.taken(from.varint()) };
    else if (wire === 5) yield { number, wire, value: 0, bytes: from.taken(4) };
    else throw new RangeError(`a field has the unknown form ${wire}`);
  }
}

/**
 * The first of the numbers that lie packed in a field; undefined where there is none. Exact up to 2^53, negative ones as signed.
 * @throws RangeError where it has no end
 */
export const firstPacked = (bytes: Uint8Array): number | undefined => (bytes.length === 0 ? undefined : new Bytes(bytes).varint());

class Bytes {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.isAtEnd) throw new RangeError('a number has no end');
      const byte = this.#bytes[this.#at++]!;
      if (shift < 28) low += (byte & 127) * 2 ** shift;
      else high += (byte & 127) * 2 ** (shift - 28);
      if (byte < 128) {
        // A negative number of 64 bits has its highest bit set; taken off the upper part alone nothing is rounded.
        return low + (high >= 2 ** 35 ? high - 2 ** 36 : high) * 2 ** 28;
      }
    }
    throw new RangeError('a number is longer than ten bytes');
  }

  taken(length: number): Uint8Array {
    if (length < 0 || this.#at + length > this.#bytes.length) throw new RangeError('a field reaches beyond its message');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const doubleOf = (bytes: Uint8Array): number => viewOf(bytes).getFloat64(0, true);
export const floatOf = (bytes: Uint8Array): number => viewOf(bytes).getFloat32(0, true);
export const textOf = (bytes: Uint8Array): string => text.decode(bytes);
