/**
 * Masked ranking on wasm: blocks of users pass over a table of items, scores never leave a thread's cache. Where it pays, 8-bit bounds are
 * looked at first and only the few items that may be among the best are scored (kernels/assembly/quantise.ts); lists and scores are the same.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Mask, Ranked, Ranking } from '../device.ts';
import { jobQuantise, jobScreenedTopK, jobTopK } from '../kernels/assembly/job-numbers.ts';
import { pack, packedBytes } from './wasm-gemm.ts';
import type { WasmHeap } from './wasm-heap.ts';
import { chunksOf } from './wasm-pool.ts';
import type { WasmPool } from './wasm-pool.ts';

/** Users of a chunk; kernels/assembly/top-k.ts has place for 32, screened-rank.ts for 16. */
const usersPerChunk = 32;
const screenedUsersPerChunk = 16;
/** Items that a chunk rounds. */
const itemsPerChunk = 256;
/** Columns of an item's panel; and what the kernel's scratch has place for. */
const panelItems = 16;
const mostWidth = 256;
const mostChosen = 128;
/** Items for each place of a list below which nearly all would be scored after all. */
const itemsPerPlace = 16;
/** Below so many products, about a millisecond of them, rounding the items costs more than it brings. */
const fewProducts = 4e6;

export interface RankingTools {
  readonly heap: Pick<WasmHeap, 'allocate' | 'free' | 'doubles' | 'ints' | 'floats' | 'withScratch' | 'write'>;
  readonly pool: WasmPool;
}

/** Items [count, width] as a pointer; the table stays where it is while it is ranked. */
export interface ItemTable {
  readonly items: number;
  readonly count: number;
  readonly width: number;
}

/** Pointers of what the screen holds of a table; they lie in one piece of memory that begins with `packed`. */
interface Screen {
  readonly packed: number;
  readonly corrections: number;
  readonly ratios: number;
  readonly shares: number;
  readonly largest: number;
}

/** What users are ranked over, prepared when it is first needed; see ops/top-k.ts. */
export class WasmRanking {
  readonly #tools: RankingTools;
  readonly #table: ItemTable;
  #screen: Screen | 'useless' | undefined;
  #packed: number | undefined;

  constructor(tools: RankingTools, table: ItemTable) {
    this.#tools = tools;
    this.#table = table;
  }

