/**
 * The best items of each user. On a CPU both tables are read and ranked by our wasm kernels, on as many threads as TensorFlow has: its
 * threads are idle meanwhile, and equal vectors have the scores and lists that they have on wasm, bit for bit. On a GPU scores are
 * TensorFlow's MatMul, the choice alone is ours, which beats its TopKV2.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Mask, Ranked, Ranking } from '../../device.ts';
import { kernelBytesAlone } from '../assets.ts';
import { PlainHeap } from '../plain-heap.ts';
import type { KernelExports } from '../wasm-heap.ts';
import { compiledKernels } from '../wasm-module.ts';
import { WasmPool } from '../wasm-pool.ts';
import { WasmRanking } from '../wasm-ranking.ts';
import type { Pointer } from './c-api.ts';
import type { Scope, Workspace } from './workspace.ts';

/** Floats of a block of scores. */
const blockFloats = 1 << 21;

const page = 1 << 16;

/** The kernels on a memory of their own, where scores are copied to. */
class Chooser {
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

/** Ranks on a device: prepares a table of items for many blocks of users. */
export interface Ranker {
  over(items: TensorInfo): Ranking;
  close(): void;
}

/** Ours on a CPU, TensorFlow's products on a GPU. */
export async function openRanker(scope: Scope, by: { readonly threads: number; readonly hasGpu: boolean }): Promise<Ranker> {
  if (by.hasGpu) {
    const chooser = await Chooser.open();
    return { over: (items) => onGpu(scope, chooser, items), close: () => undefined };
  }
  const heap = new PlainHeap();
  const { module } = await compiledKernels();
  const pool = await WasmPool.open(heap, module, { threads: by.threads });
  return { over: (items) => onCpu(scope, { heap, pool }, items), close: () => pool.close() };
}

function onGpu(scope: Scope, chooser: Chooser, items: TensorInfo): Ranking {
  const [count, width] = items.shape as [number, number];
  return {
    rank: (users, mask, k) => scope((on) => chooser.rank(on, on.of(users), on.of(items), { rows: users.shape[0]!, count, width, mask, k })),
    dispose: () => undefined,
  };
}

function onCpu(scope: Scope, tools: { readonly heap: PlainHeap; readonly pool: WasmPool }, items: TensorInfo): Ranking {
  const { heap } = tools;
  const [count, width] = items.shape as [number, number];
  const table = heap.allocate(count * width * 4);
  const fetch = (tensor: TensorInfo, pointer: number): void =>
    heap.write(
      scope((on) => on.read(on.of(tensor))),
      pointer,
    );
  fetch(items, table);
  const ranking = new WasmRanking(tools, { items: table, count, width });
  return {
    rank: (users, mask, k) =>
      heap.withScratch((scratch) => {
        const rows = users.shape[0]!;
        const vectors = scratch.bytes(rows * width * 4);
        fetch(users, vectors);
        return ranking.rank(vectors, rows, mask, k);
      }),
    dispose: () => {
      ranking.dispose();
      heap.free(table);
    },
  };
}
