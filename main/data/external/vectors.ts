import { basename } from 'node:path';
import { readWhole } from '../file-stream.ts';
import { readNpy } from '../formats/npy.ts';
import { dataError } from '../issue-log.ts';

/** Vectors of a `.npy` file, row-major, row r for inner id r. */
export interface Vectors {
  readonly values: Float32Array;
  readonly width: number;
  readonly sourceType: 'float32' | 'float64';
  readonly sha256: string;
}

const largest = 2 ** 31;

/**
 * Reads a float32 or float64 `.npy` of shape [rows, width] (C or Fortran order); float64 is rounded to float32, in which Avocet
 * ranks. Throws ProblemError `npy.*` and `vectors.*` naming the file and the first bad row.
 */
export async function readVectors(path: string, rows: number, what: 'users' | 'items'): Promise<Vectors> {
  const file = basename(path);
  const { bytes, record } = await readWhole(path, largest);
  const { header, values } = readNpy(bytes, file);
  const fail = (code: string, message: string, fix: string) => dataError({ code: `vectors.${code}`, message, where: file, fix });
  const { type, shape } = header;
  if (!(values instanceof Float32Array || values instanceof Float64Array) || (type !== 'float32' && type !== 'float64'))
    throw fail('type', `The file holds ${type}; float32 or float64 is needed.`, 'Save array.astype("float32").');
  if (shape.length !== 2 || shape[0] !== rows || shape[1]! < 1) {
    throw fail(
      'shape',
      `The shape is [${shape.join(', ')}]; the dataset has ${rows} ${what}, so [${rows}, width] is needed.`,
      `Row r must be the vector of the ${what.slice(0, -1)} with the inner id r, with a row also for those without training rows.`,
    );
  }
  const width = shape[1]!;
  const single = values instanceof Float32Array ? values : Float32Array.from(values);
  const bad = single.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const found = values[bad]!;
    throw fail(
      'not-finite',
      `Row ${Math.floor(bad / width)}, column ${bad % width} is ${Number.isFinite(found) ? `${found}, too large for float32` : found}.`,
      'Every value must be a finite number: look for a loss that diverged, or a division by zero.',
    );
  }
  return { values: single, width, sourceType: type, sha256: record.hash };
}
