/** Result files of a run for other programs: `.npy` as they lie on disk, or CSV with ids and headings. */
import { readFile } from 'node:fs/promises';
import { metricKeys } from '#contract/run.ts';
import { ProblemError } from '#contract/problem.ts';

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array | Float64Array | Int32Array;
}

/** The bytes to hand out for an artifact. Checkpoints are our own format and go as they are. */
export async function artifactBytes(path: string, name: string, format: 'npy' | 'csv'): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await readFile(path));
  if (format === 'npy') return bytes;
  const matrix = readMatrix(bytes, path);
  return Uint8Array.from(Buffer.from(toCsv(matrix, headings(name, matrix.columns), !name.startsWith('per-user')), 'utf8'));
}

function headings(name: string, columns: number): string[] {
  if (name === 'top50-scores') return ['user', ...Array.from({ length: columns }, (_unused, index) => `score_${index + 1}`)];
  if (name === 'top50' || name === 'top50-validation')
    return ['user', ...Array.from({ length: columns }, (_unused, index) => `item_${index + 1}`)];
  if (name.startsWith('per-user')) return ['user', ...metricKeys].slice(0, columns);
  return [name.startsWith('users') ? 'user' : 'item', ...Array.from({ length: columns }, (_unused, index) => `d${index}`)];
}

/** Numbers with all their digits: float32 as the shortest text that reads back as the same float32. */
function toCsv({ rows, columns, values }: Matrix, head: readonly string[], hasRowIds: boolean): string {
  const lines = [head.join(',')];
  for (let row = 0; row < rows; row++) {
    const cells: string[] = hasRowIds ? [String(row)] : [];
    for (let column = 0; column < columns; column++) cells.push(String(values[row * columns + column]!));
    lines.push(cells.join(','));
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** Reads what our own writer wrote: version 1, C order, <f4, <f8 or <i4, one or two dimensions. */
export function readMatrix(bytes: Uint8Array, path: string): Matrix {
  const headerBytes = 10 + (bytes[8] ?? 0) + 256 * (bytes[9] ?? 0);
  const header = new TextDecoder('latin1').decode(bytes.subarray(10, headerBytes));
  const descr = /'descr': '([^']+)'/.exec(header)?.[1];
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : Number(part)));
  const data = bytes.slice(headerBytes).buffer;
  const values =
    descr === '<f4'
      ? new Float32Array(data)
      : descr === '<f8'
        ? new Float64Array(data)
        : descr === '<i4'
          ? new Int32Array(data)
          : undefined;
  const [rows = 0, columns = 1] = shape;
  if (values === undefined || rows * columns !== values.length) {
    throw new ProblemError({
      kind: 'disk',
      code: 'artifact.damaged',
      message: 'The file is not a matrix that this program wrote',
      where: path,
      fix: 'Save it as .npy, or run the run again.',
    });
  }
  return { rows, columns, values };
}