  /** users [rows, width] as a pointer. `way` is for tests, which compare both. */
  rank(users: number, rows: number, mask: Mask, k: number, way?: 'screened' | 'plain'): Ranked {
    const { count, width } = this.#table;
    const isPossible = width >= 1 && width <= mostWidth && k <= mostChosen && count >= panelItems;
    const isWorthwhile = count >= itemsPerPlace * k && rows * count * width >= fewProducts;
    if (isPossible && (way ?? (isWorthwhile ? 'screened' : 'plain')) === 'screened') {
      this.#screen ??= this.#prepare();
      if (this.#screen !== 'useless') return this.#screened(this.#screen, users, rows, mask, k);
    }
    return this.#plain(users, rows, mask, k);
  }

  dispose(): void {
    const { heap } = this.#tools;
    if (this.#packed !== undefined) heap.free(this.#packed);
    if (this.#screen !== undefined && this.#screen !== 'useless') heap.free(this.#screen.packed);
    this.#packed = undefined;
    this.#screen = undefined;
  }

  #plain(users: number, rows: number, mask: Mask, k: number): Ranked {
    const { heap, pool } = this.#tools;
    const { items, count, width } = this.#table;
    if (this.#packed === undefined) {
      this.#packed = heap.allocate(packedBytes(width, count));
      pack(pool, items, width, count, true, this.#packed);
    }
    const packed = this.#packed;
    return this.#lists(rows, mask, k, (offsets, hidden, ids, best) => {
      const chunks = chunksOf(rows, usersPerChunk);
      pool.run(jobTopK, chunks, rows, usersPerChunk, users, width, packed, count, offsets, hidden, k, ids, best);
    });
  }

  #screened(screen: Screen, users: number, rows: number, mask: Mask, k: number): Ranked {
    const { items, count, width } = this.#table;
    const { packed, corrections, ratios, shares, largest } = screen;
    return this.#lists(rows, mask, k, (offsets, hidden, ids, best) => {
      const grain = screenedUsersPerChunk;
      const table = [items, count, packed, corrections, ratios, shares, largest] as const;
      this.#tools.pool.run(jobScreenedTopK, chunksOf(rows, grain), rows, grain, users, width, ...table, offsets, hidden, k, ids, best);
    });
  }

  #lists(rows: number, mask: Mask, k: number, fill: (offsets: number, hidden: number, ids: number, best: number) => void): Ranked {
    const { heap } = this.#tools;
    return heap.withScratch((scratch) => {
      const [ids, best] = [scratch.bytes(rows * k * 4), scratch.bytes(rows * k * 4)];
      fill(scratch.copy(mask.offsets), scratch.copy(mask.indices), ids, best);
      return { items: heap.ints(ids, rows * k).slice(), scores: heap.floats(best, rows * k).slice() };
    });
  }

  /** Rounds the items. Useless where one is not finite, or all are zero. */
  #prepare(): Screen | 'useless' {
    const { heap, pool } = this.#tools;
    const { items, count, width } = this.#table;
    const padded = Math.ceil(count / panelItems) * panelItems;
    // Whole panels of whole fours of columns, three i16 an item, three doubles.
    const lengths = [padded * 4 * Math.ceil(width / 4), padded * 2, padded * 2, padded * 2, 24];
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const packed = heap.allocate(total + 8);
    const places = lengths.map((_, place) => lengths.slice(0, place).reduce((sum, length) => sum + length, packed));
    const [, corrections, ratios, shares, end] = places as [number, number, number, number, number];
    const largest = Math.ceil(end / 8) * 8;
    const isBounded = heap.withScratch((scratch) => {
      const facts = scratch.bytes(count * 24);
      pool.run(jobQuantise, chunksOf(count, itemsPerChunk), count, itemsPerChunk, items, width, packed, corrections, facts);
      const fractions = fractionsOf(heap.doubles(facts, count * 3), padded);
      if (fractions === undefined) return false;
      heap.write(new Int32Array(fractions.ratios.buffer), ratios);
      heap.write(new Int32Array(fractions.shares.buffer), shares);
      heap.doubles(largest, 3).set(fractions.largest);
      return true;
    });
    if (isBounded) return { packed, corrections, ratios, shares, largest };
    heap.free(packed);
    return 'useless';
  }
}

/**
 * What each item has of the largest step, and of the larger of the largest norm and the largest rounding error, in 2⁻¹⁵, from
 * [step, norm, error] of each. Undefined where a norm is not finite or all are zero.
 */
export function fractionsOf(
  facts: Float64Array,
  padded: number,
): { ratios: Int16Array; shares: Int16Array; largest: readonly [number, number, number] } | undefined {
  let [step, norm, error] = [0, 0, 0];
  for (let at = 0; at < facts.length; at += 3) {
    if (!Number.isFinite(facts[at + 1]!)) return undefined;
    step = Math.max(step, facts[at]!);
    norm = Math.max(norm, facts[at + 1]!);
    error = Math.max(error, facts[at + 2]!);
  }
  if (step === 0) return undefined;
  const ratios = new Int16Array(padded);
  const shares = new Int16Array(padded);
  for (let at = 0, item = 0; at < facts.length; at += 3, item++) {
    ratios[item] = Math.min(32767, Math.round((32768 * facts[at]!) / step));
    const share = Math.max(facts[at + 1]! / norm, error > 0 ? facts[at + 2]! / error : 0);
    shares[item] = Math.min(32767, Math.ceil(32768 * share));
  }
  return { ratios, shares, largest: [step, norm, error] };
}

/** A ranking over a tensor of the wasm backend. */
export function rankingOf(tools: RankingTools & { readonly heap: WasmHeap }, items: TensorInfo): Ranking {
  const { heap } = tools;
  const [count, width] = items.shape as [number, number];
  const ranking = new WasmRanking(tools, { items: heap.pointerOf(items), count, width });
  return {
    rank: (users, mask, k) => ranking.rank(heap.pointerOf(users), users.shape[0]!, mask, k),
    dispose: () => ranking.dispose(),
  };
}
