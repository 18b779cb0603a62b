import type { Scratch, WasmHeap } from './wasm-heap.ts';
import { DeviceError } from '../device-error.ts';

const page = 1 << 16;
/** 4 GiB, as much as a wasm memory can be. */
const mostPages = 65_536;
/** Places begin on a cache line. */
const line = 64;

/** A shared memory for our kernels alone, without the tfjs backend: for devices that use a few of them on threads beside their own. */
export class PlainHeap implements Pick<
  WasmHeap,
  'memory' | 'stage' | 'allocate' | 'free' | 'bytes' | 'ints' | 'floats' | 'doubles' | 'write' | 'withScratch'
> {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
  /** Nothing is recorded here. */
  readonly stage = { standIn: undefined };
  /** Ends of the places in use by their beginnings, in the order of memory. */
  #used: [start: number, end: number][] = [];

  /** The first gap that is large enough; the first line stays free, so that no place is 0. Throws DeviceError where 4 GiB are used up. */
  allocate(bytes: number): number {
    const size = Math.ceil(Math.max(bytes, 1) / line) * line;
    let start = line;
    let place = 0;
    for (; place < this.#used.length && this.#used[place]![0] - start < size; place++) start = this.#used[place]![1];
    const missing = Math.ceil((start + size - this.memory.buffer.byteLength) / page);
    if (missing > 0) this.#grow(missing, bytes);
    this.#used.splice(place, 0, [start, start + size]);
    return start;
  }

  #grow(pages: number, bytes: number): void {
    try {
      this.memory.grow(pages);
    } catch {
      throw new DeviceError(
        'memory',
        'wasm.memory',
        `${bytes} more bytes were asked for than a WebAssembly memory holds, or this machine has`,
        'Choose a smaller width, or close other programs.',
      );
    }
  }

  free(pointer: number): void {
    this.#used = this.#used.filter(([start]) => start !== pointer);
  }

  bytes(pointer: number, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, count);
  }

  ints(pointer: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, count);
  }

  floats(pointer: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, count);
  }

  doubles(pointer: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, count);
  }

  write(values: Float32Array | Int32Array | Uint8Array, pointer: number): void {
    this.bytes(pointer, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  withScratch<T>(work: (scratch: Scratch) => T): T {
    const held: number[] = [];
    const bytes = (count: number): number => {
      const pointer = this.allocate(count);
      held.push(pointer);
      return pointer;
    };
    const copy = (values: Float32Array | Int32Array): number => {
      const pointer = bytes(values.byteLength);
      this.write(values, pointer);
      return pointer;
    };
    try {
      return work({ bytes, copy });
    } finally {
      for (const pointer of held) this.free(pointer);
    }
  }
}
