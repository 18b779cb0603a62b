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
  let at = 0;
  const varint = (): number => {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= message.length) throw new RangeError('a number has no end');
      const byte = message[at++]!;
      if (shift < 28) low += (byte & 127) * 2 ** shift;
      else high += (byte & 127) * 2 ** (shift - 28);
      if (byte < 128) {
        // A negative number of 64 bits has its highest bit set; taken off the upper part alone nothing is rounded.
        return low + (high >= 2 ** 35 ? high - 2 ** 36 : high) * 2 ** 28;
      }
    }
    throw new RangeError('a number is longer than ten bytes');
  };
  const taken = (length: number): Uint8Array => {
    if (length < 0 || at + length > message.length) throw new RangeError('a field reaches beyond its message');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) yield { number, wire, value: varint(), bytes: nothing };
    else if (wire === 1) yield { number, wire, value: 0, bytes: taken(8) };
    else if (wire === 2) yield { number, wire, value: 0, bytes: taken(varint()) };
    else if (wire === 5) yield { number, wire, value: 0, bytes: taken(4) };
    else throw new RangeError(`a field has the unknown form ${wire}`);
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const doubleOf = (bytes: Uint8Array): number => viewOf(bytes).getFloat64(0, true);
export const floatOf = (bytes: Uint8Array): number => viewOf(bytes).getFloat32(0, true);
export const textOf = (bytes: Uint8Array): string => text.decode(bytes);
