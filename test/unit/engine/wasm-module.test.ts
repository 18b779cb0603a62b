import { describe, expect, it } from 'vitest';
import { kernelBytes, kernelBytesAlone, wideKernelBytes } from '#engine/devices/assets.ts';
import type { KernelExports } from '#engine/devices/wasm-heap.ts';
import { compiledKernels, pairedModule, wideModule } from '#engine/devices/wasm-module.ts';
import { jobAdam, jobGemm, jobMutualForward, jobNceForward, jobPackColumns, jobUnary } from '#engine/kernels/assembly/job-numbers.ts';
import { packedSteps, threadScratch } from '#engine/kernels/assembly/job-numbers.ts';
import { draw } from './check.ts';

const control = 1024;
const scratch = 2048;
const places = { a: scratch + threadScratch, b: 2 << 20, packed: 3 << 20, c: 5 << 20 };

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly isAdded: boolean;
}

const unshared = new WeakSet<WebAssembly.Module>();

/** Kernels of a module on a memory of their own. */
function open(module: WebAssembly.Module) {
  const memory = new WebAssembly.Memory({ initial: 128, maximum: 128, shared: !unshared.has(module) });
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
  return {
    floats: (at: number, count: number) => new Float32Array(memory.buffer, at, count),
    run: (job: number, chunks: number, ...values: readonly number[]) => {
      new Float64Array(memory.buffer, control + 320, 24).set(values);
      kernels.alone(control, job, chunks, scratch);
    },
  };
}

/** C after A [m, k]·B [k, n], or C + A·B, by the kernels of a module; C is full of ones before. */
function product(module: WebAssembly.Module, { m, n, k, transposeA, isAdded }: Product): Float32Array {
  const { floats, run } = open(module);
  floats(places.a, m * k).set(draw(m * k, 1));
  floats(places.b, k * n).set(draw(k * n, 2));
  // Beyond A nothing is read that counts, beyond C nothing is written.
  floats(places.a + m * k * 4, 64).fill(NaN);
  const c = floats(places.c, m * n + 64).fill(1);
  const [ars, acs] = transposeA ? [4, m * 4] : [k * 4, 4];
  const groups = Math.ceil(n / 128);
  run(jobPackColumns, groups * Math.ceil(k / packedSteps), places.b, n * 4, 4, k, n, 128, groups, places.packed);
  const { a, packed, c: out } = places;
  run(jobGemm, Math.ceil(m / 40), m, 40, Math.ceil(m / 40), Math.max(k, packedSteps), a, ars, acs, packed, n, k, out, 0, isAdded ? 1 : 0);
  expect(c.subarray(m * n)).toEqual(new Float32Array(64).fill(1));
  return c.slice(0, m * n);
}

/** The kernels that round products and sums apart, which are there for a memory that is not shared. */
async function plainModule(): Promise<WebAssembly.Module> {
  const module = await WebAssembly.compile(await kernelBytesAlone());
  unshared.add(module);
  return module;
}

/** What element-wise operations, Adam and both forms of InfoNCE make of drawn values, one after another. */
function others(module: WebAssembly.Module): Float32Array[] {
  const { floats, run } = open(module);
  const { a, b, packed, c } = places;
  const count = 1003;
  const made: Float32Array[] = [];
  for (const operation of [1, 2]) {
    floats(a, count).set(draw(count, 3, 6));
    floats(a, 4).set([NaN, 1e9, -1e9, 0]);
    run(jobUnary, 1, count, count, operation, a, a, 0, c);
    made.push(floats(c, count).slice());
  }
  floats(b, 3 * count).set(draw(3 * count, 4).map(Math.abs));
  run(jobAdam, 1, count, count, a, b, b + 4 * count, b + 8 * count, 0.9, 0.999, 0.1, 0.001, 1e-3, 1.2, 1e-8);
  made.push(floats(a, count).slice(4), floats(b, 3 * count).slice());
  const [rows, keys, width] = [37, 51, 12];
  floats(a, rows * width).set(draw(rows * width, 5, 0.3));
  floats(b, keys * width).set(draw(keys * width, 6, 0.3));
  const counts = b + 4096 * 8;
  floats(counts, keys).set(Float32Array.from({ length: keys }, (_, k) => k % 3));
  run(jobPackColumns, 1, b, 4, width * 4, width, keys, 128, 1, packed);
  const sums = c + rows * keys * 4 + 64;
  run(jobNceForward, 2, rows, 32, a, width, packed, keys, counts, 5, sums, sums + rows * 8, c);
  made.push(floats(c, rows * keys).slice(), floats(sums, rows * 4).slice());
  run(jobMutualForward, 2, rows, 32, a, width, packed, keys, 5, 5, counts, counts, c, sums, sums + rows * 8);
  made.push(floats(c, rows * keys).slice(), floats(sums, rows * 2 + keys * 4).slice());
  return made;
}

