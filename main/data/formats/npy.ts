import { dataError } from '../issue-log.ts';
import { float16Table } from './float16.ts';
import { LiteralError, parsePythonLiteral, type PythonLiteral } from './python-literal.ts';

/**
 * NumPy's `.npy` (protocol.md 1.4): header by an own literal parser, nothing evaluated; f2 f4 f8, i1–i8, u1–u8, b1, both byte
 * orders, C and Fortran order, versions 1–3. `|O` is named as `object`: its bytes belong to the pickle reader.
 */
export type NpyType =
  'float16' | 'float32' | 'float64' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64' | 'bool' | 'object';

export interface NpyHeader {
  readonly type: NpyType;
  readonly itemBytes: number;
  readonly isLittleEndian: boolean;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** Product of the shape. */
  readonly length: number;
  /** Offset of the first value. */
  readonly dataStart: number;
}

/** Values as their own typed array, native byte order, C order. */
export type NpyValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** Longest header read. NumPy itself warns beyond 10,000 bytes. */
export const longestHeader = 65_536;
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

const types: Readonly<Record<string, NpyType>> = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
};

/**
 * The header at the start of `bytes` (the first {@link longestHeader} + 12 bytes suffice). `fileBytes` is the size of the whole
 * file, compared with what the header promises. Throws ProblemError `npy.*` naming `file`.
 */
export function parseNpyHeader(bytes: Uint8Array, fileBytes: number, file: string): NpyHeader {
  const fail = (code: string, message: string, fix: string): never => {
    throw dataError({ code: `npy.${code}`, message, where: file, fix });
  };
  if (bytes.length < 10 || magic.some((byte, index) => bytes[index] !== byte)) {
    if (bytes.length < 10 && magic.every((byte, index) => index >= bytes.length || bytes[index] === byte)) {
      return fail('truncated', `The file ends after ${bytes.length} bytes, inside its header.`, 'Copy the file again from its source.');
    }
    return fail('not-npy', 'The file does not start as a .npy file does.', 'Save the array with numpy.save.');
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3)
    return fail('version', `Version ${version}.${bytes[7]} of the .npy format is not known.`, 'Save the array with a current numpy.save.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthBytes = version === 1 ? 2 : 4;
  if (bytes.length < 8 + lengthBytes) return fail('truncated', 'The file ends inside its header.', 'Copy the file again from its source.');
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = 8 + lengthBytes + headerLength;
  if (headerLength > longestHeader)
    return fail(
      'header-too-large',
      `The header claims ${headerLength.toLocaleString('en')} bytes; at most ${longestHeader.toLocaleString('en')} are read.`,
      'Save the array again with numpy.save.',
    );
  if (dataStart > fileBytes || dataStart > bytes.length)
    return fail(
      'truncated',
      `The file ends inside its header (${fileBytes} bytes, the header needs ${dataStart}).`,
      'Copy the file again from its source.',
    );
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(8 + lengthBytes, dataStart));
  const fields = readFields(text, file);
  const { type, itemBytes, isLittleEndian } = readType(fields.descr, file);
  let length = 1;
  for (const size of fields.shape) {
    length *= size;
    if (!Number.isSafeInteger(length * Math.max(itemBytes, 1)))
      return fail('shape', `The shape [${fields.shape.join(', ')}] is impossible.`, 'Save the array again with numpy.save.');
  }
  const header = { type, itemBytes, isLittleEndian, isFortran: fields.isFortran, shape: fields.shape, length, dataStart };
  if (type !== 'object') {
    const expected = dataStart + length * itemBytes;
    if (fileBytes !== expected) {
      const [code, words] = fileBytes < expected ? ['truncated', 'is cut off'] : ['trailing-bytes', 'has more bytes than its header says'];
      return fail(
        code,
        `The file ${words}: ${type} [${fields.shape.join(', ')}] needs ${expected.toLocaleString('en')} bytes, the file has ${fileBytes.toLocaleString('en')}.`,
        'Copy the file again from its source, or save it again with numpy.save.',
      );
    }
  }
  return header;
}

function readFields(text: string, file: string): { descr: PythonLiteral; isFortran: boolean; shape: number[] } {
  const fail = (message: string): never => {
    throw dataError({
      code: 'npy.header',
      message: `The header is not understood: ${message}.`,
      where: file,
      fix: 'Save the array with numpy.save.',
    });
  };
  let value: PythonLiteral;
  try {
    value = parsePythonLiteral(text);
  } catch (error) {
    if (error instanceof LiteralError) return fail(`${error.message} at position ${error.position}`);
    throw error;
  }
  if (!(value instanceof Map)) return fail('it is not a dict');
  for (const key of value.keys())
    if (key !== 'descr' && key !== 'fortran_order' && key !== 'shape') return fail(`the key “${key}” is not known`);
  const isFortran: unknown = value.get('fortran_order');
  if (typeof isFortran !== 'boolean') return fail('fortran_order is not True or False');
  const shape: unknown = value.get('shape');
  if (!Array.isArray(shape) || shape.length > 8) return fail('shape is not a tuple');
  for (const size of shape as unknown[])
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return fail(`shape holds ${String(size)}`);
  const descr: PythonLiteral | undefined = value.get('descr') as PythonLiteral | undefined;
  if (descr === undefined) return fail('descr is missing');
  return { descr, isFortran, shape: shape as number[] };
}

