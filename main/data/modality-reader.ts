import { stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FillRule, ModalityHealth } from '#contract/dataset.ts';
import { arrayNames } from './dataset-folder.ts';
import type { DatasetWriter } from './dataset-writer.ts';
import { diskError, readThrough, type FileRecord, type ReadOptions } from './file-stream.ts';
import { featureHash } from './fingerprint.ts';
import { decodeNpyValues, longestHeader, parseNpyHeader, type NpyHeader } from './formats/npy.ts';
import { linearHistogram } from './histogram.ts';
import { dataError } from './issue-log.ts';

/**
 * Reads one feature file once, block by block: checks every value, hashes, and (when importing) writes float32 rows, so that a
 * 4096-d float64 file of any size needs the memory of a few blocks.
 */
export interface ModalityRequest extends ReadOptions {
  readonly path: string;
  readonly name: string;
  /** Expected rows; absent for a feature file whose rows are matched by id later. */
  readonly items?: number;
  /** What happens to rows with NaN, and to rows that are all zero. Asked once the counts are known. */
  readonly fill: (found: { nanRows: number; zeroRows: number }) => { nan: 'mean' | 'zero'; zero: 'kept' | 'mean' };
  readonly writer?: DatasetWriter | undefined;
}

export interface ModalityReading {
  readonly health: ModalityHealth & { readonly hash: string };
  readonly record: FileRecord;
  /** 1 where the row held NaN or only zeros. */
  readonly missing: Uint8Array;
}

const rowState = { good: 0, nan: 1, zero: 2 } as const;

/** Throws ProblemError `npy.*` or `features.*` naming file, row and column. */
export async function readModality(request: ModalityRequest): Promise<ModalityReading> {
  const file = basename(request.path);
  let size: number;
  try {
    size = (await stat(request.path)).size;
  } catch (error) {
    throw diskError(error, request.path);
  }
  let scan: RowScan | undefined;
  let handle: FileHandle | undefined;
  const output = arrayNames.features(request.name);
  try {
    let head: Uint8Array = new Uint8Array(0);
    const begin = async (bytes: Uint8Array): Promise<void> => {
      const header = parseNpyHeader(bytes, size, file);
      checkShape(header, file, request);
      handle = await request.writer?.openStream(output);
      scan = new RowScan(header, file, request.name, handle);
      await scan.push(bytes.subarray(header.dataStart));
    };
    const record = await readThrough(
      request.path,
      async (chunk) => {
        if (scan !== undefined) return scan.push(chunk);
        head = joined(head, chunk);
        if (head.length >= Math.min(size, longestHeader + 12)) await begin(head);
      },
      request,
    );
    if (scan === undefined) await begin(head);
    const { reading, missing } = await scan!.finish(request.fill);
    if (handle !== undefined) {
      await request.writer!.finishStream(output, handle);
      handle = undefined;
      await request.writer!.write(arrayNames.missing(request.name), missing);
    }
    return { health: reading, record, missing };
  } finally {
    await handle?.close();
  }
}

function checkShape(header: NpyHeader, file: string, request: ModalityRequest): void {
  if (header.type === 'object')
    throw dataError({
      code: 'npy.object',
      message: 'The file holds pickled Python objects, not numbers.',
      where: file,
      fix: 'Save the features as float32.',
    });
  if (!header.type.startsWith('float'))
    throw dataError({
      code: 'features.type',
      message: `The features are ${header.type}; float16, float32 or float64 is needed.`,
      where: file,
      fix: 'Save array.astype("float32").',
    });
  const [rows, width] = header.shape;
  if (header.shape.length !== 2 || width === undefined || width === 0 || rows === undefined) {
    throw dataError({
      code: 'features.shape',
      message: `The features have the shape [${header.shape.join(', ')}]; [items, width] is needed.`,
      where: file,
      fix: 'Save one row of features per item.',
    });
  }
  if (request.items !== undefined && rows !== request.items) {
    throw dataError({
      code: 'features.row-count',
      message: `The features have ${rows.toLocaleString('en')} rows; the dataset has ${request.items.toLocaleString('en')} items.`,
      where: file,
      values: { rows, items: request.items },
      fix: 'Row r holds the features of item r: give every item its row, also items without features (NaN or zeros).',
    });
  }
}

