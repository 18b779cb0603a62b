import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { randomStream } from '#data/random.ts';
import type { Random } from '#data/random.ts';
import type { Ranked } from '#engine/device.ts';
import { kernelBytes, kernelBytesAlone, wideKernelBytes } from '#engine/devices/assets.ts';
import { PlainHeap } from '#engine/devices/plain-heap.ts';
import { pairedModule } from '#engine/devices/wasm-module.ts';
import { WasmPool } from '#engine/devices/wasm-pool.ts';
import { fractionsOf, WasmRanking } from '#engine/devices/wasm-ranking.ts';

interface Shape {
  readonly rows: number;
  readonly count: number;
  readonly width: number;
  readonly k: number;
}

/** Values of a table by its row and column. */
type Kind = (random: Random, rows: number, width: number) => Float32Array;

const fill =
  (value: (random: Random, row: number, column: number) => number): Kind =>
  (random, rows, width) =>
    Float32Array.from({ length: rows * width }, (_, i) => value(random, Math.floor(i / width), i % width));

const normal = fill((random) => random.normal());
const rowWise = (factor: (random: Random, row: number) => number): Kind => {
  return (random, rows, width) => {
    const values = normal(random, rows, width);
    for (let r = 0; r < rows; r++) {
      const by = factor(random, r);
      for (let c = 0; c < width; c++) values[r * width + c]! *= by;
    }
    return values;
  };
};

const kinds: Readonly<Record<string, Kind>> = {
  normal,
  /** Like trained vectors: one direction that all share, lengths over a decade. */
  trained: (random, rows, width) => {
    const values = rowWise((by) => Math.exp(by.normal()))(random, rows, width);
    for (let r = 0; r < rows; r++) values[r * width]! += 3;
    return values;
  },
  'many ties': fill((random) => random.integer(3) - 1),
  'equal rows': fill((_, row, column) => Math.sin(column + 7 * Math.floor(row / 40))),
  'all the same': fill(() => 0.1),
  zeros: fill(() => 0),
  'zero rows': rowWise((random) => (random.uniform() < 0.5 ? 0 : 1)),
  tiny: rowWise(() => 1e-30),
  'below the smallest normal': rowWise(() => 1e-42),
  huge: rowWise(() => 1e19),
  'beyond what a product holds': rowWise(() => 1e36),
  'lengths from the smallest to the largest': rowWise((random) => 10 ** (random.uniform() * 30 - 15)),
  'one long row': rowWise((_, row) => (row === 3 ? 1e5 : 1)),
  'one large column': fill((random, _, column) => random.normal() * (column === 0 ? 100 : 1)),
  'one column': fill((random, _, column) => (column === 1 ? random.normal() : 0)),
  'rows that hardly differ': fill((random, _, column) => Math.cos(column) + 1e-6 * random.normal()),
  'alternating signs': fill((_, row, column) => ((row + column) % 2 === 0 ? 1 : -1) * (1 + row / 1000)),
  'some not finite': fill((random, row) => (row % 5 === 1 ? [NaN, Infinity, -Infinity, 1][random.integer(4)]! : random.normal())),
};

function maskOf(random: Random, { rows, count }: Shape): { offsets: Int32Array; indices: Int32Array } {
  const hidden = Array.from({ length: rows }, (_, r) => {
    // Of some users nothing, of some nearly everything, the first and the last item among it.
    const share = [0, 0.02, 0.5, 0.995][r % 4]!;
    return Array.from({ length: count }, (_, item) => item).filter(
      (item) => random.uniform() < share || (share > 0.4 && item === count - 1),
    );
  });
  const offsets = new Int32Array(rows + 1);
  hidden.forEach((items, r) => (offsets[r + 1] = offsets[r]! + items.length));
  return { offsets, indices: Int32Array.from(hidden.flat()) };
}

const heap = new PlainHeap();
const pools: { name: string; pool: WasmPool }[] = [];
beforeAll(async () => {
  const rounded = await kernelBytesAlone();
  const name = Buffer.from('\x06memory\x02\x01', 'latin1');
  rounded[Buffer.from(rounded.buffer).indexOf(name) + name.length - 1] = 3;
  const wide = await wideKernelBytes();
  const builds: [string, WebAssembly.Module][] = [
    ['rounding twice', await WebAssembly.compile(rounded)],
    ['rounding once', await WebAssembly.compile((await kernelBytes()).bytes)],
    ...(wide === undefined ? [] : [['wide', pairedModule(wide)] as [string, WebAssembly.Module]]),
  ];
  for (const [build, module] of builds) {
    for (const threads of [1, 2, 3]) {
      pools.push({ name: `${build}, ${threads} threads`, pool: await WasmPool.open(heap, module, { threads }) });
    }
  }
});
afterAll(() => {
  for (const { pool } of pools) pool.close();
});

/** Ranks by both ways and expects the same bits of both; those of the screened way. */
function both(pool: WasmPool, name: string, shape: Shape, users: Float32Array, items: Float32Array, seed: number): Ranked {
  const mask = maskOf(randomStream(seed, 'negatives'), shape);
  return heap.withScratch((scratch) => {
    const [u, table] = [scratch.copy(users), scratch.copy(items)];
    const ranking = new WasmRanking({ heap, pool }, { items: table, count: shape.count, width: shape.width });
    const [screened, plain] = (['screened', 'plain'] as const).map((way) => ranking.rank(u, shape.rows, mask, shape.k, way)) as [
      Ranked,
      Ranked,
    ];
    ranking.dispose();
    const bits = ({ items: ids, scores }: Ranked) => ({ ids, scores: new Int32Array(scores.map((score) => score + 0).buffer) });
    expect(bits(screened), name).toEqual(bits(plain));
    return screened;
  });
}

