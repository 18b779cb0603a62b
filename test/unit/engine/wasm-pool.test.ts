import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { engine } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { DeviceError } from '#engine/device-error.ts';
import { kernelBytes } from '#engine/devices/assets.ts';
import { openDevice } from '#engine/devices/open.ts';
import { WasmHeap } from '#engine/devices/wasm-heap.ts';
import { chunksOf, WasmPool } from '#engine/devices/wasm-pool.ts';
import { jobFill, jobUnary } from '#engine/kernels/assembly/job-numbers.ts';
import type { OpenDevice } from '#engine/engine.ts';

const count = 100_003;
const grain = 1024;
const leakyRelu = 3;

describe('threads of the wasm device', () => {
  let device: OpenDevice;
  let heap: WasmHeap;
  let module: WebAssembly.Module;
  beforeAll(async () => {
    device = await openDevice('wasm', { threads: 1 });
    heap = new WasmHeap(engine().findBackend('wasm') as BackendWasm);
    module = await WebAssembly.compile((await kernelBytes()).bytes);
  });
  afterAll(() => device.close());

  /** x → LeakyReLU with slope ½ over all values, in a hundred chunks; a value left out or computed twice shows. */
  function work(pool: WasmPool): void {
    heap.withScratch((scratch) => {
      const [x, out] = [scratch.copy(Float32Array.from({ length: count }, (_, i) => i - 5e4)), scratch.bytes(count * 4)];
      for (let round = 0; round < 20; round++) {
        heap.floats(out, count).fill(Number.NaN);
        pool.run(jobUnary, chunksOf(count, grain), count, grain, leakyRelu, x, x, 0.5, out);
        const found = heap.floats(out, count);
        for (let i = 0; i < count; i++)
          if (found[i] !== (i > 5e4 ? i - 5e4 : (i - 5e4) / 2)) expect.fail(`round ${round}, value ${i}: ${found[i]}`);
      }
    });
  }

  it('compute every chunk once, and end with the pool', async () => {
    const pool = await WasmPool.open(heap, module, { threads: 3 });
    expect(pool.threads).toBe(3);
    work(pool);
    pool.close();
    pool.close();
    while (pool.threads > 1) await setImmediate();
    expect(pool.notes).toEqual([]);
  });

  it('are left out and noted where they do not start', async () => {
    const pool = await WasmPool.open(heap, module, { threads: 3, program: 'throw new Error("no thread here")' });
    expect(pool.threads).toBe(1);
    expect(pool.notes).toEqual(expect.arrayContaining([expect.stringContaining('no thread here')]));
    work(pool);
    pool.close();
  });

  it('may end while they have nothing to do: the others do their work', async () => {
    const program = `require('node:worker_threads').parentPort.postMessage('ready'); setTimeout(() => process.exit(7), 50);`;
    const pool = await WasmPool.open(heap, module, { threads: 2, program });
    expect(pool.threads).toBe(2);
    work(pool);
    while (pool.threads > 1) await setImmediate();
    expect(pool.notes).toEqual(['thread 2: ended with code 7']);
    work(pool);
    pool.close();
  });

  it('that end in the middle of a chunk are missed, not waited for', async () => {
    // Takes one chunk of the first job and is gone. The places are those of kernels/assembly/pool.ts.
    const program = `
      const { parentPort, workerData: { memory, control } } = require('node:worker_threads');
      const ticket = new BigInt64Array(memory.buffer, control + 64, 1);
      parentPort.postMessage('ready');
      for (;;) {
        const seen = Atomics.load(ticket, 0);
        if ((seen & 0xffffffffn) !== 0n && Atomics.compareExchange(ticket, 0, seen, seen - 1n) === seen) process.exit(1);
      }`;
    const pool = await WasmPool.open(heap, module, { threads: 2, program, patienceMs: 200 });
    let problem: unknown;
    try {
      for (let round = 0; round < 1000 && problem === undefined; round++) work(pool);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(DeviceError);
    expect(problem).toMatchObject({ kind: 'device', code: 'wasm.thread-lost' });
    expect(() => work(pool)).toThrow('A computing thread ended');
    pool.close();
  });

  it('report a failing kernel instead of hanging, and work on', async () => {
    const pool = await WasmPool.open(heap, module, { threads: 3 });
    const beyond = heap.memory.buffer.byteLength;
    for (let round = 0; round < 5; round++) expect(() => pool.run(jobFill, 64, 64 * grain, grain, beyond)).toThrow();
    expect(pool.threads).toBe(3);
    work(pool);
    pool.close();
  });

  it('do not keep the process alive', async () => {
    const { fork } = await import('node:child_process');
    const child = fork('test/unit/engine/open-and-leave.ts', { stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});