/** Consumes the values of one matrix in file order and keeps what the health report needs. */
class RowScan {
  readonly #header: NpyHeader;
  readonly #file: string;
  readonly #name: string;
  readonly #handle: FileHandle | undefined;
  readonly #rows: number;
  readonly #width: number;
  readonly #rowBytes: number;
  readonly #hash;
  readonly #norms: Float32Array;
  readonly #state: Uint8Array;
  readonly #sum: Float64Array;
  readonly #seen = new Map<number, number[]>();
  #duplicates = 0;
  #row = 0;
  #carry: Uint8Array = new Uint8Array(0);
  /** Fortran order only: the whole matrix, put in C order as it arrives. */
  #whole: Uint8Array | undefined;
  #taken = 0;

  constructor(header: NpyHeader, file: string, name: string, handle: FileHandle | undefined) {
    this.#header = header;
    this.#file = file;
    this.#name = name;
    this.#handle = handle;
    this.#rows = header.shape[0]!;
    this.#width = header.shape[1]!;
    this.#rowBytes = this.#width * header.itemBytes;
    this.#hash = featureHash(header.type, this.#rows, this.#width);
    this.#norms = new Float32Array(this.#rows);
    this.#state = new Uint8Array(this.#rows);
    this.#sum = new Float64Array(this.#width);
    if (header.isFortran) this.#whole = new Uint8Array(this.#rows * this.#rowBytes);
  }

