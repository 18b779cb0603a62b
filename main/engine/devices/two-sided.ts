import type { Csr } from '../device.ts';
import type { SparseMatrix } from '../engine.ts';
import { transposeCsr } from './reference.ts';

/** A sparse matrix and its transpose in the form a device multiplies with; a symmetric one has one copy for both. */
export class TwoSided<Side> implements SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly nonZeros: number;
  readonly split: number;
  readonly #release: (side: Side) => void;
  #sides: readonly [Side, Side] | undefined;

  /** `hold` brings one orientation onto the device, `release` frees it; each is called once for each copy. */
  constructor(csr: Csr, symmetric: boolean, hold: (csr: Csr) => Side, release: (side: Side) => void, split = 0) {
    this.rows = csr.rows;
    this.columns = csr.columns;
    this.nonZeros = csr.values.length;
    this.split = split;
    this.#release = release;
    const forward = hold(csr);
    this.#sides = [forward, symmetric ? forward : hold(transposeCsr(csr))];
  }

  side(transposed: boolean): Side {
    if (this.#sides === undefined) throw new Error('A sparse matrix was used after dispose().');
    return this.#sides[transposed ? 1 : 0];
  }

  dispose(): void {
    for (const side of new Set(this.#sides ?? [])) this.#release(side);
    this.#sides = undefined;
  }
}
