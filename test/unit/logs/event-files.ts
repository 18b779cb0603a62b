/** Writes TensorBoard event files byte by byte, from the public descriptions of TFRecord and event.proto alone. */
import { maskedCrc32c } from '#logs/parts/crc32c.ts';

const utf8 = new TextEncoder();

export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value < 0 ? BigInt.asUintN(64, BigInt(value)) : BigInt(value);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

export const bytesField = (number: number, content: readonly number[] | Uint8Array): number[] => [
  ...varint(number * 8 + 2),
  ...varint(content.length),
  ...content,
];
export const textField = (number: number, text: string): number[] => bytesField(number, utf8.encode(text));
export const numberField = (number: number, value: number): number[] => [...varint(number * 8), ...varint(value)];
export function doubleField(number: number, value: number): number[] {
  return [...varint(number * 8 + 1), ...new Uint8Array(new Float64Array([value]).buffer)];
}
export function floatField(number: number, value: number): number[] {
  return [...varint(number * 8 + 5), ...new Uint8Array(new Float32Array([value]).buffer)];
}

export function record(data: readonly number[] | Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + data.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes, 0, 8), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(bytes, 12, 12 + data.length), true);
  return bytes;
}

export const event = (step: number, seconds: number, values: readonly (readonly number[])[]): number[] => [
  ...doubleField(1, seconds),
  ...numberField(2, step),
  ...bytesField(
    5,
    values.flatMap((value) => bytesField(1, value)),
  ),
];

export const scalar = (tag: string, value: number): number[] => [...textField(1, tag), ...floatField(2, value)];

export function file(events: readonly (readonly number[])[]): Uint8Array {
  const records = [[...doubleField(1, 1000), ...textField(3, 'brain.Event:2')], ...events].map(record);
  return Buffer.concat(records);
}
