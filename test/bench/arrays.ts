import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CsrMatrix } from '#data/dataset.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';

/** Arrays that both sides of a row read, as `.npy` files in the row's temporary folder. */

export function putArray(
  folder: string,
  name: string,
  values: Float32Array | Int32Array,
  shape: readonly number[] = [values.length],
): void {
  writeFileSync(join(folder, `${name}.npy`), writeNpy(values, shape));
}

export function putMatrix(folder: string, name: string, matrix: CsrMatrix): void {
  putArray(folder, `${name}.shape`, Int32Array.of(matrix.rows, matrix.columns));
  putArray(folder, `${name}.offsets`, matrix.offsets);
  putArray(folder, `${name}.indices`, matrix.indices);
  putArray(folder, `${name}.values`, matrix.values);
}

/** Reads back what {@link putMatrix} wrote. */
export function takeMatrix(folder: string, name: string): CsrMatrix {
  const shape = new Int32Array(contents(folder, `${name}.shape`));
  return {
    rows: shape[0]!,
    columns: shape[1]!,
    offsets: new Int32Array(contents(folder, `${name}.offsets`)),
    indices: new Int32Array(contents(folder, `${name}.indices`)),
    values: new Float32Array(contents(folder, `${name}.values`)),
  };
}

export function takeFloats(folder: string, name: string): Float32Array {
  return new Float32Array(contents(folder, name));
}

/** The values behind the header that `writeNpy` puts before them. */
function contents(folder: string, name: string): ArrayBuffer {
  const bytes = readFileSync(join(folder, `${name}.npy`));
  const start = 10 + bytes.readUInt16LE(8);
  return bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length) as ArrayBuffer;
}