describe('the kernels of this machine', () => {
  const shapes = [
    [64, 64, 64],
    [41, 24, 300],
    [7, 17, 33],
    [90, 136, 5],
    [3, 3, 1],
    [1, 40, 520],
  ] as const;
  const forms = [true, false].flatMap((transposeA) => [true, false].map((isAdded) => ({ transposeA, isAdded })));
  const products = shapes.flatMap(([m, n, k]) => forms.map((form): Product => ({ m, n, k, ...form })));

  it('give the same bit for bit in either tile, on vectors of eight and of four', async () => {
    const wide = await wideKernelBytes();
    const { bytes, isFused } = await kernelBytes();
    expect([isFused, wide === undefined]).toEqual([true, false]);
    const usual = await WebAssembly.compile(bytes);
    for (const module of [pairedModule(wide!), await WebAssembly.compile(wide!)]) {
      for (const of of products) expect(product(module, of), JSON.stringify(of)).toEqual(product(usual, of));
      expect(others(module)).toEqual(others(usual));
    }
  });

  it('are the usual ones where the wide ones cannot be compiled, or do not run', async () => {
    const { bytes } = await kernelBytes();
    const refuse = () => {
      throw new WebAssembly.CompileError('no such operation');
    };
    expect(wideModule(bytes, refuse)).toBeUndefined();
    // A module without the kernel that the trial runs.
    const empty = () => new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    expect(wideModule(bytes, empty)).toBeUndefined();
  });

  it.each(['of this machine', 'that round twice'])('compute A·B by the kernels %s', async (which) => {
    const { module } = which === 'of this machine' ? await compiledKernels() : { module: await plainModule() };
    for (const { m, n, k, transposeA, isAdded } of products) {
      const [a, b] = [draw(m * k, 1), draw(k * n, 2)];
      const found = product(module, { m, n, k, transposeA, isAdded });
      for (let r = 0; r < m; r++) {
        for (let c = 0; c < n; c++) {
          let sum = isAdded ? 1 : 0;
          for (let p = 0; p < k; p++) sum += a[transposeA ? p * m + r : r * k + p]! * b[p * n + c]!;
          expect(Math.abs(found[r * n + c]! - sum)).toBeLessThan(1e-4);
        }
      }
    }
  });

  it('compute the same but for rounding where products and sums round twice', async () => {
    const [once, twice] = [others((await compiledKernels()).module), others(await plainModule())];
    const [sigmoids, tanhs] = once;
    const x = draw(1003, 3, 6);
    for (let place = 4; place < x.length; place++) {
      expect(Math.abs(sigmoids![place]! - 1 / (1 + Math.exp(-x[place]!)))).toBeLessThan(3e-7);
      expect(Math.abs(tanhs![place]! / Math.tanh(x[place]!) - 1)).toBeLessThan(5e-7);
    }
    const ends = (values: Float32Array) => Array.from(values.subarray(0, 4), (value) => Math.round(value * 1e12) / 1e12 + 0);
    expect(ends(sigmoids!)).toEqual([NaN, 1, 0, 0.5]);
    expect(ends(tanhs!)).toEqual([NaN, 1, -1, 0]);
    once.slice(0, 4).forEach((values, index) =>
      values.forEach((value, place) => {
        if (!Number.isNaN(value)) expect(Math.abs(value - twice[index]![place]!)).toBeLessThan(1e-6);
      }),
    );
  });
});
