/** A TensorProto that holds one number (tensorflow/core/framework/tensor.proto): how newer writers keep scalars. */
import { doubleOf, fieldsOf, firstPacked, floatOf, type Field } from './protobuf.ts';

/** DataType numbers of tensorflow/core/framework/types.proto. */
const float = 1;
const double = 2;
const half = 19;
const bfloat16 = 14;
const whole = [3, 4, 5, 6, 9, 10, 17, 22, 23];

/** Undefined where the tensor is none of a single number. @throws RangeError where it is no message */
export function scalarOf(tensor: Uint8Array): number | undefined {
  let type = 0;
  let elements = 1;
  let content: Uint8Array | undefined;
  const values: number[] = [];
  for (const field of fieldsOf(tensor)) {
    if (field.number === 1 && field.wire === 0) type = field.value;
    else if (field.number === 2 && field.wire === 2) elements = elementsOf(field.bytes);
    else if (field.number === 4 && field.wire === 2) content = field.bytes;
    else if (field.number === 5) values.push(...listed(field, 4, floatOf));
    else if (field.number === 6) values.push(...listed(field, 8, doubleOf));
    else if ([7, 10, 11, 13, 16, 17].includes(field.number)) values.push(...varints(field));
  }
  if (elements !== 1) return undefined;
  if (type === half || type === bfloat16) {
    const bits = values[0] ?? (content?.length === 2 ? content[0]! + content[1]! * 256 : undefined);
    return bits === undefined ? undefined : type === half ? halfOf(bits) : bfloatOf(bits);
  }
  if (type !== float && type !== double && !whole.includes(type)) return undefined;
  return values[0] ?? (content === undefined || content.length === 0 ? undefined : contentOf(content, type));
}

/** TensorShapeProto: the product of its dimensions; none is a scalar. */
function elementsOf(shape: Uint8Array): number {
  let product = 1;
  for (const dimension of fieldsOf(shape)) {
    if (dimension.number !== 2 || dimension.wire !== 2) continue;
    let size = 0;
    for (const field of fieldsOf(dimension.bytes)) if (field.number === 1 && field.wire === 0) size = field.value;
    product *= size;
  }
  return product;
}

/** Numbers of fixed width, packed or one by one; the first few say whether it is one number. */
function listed({ bytes }: Field, width: number, read: (bytes: Uint8Array) => number): number[] {
  return bytes.length < width ? [] : [read(bytes.subarray(0, width))];
}

/** Numbers of any width, packed or one by one; the first says enough here too. */
function varints({ wire, value, bytes }: Field): number[] {
  const first = wire === 0 ? value : firstPacked(bytes);
  return first === undefined ? [] : [first];
}

function contentOf(bytes: Uint8Array, type: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === float) return bytes.length === 4 ? view.getFloat32(0, true) : undefined;
  if (type === double) return bytes.length === 8 ? view.getFloat64(0, true) : undefined;
  if (bytes.length === 8) return Number(type === 23 ? view.getBigUint64(0, true) : view.getBigInt64(0, true));
  if (bytes.length === 4) return type === 22 ? view.getUint32(0, true) : view.getInt32(0, true);
  if (bytes.length === 2) return type === 17 ? view.getUint16(0, true) : view.getInt16(0, true);
  return bytes.length === 1 ? (type === 6 ? view.getInt8(0) : view.getUint8(0)) : undefined;
}

function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float32. */
function bfloatOf(bits: number): number {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, bits * 65536);
  return bytes.getFloat32(0);
}