  async push(chunk: Uint8Array): Promise<void> {
    const bytes = joined(this.#carry, chunk);
    const unit = this.#whole === undefined ? this.#rowBytes : this.#header.itemBytes;
    const usable = bytes.length - (bytes.length % unit);
    if (usable > 0) {
      const block = bytes.subarray(0, usable);
      if (this.#whole === undefined) await this.#takeRows(block);
      else this.#scatter(block, this.#whole);
    }
    this.#carry = bytes.slice(usable);
  }

  #scatter(block: Uint8Array, whole: Uint8Array): void {
    const size = this.#header.itemBytes;
    for (let at = 0; at < block.length; at += size) {
      const row = this.#taken % this.#rows;
      const column = Math.floor(this.#taken / this.#rows);
      const target = (row * this.#width + column) * size;
      for (let b = 0; b < size; b++) whole[target + b] = block[at + b]!;
      this.#taken++;
    }
  }

  async #takeRows(block: Uint8Array): Promise<void> {
    const little = this.#header.isLittleEndian ? block : swapped(block, this.#header.itemBytes);
    this.#hash.update(little);
    const decoded = decodeNpyValues(little, { ...this.#header, isLittleEndian: true }) as Float32Array | Float64Array;
    const values = decoded instanceof Float32Array ? decoded : Float32Array.from(decoded);
    const words = new Uint32Array(values.buffer);
    const width = this.#width;
    const count = values.length / width;
    for (let r = 0; r < count; r++) {
      let squares = 0;
      for (let c = r * width; c < (r + 1) * width; c++) squares += values[c]! * values[c]!;
      const row = this.#row + r;
      if (!Number.isFinite(squares)) {
        squares = this.#lookCloser(decoded, values, r, row);
        if (this.#state[row] === rowState.nan) continue;
      }
      this.#norms[row] = Math.sqrt(squares);
      if (squares === 0 && isAllZero(values, r * width, width)) {
        this.#state[row] = rowState.zero;
        continue;
      }
      for (let c = 0; c < width; c++) this.#sum[c]! += values[r * width + c]!;
      this.#countDuplicate(words, r * width);
    }
    if (this.#handle !== undefined) await writeAt(this.#handle, new Uint8Array(values.buffer), this.#row * width * 4);
    this.#row += count;
  }

  /** A row whose squares are not finite: NaN marks it missing, an infinity is refused with its place, large values are summed in doubles. */
  #lookCloser(decoded: Float32Array | Float64Array, values: Float32Array, r: number, row: number): number {
    const width = this.#width;
    let squares = 0;
    let hasNan = false;
    for (let c = 0; c < width; c++) {
      const value = values[r * width + c]!;
      if (Number.isNaN(value)) hasNan = true;
      else if (!Number.isFinite(value)) {
        const source = decoded[r * width + c]!;
        throw dataError({
          code: 'features.infinite',
          message: `Row ${row}, column ${c} of ${this.#name} is ${Number.isFinite(source) ? `${source}, beyond float32` : 'infinite'}.`,
          where: `${this.#file}: row ${row}`,
          values: { row, column: c },
          fix: 'Find the division by zero that made it. A row without features may be NaN or zero; infinity has no honest meaning.',
        });
      } else squares += value * value;
    }
    if (hasNan) this.#state[row] = rowState.nan;
    return squares;
  }

  // Two 32-bit hashes of a row's bits stand for the row; a false match needs both to collide.
  #countDuplicate(words: Uint32Array, start: number): void {
    let first = 0x811c9dc5;
    let second = 0x9e3779b9;
    for (let at = start; at < start + this.#width; at++) {
      const word = words[at]!;
      first = Math.imul(first ^ word, 0x01000193);
      second = Math.imul(second ^ (word >>> 7) ^ (word << 9), 0x85ebca6b) + 0x165667b1;
      first ^= first >>> 15;
    }
    const known = this.#seen.get(first);
    if (known === undefined) this.#seen.set(first, [second]);
    else if (known.includes(second)) this.#duplicates++;
    else known.push(second);
  }

  async finish(fill: ModalityRequest['fill']): Promise<{ reading: ModalityReading['health']; missing: Uint8Array }> {
    if (this.#whole !== undefined) {
      const rowsAtOnce = Math.max(1, Math.floor(4194304 / this.#rowBytes));
      for (let r = 0; r < this.#rows; r += rowsAtOnce)
        await this.#takeRows(this.#whole.slice(r * this.#rowBytes, Math.min(this.#rows, r + rowsAtOnce) * this.#rowBytes));
    }
    const nanRows = countOf(this.#state, rowState.nan);
    const zeroRows = countOf(this.#state, rowState.zero);
    const covered = this.#rows - nanRows - zeroRows;
    const rule = fill({ nanRows, zeroRows });
    if (this.#handle !== undefined && nanRows + zeroRows > 0) await this.#fillRows(rule, covered);
    const norms = this.#norms.filter((_, row) => this.#state[row] !== rowState.nan);
    return {
      missing: this.#state.map((state) => (state === rowState.good ? 0 : 1)),
      reading: {
        name: this.#name,
        file: this.#file,
        items: this.#rows,
        width: this.#width,
        sourceType: this.#header.type as 'float16' | 'float32' | 'float64',
        hash: this.#hash.digest('hex'),
        nanRows,
        infiniteRows: 0,
        zeroRows,
        duplicateRows: this.#duplicates,
        covered,
        missing: nanRows + zeroRows,
        filledBy: fillName(rule, nanRows, zeroRows),
        norms: linearHistogram(norms, 24, 0),
      },
    };
  }

  async #fillRows(rule: ReturnType<ModalityRequest['fill']>, covered: number): Promise<void> {
    const mean = Float32Array.from(this.#sum, (sum) => (covered === 0 ? 0 : sum / covered));
    const zero = new Float32Array(this.#width);
    for (let row = 0; row < this.#rows; row++) {
      const state = this.#state[row];
      const values =
        state === rowState.nan ? (rule.nan === 'mean' ? mean : zero) : state === rowState.zero && rule.zero === 'mean' ? mean : undefined;
      if (values !== undefined) await writeAt(this.#handle!, new Uint8Array(values.buffer), row * this.#width * 4);
    }
  }
}

function fillName(rule: ReturnType<ModalityRequest['fill']>, nanRows: number, zeroRows: number): FillRule {
  if (nanRows > 0) return rule.nan;
  if (zeroRows > 0) return rule.zero;
  return 'none';
}

function isAllZero(values: Float32Array, start: number, width: number): boolean {
  // Squares of tiny values underflow to 0: a row counts as zero only if every value is.
  for (let c = start; c < start + width; c++) if (values[c] !== 0) return false;
  return true;
}

function countOf(states: Uint8Array, wanted: number): number {
  let count = 0;
  for (const state of states) if (state === wanted) count++;
  return count;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const result = new Uint8Array(first.length + second.length);
  result.set(first);
  result.set(second, first.length);
  return result;
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const result = bytes.slice();
  for (let start = 0; start + size <= result.length; start += size) result.subarray(start, start + size).reverse();
  return result;
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}