function readType(descr: PythonLiteral, file: string): { type: NpyType; itemBytes: number; isLittleEndian: boolean } {
  const match = typeof descr === 'string' ? /^([<>|=])([a-zA-Z])(\d*)$/.exec(descr) : null;
  if (match !== null && match[2] === 'O') return { type: 'object', itemBytes: 0, isLittleEndian: true };
  const type = match === null ? undefined : types[`${match[2]}${match[3]}`];
  if (match === null || type === undefined) {
    throw dataError({
      code: 'npy.type',
      message: `The element type ${typeof descr === 'string' ? `“${descr}”` : 'is structured and'} is not one Avocet reads.`,
      where: file,
      fix: 'Save the array as float16, float32, float64 or an integer type.',
    });
  }
  const itemBytes = Number(match[3]);
  // A one-byte type has no order; "|" on a longer one is read as little-endian, as NumPy does on the machines that wrote it.
  return { type, itemBytes, isLittleEndian: match[1] !== '>' };
}

/** Values of `bytes` (a whole number of elements, no header) in native order; copied, so `bytes` may be unaligned and reused. float16 is widened to float32. */
export function decodeNpyValues(bytes: Uint8Array, header: Pick<NpyHeader, 'type' | 'itemBytes' | 'isLittleEndian'>): NpyValues {
  const { type, itemBytes } = header;
  const count = Math.floor(bytes.length / Math.max(itemBytes, 1));
  const buffer = new ArrayBuffer(count * itemBytes);
  const copy = new Uint8Array(buffer);
  copy.set(bytes.subarray(0, copy.length));
  if (!header.isLittleEndian && itemBytes > 1) swapBytes(copy, itemBytes);
  switch (type) {
    case 'float16': {
      const table = float16Table();
      const bits = new Uint16Array(buffer);
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = table[bits[i]!]!;
      return values;
    }
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'uint8':
    case 'bool':
      return copy;
    case 'uint16':
      return new Uint16Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'uint64':
      return new BigUint64Array(buffer);
    case 'object':
      throw dataError({
        code: 'npy.object',
        message: 'The file holds pickled Python objects, not numbers.',
        fix: 'Save the array as float32.',
      });
  }
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let start = 0; start + size <= bytes.length; start += size) bytes.subarray(start, start + size).reverse();
}

/** A whole `.npy` file in memory, in C order (Fortran order is transposed for two dimensions). */
export function readNpy(bytes: Uint8Array, file: string): { header: NpyHeader; values: NpyValues } {
  const header = parseNpyHeader(bytes, bytes.length, file);
  if (header.type === 'object') {
    throw dataError({
      code: 'npy.object',
      message: 'The file holds pickled Python objects, not numbers.',
      where: file,
      fix: 'Save the array as numbers, e.g. array.astype("float32").',
    });
  }
  const values = decodeNpyValues(bytes.subarray(header.dataStart), header);
  if (!header.isFortran || header.shape.length < 2) return { header, values };
  if (header.shape.length > 2) {
    throw dataError({
      code: 'npy.fortran',
      message: `Fortran order is read for two dimensions, not ${header.shape.length}.`,
      where: file,
      fix: 'Save numpy.ascontiguousarray(array).',
    });
  }
  return { header, values: transposed(values, header.shape[1]!, header.shape[0]!) };
}

/** `values` as [rows, columns], returned as [columns, rows]. */
function transposed(values: NpyValues, rows: number, columns: number): NpyValues {
  const result = values.slice();
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c]!;
  return result;
}

/** Integers of any width as numbers; throws where one lies outside ±2^53 or the type is not an integer. */
export function toIntegers(values: NpyValues, type: NpyType, file: string): Float64Array {
  const result = new Float64Array(values.length);
  if (!/^(u?int|bool)/.test(type))
    throw dataError({
      code: 'npy.type',
      message: `The file holds ${type}; integers are needed.`,
      where: file,
      fix: 'Save the ids as int64.',
    });
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]!);
    if (!Number.isSafeInteger(value))
      throw dataError({
        code: 'npy.integer-range',
        message: `Element ${i} is ${String(values[i])}, too large for an id.`,
        where: file,
        fix: 'Use ids below 2^53.',
      });
    result[i] = value;
  }
  return result;
}
