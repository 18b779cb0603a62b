/** The best items of each user: scores by TensorFlow's MatMul, the choice by our wasm kernels, which beat its TopKV2. */
import type { Mask, Ranked } from '../../device.ts';
import { kernelBytesAlone } from '../assets.ts';
import type { KernelExports } from '../wasm-heap.ts';
import type { Pointer } from './c-api.ts';
import type { Workspace } from './workspace.ts';

/** Floats of a block of scores. */
const blockFloats = 1 << 21;

const page = 1 << 16;

/** The kernels on a memory of their own, where scores are copied to. */
export class Chooser {
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Pick<KernelExports, 'hide' | 'select'>;

  constructor(memory: WebAssembly.Memory, kernels: KernelExports) {
    this.#memory = memory;
    this.#kernels = kernels;
  }

  static async open(): Promise<Chooser> {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    const { instance } = await WebAssembly.instantiate(await kernelBytesAlone(), { env: { memory } });
    return new Chooser(memory, instance.exports as unknown as KernelExports);
  }

  /** See ops/top-k.ts; in blocks of users. */
  rank(on: Workspace, users: Pointer, items: Pointer, by: { rows: number; count: number; width: number; mask: Mask; k: number }): Ranked {
    const { rows, count, width, mask, k } = by;
    const block = Math.min(rows, Math.max(1, Math.floor(blockFloats / Math.max(count, 1))));
    const lengths = [block * count, rows * k, rows * k, mask.offsets.length, mask.indices.length];
    const [scores, ids, best, offsets, hidden] = this.#places(lengths) as [number, number, number, number, number];
    const { buffer } = this.#memory;
    const [chosen, values] = [new Int32Array(buffer, ids, rows * k), new Float32Array(buffer, best, rows * k)];
    chosen.fill(-1);
    values.fill(-Infinity);
    new Int32Array(buffer, offsets, mask.offsets.length).set(mask.offsets);
    new Int32Array(buffer, hidden, mask.indices.length).set(mask.indices);
    for (let from = 0; from < rows && count > 0; from += block) {
      const live = Math.min(block, rows - from);
      const slice = live === rows ? users : on.rows(users, from, live, width);
      on.session.read(on.matMul(slice, items, false, true), new Float32Array(buffer, scores, live * count));
      on.end();
      this.#kernels.hide(scores, live, from, 0, count, offsets, hidden);
      this.#kernels.select(scores, live, count, 0, k, ids + from * k * 4, best + from * k * 4);
    }
    return { items: chosen.slice(), scores: values.slice() };
  }

  /** Places for arrays of these lengths, four bytes each, in a memory grown to hold them all; the first page stays free. */
  #places(lengths: readonly number[]): number[] {
    let end = page;
    const places = lengths.map((length) => {
      const place = end;
      end += Math.ceil((length * 4) / 16) * 16;
      return place;
    });
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / page);
    if (missing > 0) this.#memory.grow(missing);
    return places;
  }
}
