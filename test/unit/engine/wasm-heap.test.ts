import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engine } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { DeviceError } from '#engine/device-error.ts';
import { openDevice } from '#engine/devices/open.ts';
import { WasmHeap } from '#engine/devices/wasm-heap.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { dispose, tensor2d, values, zeros } from '#engine/ops/basic.ts';
import { sparse, spmm } from '#engine/ops/sparse.ts';

describe('memory of the wasm device', () => {
  let device: OpenDevice;
  let heap: WasmHeap;
  beforeAll(async () => {
    device = await openDevice('wasm');
    heap = new WasmHeap(engine().findBackend('wasm') as BackendWasm);
  });
  afterAll(() => device.close());

  it('keeps handles and tensors through growth', () => {
    const matrix = sparse({
      rows: 2,
      columns: 2,
      offsets: Int32Array.of(0, 2, 3),
      indices: Int32Array.of(0, 1, 1),
      values: Float32Array.of(1, 2, 3),
    });
    const x = tensor2d([1, 10, 100, 1000], [2, 2]);
    const early = heap.memory.buffer.byteLength;
    const big = zeros([32, 1 << 20]);
    expect(heap.memory.buffer.byteLength).toBeGreaterThan(early);
    const product = spmm(matrix, x);
    expect([...values(product)]).toEqual([201, 2010, 300, 3000]);
    matrix.dispose();
    dispose([x, big, product]);
    expect(() => matrix.dispose()).not.toThrow();
  });

  it('names a full memory instead of writing over its start', () => {
    const held: number[] = [];
    const fill = (): void => {
      // Only asked for, never touched: the operating system gives pages when they are written.
      for (let n = 0; n < 5; n++) held.push(heap.allocate(1_000_000_000));
    };
    expect(fill).toThrow(DeviceError);
    expect(held.length).toBeGreaterThan(2);
    // tfjs itself allocates through the same door.
    expect(() => heap.output([1 << 15, 1 << 15])).toThrow('WebAssembly memory is full (4 GiB)');
    for (const pointer of held) heap.free(pointer);
    const again = tensor2d([5], [1, 1]);
    expect([...values(again)]).toEqual([5]);
    again.dispose();
  });

  it('frees scratch also when the work fails', () => {
    let pointer = 0;
    const fail = (): void =>
      heap.withScratch((scratch) => {
        pointer = scratch.bytes(1024);
        throw new Error('stop');
      });
    expect(fail).toThrow('stop');
    const next = heap.allocate(1024);
    expect(next).toBe(pointer);
    heap.free(next);
  });
});