describe('screened rankings', () => {
  const shapes: Shape[] = [
    { rows: 33, count: 1003, width: 64, k: 50 },
    { rows: 5, count: 130, width: 33, k: 7 },
    { rows: 3, count: 700, width: 2, k: 1 },
  ];

  it.each(Object.keys(kinds))('are those of every score, bit for bit, on one to three threads: %s', (kind) => {
    for (const { name, pool } of pools) {
      for (const [s, shape] of shapes.entries()) {
        const random = randomStream(s, 'init');
        const items = kinds[kind]!(random, shape.count, shape.width);
        both(pool, `${name}, ${kind}`, shape, kinds[kind]!(random, shape.rows, shape.width), items, s);
        both(pool, `${name}, ${kind}, other users`, shape, normal(random, shape.rows, shape.width), items, s);
      }
    }
  });

  it('go over the borders of the blocks of items, and of what a list takes at once', () => {
    const shape = { rows: 18, count: 16_500, width: 5, k: 128 };
    for (const kind of ['normal', 'many ties', 'trained', 'lengths from the smallest to the largest']) {
      const random = randomStream(2, 'init');
      const users = kinds[kind]!(random, shape.rows, shape.width);
      // The best come last, so that each block throws out what was best before.
      const items = kinds[kind]!(random, shape.count, shape.width).map((value, i) => value * (1 + i / 1e4));
      both(pools[4]!.pool, kind, shape, users, items, 1);
    }
  });

  it('are the same for any shape and kind', () => {
    const kind = fc.constantFrom(...Object.keys(kinds));
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 40 }),
      count: fc.integer({ min: 16, max: 900 }),
      width: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(128, 255, 256)),
      k: fc.integer({ min: 1, max: 128 }),
    });
    fc.assert(
      fc.property(shape, kind, kind, fc.integer({ min: 0, max: 1e6 }), fc.nat(pools.length - 1), (of, a, b, seed, place) => {
        const random = randomStream(seed, 'init');
        const { name, pool } = pools[place]!;
        both(pool, name, of, kinds[a]!(random, of.rows, of.width), kinds[b]!(random, of.count, of.width), seed);
      }),
      { numRuns: 150 },
    );
  });

  it('break ties by the lower id and leave out what is hidden or no number', () => {
    const { pool } = pools[0]!;
    const found = heap.withScratch((scratch) => {
      const items = scratch.copy(Float32Array.from({ length: 40 }, (_, item) => (item % 2 === 0 ? 1 : 2)));
      const ranking = new WasmRanking({ heap, pool }, { items, count: 40, width: 1 });
      const users = scratch.copy(Float32Array.of(1, -1, NaN, 0));
      const mask = { offsets: Int32Array.of(0, 2, 2, 2, 3), indices: Int32Array.of(1, 5, 0) };
      return ranking.rank(users, 4, mask, 4, 'screened');
    });
    expect([...found.items]).toEqual([3, 7, 9, 11, 0, 2, 4, 6, -1, -1, -1, -1, 1, 2, 3, 4]);
    expect([...found.scores].map((score) => score + 0)).toEqual([
      2,
      2,
      2,
      2,
      -1,
      -1,
      -1,
      -1,
      ...Array<number>(4).fill(-Infinity),
      0,
      0,
      0,
      0,
    ]);
  });

  it('have a table in fractions of its largest values, rounded up where they bound', () => {
    const facts = Float64Array.of(0.5, 8, 0.2, 0.25, 4, 0.1, 0, 0, 0, 1e-9, 1e-8, 0.2e-9);
    const found = fractionsOf(facts, 16)!;
    expect([...found.ratios.subarray(0, 4)]).toEqual([32767, 16384, 0, 0]);
    expect([...found.shares.subarray(0, 5)]).toEqual([32767, 16384, 0, 1, 0]);
    expect(found.largest).toEqual([0.5, 8, 0.2]);
    expect(fractionsOf(Float64Array.of(0, NaN, 0), 16)).toBeUndefined();
    expect(fractionsOf(Float64Array.of(0, 0, 0), 16)).toBeUndefined();
  });
});

describe('a heap of its own', () => {
  it('gives places that do not overlap, takes them back, and grows', () => {
    const own = new PlainHeap();
    const [a, b, c] = [own.allocate(100), own.allocate(200_000), own.allocate(1)] as const;
    expect([a % 64, b % 64, c % 64]).toEqual([0, 0, 0]);
    expect(a).toBeGreaterThan(0);
    expect(b).toBeGreaterThanOrEqual(a + 100);
    expect(c).toBeGreaterThanOrEqual(b + 200_000);
    expect(own.memory.buffer.byteLength).toBeGreaterThanOrEqual(c + 1);
    own.free(b);
    expect(own.allocate(64)).toBe(b);
    expect(own.allocate(199_000)).toBe(b + 64);
    expect(own.allocate(1000)).toBeGreaterThan(c);
    own.write(Float32Array.of(1, 2.5), c);
    expect([...own.floats(c, 2)]).toEqual([1, 2.5]);
  });
});
