/** Bytes of a version 1 `.npy` file, little-endian, C order. Throws RangeError where the shape does not hold the values. */
export function writeNpy(values: Float32Array | Float64Array | Int32Array | Uint8Array, shape: readonly number[]): Uint8Array {
  const length = shape.reduce((product, size) => product * size, 1);
  if (length !== values.length) throw new RangeError(`shape [${shape.join(', ')}] holds ${length} values, not ${values.length}`);
  const header = npyHeader(values, shape);
  const bytes = new Uint8Array(header.length + values.byteLength);
  bytes.set(header);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length);
  return bytes;
}

function npyHeader(values: Float32Array | Float64Array | Int32Array | Uint8Array, shape: readonly number[]): Uint8Array {
  const descr =
    values instanceof Float32Array ? '<f4' : values instanceof Float64Array ? '<f8' : values instanceof Int32Array ? '<i4' : '|u1';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Data start on a multiple of 64, as NumPy writes it, so that the values can be mapped.
  const total = Math.ceil((10 + dict.length + 1) / 64) * 64;
  const text = `${dict.padEnd(total - 11, ' ')}\n`;
  const header = new Uint8Array(total);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 0xff, text.length >>> 8]);
  for (let i = 0; i < text.length; i++) header[10 + i] = text.charCodeAt(i);
  return header;
}
