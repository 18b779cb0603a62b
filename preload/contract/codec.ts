/**
 * Frames as bytes for sockets: JSON with typed arrays lifted out, so a million points cross without base64.
 * Layout: u32 header length, header (UTF-8 JSON { message, arrays: [{ type, offset, length }] }), padding to 8, array bytes (each 8-aligned).
 * An array is written in the message as { "$array": n }. Little-endian, as every machine we run on.
 */
const kinds = {
  Float32Array,
  Float64Array,
  Int32Array,
  Uint32Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
} as const;
type Kind = keyof typeof kinds;
type Lifted = InstanceType<(typeof kinds)[Kind]>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const align = (offset: number) => (offset + 7) & ~7;

function kindOf(value: unknown): Kind | undefined {
  // Most of a message is plain values: asked about first, lists of runs cross in half the time.
  if (typeof value !== 'object' || value === null || !ArrayBuffer.isView(value)) return undefined;
  for (const name of Object.keys(kinds) as Kind[]) if (value instanceof kinds[name]) return name;
  return undefined;
}

/** Most messages carry none, and looking is a fraction of what a replacer costs over a page of runs. */
function holdsArrays(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (ArrayBuffer.isView(value)) return true;
  for (const key in value) if (holdsArrays((value as Record<string, unknown>)[key])) return true;
  return false;
}

/** The bytes of one message. Non-finite numbers inside plain JSON become null; put them into typed arrays where they matter. */
export function encode(message: unknown): Uint8Array {
  const lifted: Lifted[] = [];
  const entries: { type: Kind; offset: number; length: number }[] = [];
  let dataBytes = 0;
  const lift = (_key: string, value: unknown) => {
    const type = kindOf(value);
    if (type === undefined) return value;
    const array = value as Lifted;
    entries.push({ type, offset: dataBytes, length: array.length });
    dataBytes = align(dataBytes + array.byteLength);
    lifted.push(array);
    return { $array: lifted.length - 1 };
  };
  const json = holdsArrays(message) ? JSON.stringify(message, lift) : JSON.stringify(message);
  const header = encoder.encode(`{"message":${json},"arrays":${JSON.stringify(entries)}}`);
  const start = align(4 + header.length);
  const bytes = new Uint8Array(start + dataBytes);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  for (const [index, array] of lifted.entries()) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + entries[index]!.offset);
  }
  return bytes;
}

/**
 * The message inside bytes.
 * @throws RangeError or SyntaxError where the bytes are not a message; the caller closes the link.
 */
export function decode(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(0, true);
  if (4 + headerBytes > bytes.byteLength) throw new RangeError('message header is longer than the message');
  const header = JSON.parse(decoder.decode(bytes.subarray(4, 4 + headerBytes))) as {
    message: unknown;
    arrays: { type: string; offset: number; length: number }[];
  };
  if (header.arrays.length === 0) return header.message;
  const start = align(4 + headerBytes);
  const arrays = header.arrays.map(({ type, offset, length }) => {
    if (!Object.hasOwn(kinds, type)) throw new RangeError(`unknown array type ${type}`);
    const kind = kinds[type as Kind];
    const from = start + offset;
    const size = length * kind.BYTES_PER_ELEMENT;
    if (!Number.isInteger(offset) || !Number.isInteger(length) || offset < 0 || length < 0 || from + size > bytes.byteLength) {
      throw new RangeError('array lies outside the message');
    }
    // A Node Buffer's own slice() would share memory instead of copying.
    return new kind(new Uint8Array(bytes.buffer, bytes.byteOffset + from, size).slice().buffer);
  });
  return placed(header.message, arrays);
}

/** The message with its arrays where it refers to them. */
function placed(value: unknown, arrays: readonly Lifted[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$array' in value && typeof value.$array === 'number') {
    const array = arrays[value.$array];
    if (array === undefined) throw new RangeError('message refers to an array it does not carry');
    return array;
  }
  const parent = value as Record<string, unknown>;
  for (const key in parent) {
    const child = placed(parent[key], arrays);
    if (child !== parent[key]) parent[key] = child;
  }
  return value;
}
