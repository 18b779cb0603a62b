import type { FileHandle } from 'node:fs/promises';
import type { FillRule, ModalityHealth } from '#contract/dataset.ts';
import { featureHash } from './fingerprint.ts';
import { decodeNpyValues, type NpyHeader } from './formats/npy.ts';
import { linearHistogram } from './histogram.ts';
import { dataError } from './issue-log.ts';

const rowState = { good: 0, nan: 1, zero: 2, absent: 3 } as const;

/** Rows without usable features, by reason; `absentRows` are items that the file has no row for. */
export interface FillAsked {
  readonly nanRows: number;
  readonly zeroRows: number;
  readonly absentRows: number;
}

/** What such rows become. Absent rows follow the rule for NaN. */
export interface FillRules {
  readonly nan: 'mean' | 'zero';
  readonly zero: 'kept' | 'mean';
}

export interface ScanRequest {
  readonly name: string;
  readonly items: number;
  /** Item of each row of the file, −1 for none; absent where row r is item r. */
  readonly itemOfRow?: Int32Array;
}

/** Consumes the values of one matrix in file order and keeps what the health report needs. */
export class RowScan {
  readonly #header: NpyHeader;
  readonly #file: string;
  readonly #request: ScanRequest;
  readonly #handle: FileHandle | undefined;
  readonly #rows: number;
  readonly #width: number;
  readonly #rowBytes: number;
  readonly #hash;
  readonly #norms: Float32Array;
  readonly #state: Uint8Array;
  readonly #sum: Float64Array;
  readonly #seen = new Map<number, number[]>();
  /** The first row with features, and 1 for each column in which another one differs. */
  #first: Float32Array | undefined;
  readonly #varies: Uint8Array;
  #duplicates = 0;
  #row = 0;
  #carry: Uint8Array = new Uint8Array(0);
  /** Fortran order only: the whole matrix, put in C order as it arrives. */
  #whole: Uint8Array | undefined;
  #taken = 0;

  constructor(header: NpyHeader, file: string, request: ScanRequest, handle: FileHandle | undefined) {
    this.#header = header;
    this.#file = file;
    this.#request = request;
    this.#handle = handle;
    this.#rows = header.shape[0]!;
    this.#width = header.shape[1]!;
    this.#rowBytes = this.#width * header.itemBytes;
    this.#hash = featureHash(header.type, this.#rows, this.#width);
    this.#norms = new Float32Array(request.items);
    this.#state = new Uint8Array(request.items).fill(request.itemOfRow === undefined ? rowState.good : rowState.absent);
    this.#sum = new Float64Array(this.#width);
    this.#varies = new Uint8Array(this.#width);
    if (header.isFortran) this.#whole = new Uint8Array(this.#rows * this.#rowBytes);
  }

  async push(chunk: Uint8Array): Promise<void> {
    const bytes = joinedBytes(this.#carry, chunk);
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
      const item = this.#request.itemOfRow === undefined ? row : this.#request.itemOfRow[row]!;
      if (!Number.isFinite(squares)) {
        squares = this.#lookCloser(decoded, values, r, row);
        if (Number.isNaN(squares)) {
          if (item >= 0) this.#state[item] = rowState.nan;
          continue;
        }
      }
      if (item < 0) continue;
      this.#norms[item] = Math.sqrt(squares);
      this.#state[item] = rowState.good;
      if (squares === 0 && isAllZero(values, r * width, width)) {
        this.#state[item] = rowState.zero;
        continue;
      }
      const first = (this.#first ??= values.slice(r * width, (r + 1) * width));
      for (let c = 0; c < width; c++) {
        const value = values[r * width + c]!;
        this.#sum[c]! += value;
        if (value !== first[c]) this.#varies[c] = 1;
      }
      this.#countDuplicate(words, r * width);
    }
    await this.#write(values, count);
    this.#row += count;
  }

  async #write(values: Float32Array, count: number): Promise<void> {
    if (this.#handle === undefined) return;
    const { itemOfRow } = this.#request;
    const bytes = new Uint8Array(values.buffer);
    const rowBytes = this.#width * 4;
    if (itemOfRow === undefined) return writeAt(this.#handle, bytes, this.#row * rowBytes);
    for (let r = 0; r < count; r++) {
      const item = itemOfRow[this.#row + r]!;
      if (item >= 0) await writeAt(this.#handle, bytes.subarray(r * rowBytes, (r + 1) * rowBytes), item * rowBytes);
    }
  }

  /** Sum of squares of a row whose quick sum is not finite. NaN where the row holds NaN; an infinity is refused with its place. */
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
          message: `Row ${row}, column ${c} of ${this.#request.name} is ${Number.isFinite(source) ? `${source}, beyond float32` : 'infinite'}.`,
          where: `${this.#file}: row ${row}`,
          values: { row, column: c },
          fix: 'Find the division by zero that made it. A row without features may be NaN or zero; infinity has no honest meaning.',
        });
      } else squares += value * value;
    }
    return hasNan ? Number.NaN : squares;
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

  async finish(
    fill: (found: FillAsked) => FillRules,
  ): Promise<{ reading: ModalityHealth & { readonly hash: string }; missing: Uint8Array }> {
    if (this.#whole !== undefined) {
      const rowsAtOnce = Math.max(1, Math.floor(4194304 / this.#rowBytes));
      for (let r = 0; r < this.#rows; r += rowsAtOnce)
        await this.#takeRows(this.#whole.slice(r * this.#rowBytes, Math.min(this.#rows, r + rowsAtOnce) * this.#rowBytes));
    }
    const nanRows = countOf(this.#state, rowState.nan);
    const zeroRows = countOf(this.#state, rowState.zero);
    const absentRows = countOf(this.#state, rowState.absent);
    const missing = nanRows + zeroRows + absentRows;
    const covered = this.#request.items - missing;
    const rule = fill({ nanRows, zeroRows, absentRows });
    if (this.#handle !== undefined && missing > 0) await this.#fillRows(rule, covered);
    const norms = this.#norms.filter((_, item) => this.#state[item] === rowState.good || this.#state[item] === rowState.zero);
    return {
      missing: this.#state.map((state) => (state === rowState.good ? 0 : 1)),
      reading: {
        name: this.#request.name,
        file: this.#file,
        items: this.#request.items,
        width: this.#width,
        sourceType: this.#header.type as 'float16' | 'float32' | 'float64',
        hash: this.#hash.digest('hex'),
        nanRows,
        infiniteRows: 0,
        zeroRows,
        duplicateRows: this.#duplicates,
        // Of a single row every column would be.
        constantColumns: covered < 2 ? 0 : countOf(this.#varies, 0),
        covered,
        missing,
        filledBy: fillName(rule, nanRows + absentRows, zeroRows),
        norms: linearHistogram(norms, 24, 0),
      },
    };
  }

  async #fillRows(rule: FillRules, covered: number): Promise<void> {
    const mean = Float32Array.from(this.#sum, (sum) => (covered === 0 ? 0 : sum / covered));
    const zero = new Float32Array(this.#width);
    for (let item = 0; item < this.#request.items; item++) {
      const state = this.#state[item];
      const isFilled = state === rowState.nan || state === rowState.absent;
      const values = isFilled ? (rule.nan === 'mean' ? mean : zero) : state === rowState.zero && rule.zero === 'mean' ? mean : undefined;
      if (values !== undefined) await writeAt(this.#handle!, new Uint8Array(values.buffer), item * this.#width * 4);
    }
  }
}

function fillName(rule: FillRules, nanRows: number, zeroRows: number): FillRule {
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

export function joinedBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
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
