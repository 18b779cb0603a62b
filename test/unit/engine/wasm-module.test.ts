import { describe, expect, it } from 'vitest';
import { kernelBytes, wideKernelBytes } from '#engine/devices/assets.ts';
import type { KernelExports } from '#engine/devices/wasm-heap.ts';
import { compiledKernels, pairedModule } from '#engine/devices/wasm-module.ts';
import { jobGemm, jobPackColumns, packedSteps, threadScratch } from '#engine/kernels/assembly/job-numbers.ts';
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

/** C after A [m, k]·B [k, n], or C + A·B, by the kernels of a module; C is full of ones before. */
function product(module: WebAssembly.Module, { m, n, k, transposeA, isAdded }: Product): Float32Array {
  const memory = new WebAssembly.Memory({ initial: 128, maximum: 128, shared: true });
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
  const floats = (at: number, count: number) => new Float32Array(memory.buffer, at, count);
  floats(places.a, m * k).set(draw(m * k, 1));
  floats(places.b, k * n).set(draw(k * n, 2));
  // Beyond A nothing is read that counts, beyond C nothing is written.
  floats(places.a + m * k * 4, 64).fill(NaN);
  const c = floats(places.c, m * n + 64).fill(1);
  const run = (job: number, chunks: number, ...values: readonly number[]) => {
    new Float64Array(memory.buffer, control + 320, 24).set(values);
    kernels.alone(control, job, chunks, scratch);
  };
  const [ars, acs] = transposeA ? [4, m * 4] : [k * 4, 4];
  const groups = Math.ceil(n / 128);
  run(jobPackColumns, groups * Math.ceil(k / packedSteps), places.b, n * 4, 4, k, n, 128, groups, places.packed);
  const { a, packed, c: out } = places;
  run(jobGemm, Math.ceil(m / 40), m, 40, Math.ceil(m / 40), Math.max(k, packedSteps), a, ars, acs, packed, n, k, out, 0, isAdded ? 1 : 0);
  expect(c.subarray(m * n)).toEqual(new Float32Array(64).fill(1));
  return c.slice(0, m * n);
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

  it('give the same product bit for bit in either tile, on vectors of eight and of four', async () => {
    const wide = await wideKernelBytes();
    const { bytes, isFused } = await kernelBytes();
    expect([isFused, wide === undefined]).toEqual([true, false]);
    const usual = await WebAssembly.compile(bytes);
    for (const module of [pairedModule(wide!), await WebAssembly.compile(wide!)]) {
      for (const of of products) expect(product(module, of), JSON.stringify(of)).toEqual(product(usual, of));
    }
  });

  it('compute A·B', async () => {
    const { module } = await compiledKernels();
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
});
