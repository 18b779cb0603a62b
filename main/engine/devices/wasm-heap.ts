/** Our side of the wasm backend's memory: pointers, views and scratch. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { DeviceError } from '../device-error.ts';
import { adviseHugePages } from './huge-pages.ts';
import { stageOf } from './wasm-plan-stage.ts';
import type { NumberArray, Stage } from './wasm-plan-stage.ts';

/** Exports of kernels/assembly/index.ts. Pointers are byte offsets; booleans are 0 and 1. The first seven are the pool's (wasm-pool.ts). */
export interface KernelExports {
  begin(control: number, job: number, chunks: number, scratch: number): number;
  alone(control: number, job: number, chunks: number, scratch: number): void;
  finish(control: number, nanoseconds: bigint): number;
  serve(control: number, scratch: number): void;
  fail(control: number): void;
  failures(control: number): number;
  stop(control: number): void;
  hide(scores: number, rows: number, firstRow: number, firstItem: number, count: number, offsets: number, mask: number): void;
  select(scores: number, rows: number, count: number, firstItem: number, k: number, items: number, best: number, scratch?: number): void;
}

/** What we use of the Emscripten module inside the backend. */
interface EmscriptenModule {
  readonly asm: { readonly memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

/** Memory of the backend: allocation, views that follow growth, tensors as pointers. */
export class WasmHeap {
  readonly backend: BackendWasm;
  readonly memory: WebAssembly.Memory;
  readonly stage: Stage;
  readonly #module: EmscriptenModule;

  constructor(backend: BackendWasm) {
    this.backend = backend;
    this.stage = stageOf(backend);
    this.#module = backend.wasm as unknown as EmscriptenModule;
    this.memory = this.#module.asm.memory;
    this.#refuseNull();
  }

  // tfjs does not look at malloc's answer; a null pointer would let it write over the module's own memory.
  #refuseNull(): void {
    const module = this.#module as EmscriptenModule & { isChecked?: boolean };
    if (module.isChecked === true) return;
    // Emscripten's stub puts the real function in its own place on the first call, over anything wrapped around it before.
    module._free(module._malloc(8));
    const malloc = module._malloc.bind(module);
    module._malloc = (bytes) => {
      // A count of 2³² and more would wrap around to a small one.
      const pointer = bytes > 0xffffffff ? 0 : malloc(bytes);
      if (pointer === 0 && bytes > 0) {
        throw new DeviceError(
          'memory',
          'wasm.memory',
          `WebAssembly memory is full (4 GiB): ${bytes} more bytes were asked for`,
          'Choose a smaller width, fixed instead of trainable features, or the tensorflow device.',
        );
      }
      return pointer;
    };
    module.isChecked = true;
    adviseHugePages(this.memory);
  }

  /** Throws DeviceError (memory) where the 4 GiB of a wasm memory are used up. */
  allocate(bytes: number): number {
    return this.stage.standIn?.allocate(bytes) ?? this.allocateHere(bytes);
  }

  /** The same whatever stands in for the heap. */
  allocateHere(bytes: number): number {
    return this.#module._malloc(Math.max(bytes, 4)) >>> 0;
  }

  free(pointer: number): void {
    if (this.stage.standIn?.free(pointer) !== true) this.#module._free(pointer);
  }

  /** A copy of `values` in memory of its own; the caller frees it. */
  upload(values: NumberArray): number {
    const placed = this.stage.standIn?.upload(values);
    if (placed !== undefined) return placed;
    const pointer = this.allocateHere(values.byteLength);
    this.write(values, pointer);
    return pointer;
  }

  write(values: NumberArray, pointer: number): void {
    if (this.stage.standIn?.write(pointer) === true) return;
    // Views are made when they are used: older ones end where the memory ended then.
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.memory.buffer, pointer, values.byteLength).set(bytes);
  }

  /** A view like the three below: it writes through, and what leaves the engine is a copy of it (`slice`), not shared. */
  bytes(pointer: number, count: number): Uint8Array {
    const elsewhere = this.stage.standIn?.view(pointer, count);
    return elsewhere === undefined ? new Uint8Array(this.memory.buffer, pointer, count) : new Uint8Array(elsewhere);
  }

  floats(pointer: number, count: number): Float32Array {
    const elsewhere = this.stage.standIn?.view(pointer, count * 4);
    return elsewhere === undefined ? new Float32Array(this.memory.buffer, pointer, count) : new Float32Array(elsewhere);
  }

  doubles(pointer: number, count: number): Float64Array {
    const elsewhere = this.stage.standIn?.view(pointer, count * 8);
    return elsewhere === undefined ? new Float64Array(this.memory.buffer, pointer, count) : new Float64Array(elsewhere);
  }

  ints(pointer: number, count: number): Int32Array {
    const elsewhere = this.stage.standIn?.view(pointer, count * 4);
    return elsewhere === undefined ? new Int32Array(this.memory.buffer, pointer, count) : new Int32Array(elsewhere);
  }

  pointerOf(x: TensorInfo): number {
    return this.backend.getMemoryOffset(x.dataId);
  }

  /** A new float tensor, its memory not cleared. */
  output(shape: readonly number[]): TensorInfo {
    return this.backend.makeOutput([...shape], 'float32') as TensorInfo;
  }

  /** Runs `work` with an allocator whose memory is freed when it ends. */
  withScratch<T>(work: (scratch: Scratch) => T): T {
    const held: number[] = [];
    const keep = (pointer: number): number => {
      held.push(pointer);
      return pointer;
    };
    try {
      return work({
        bytes: (count) => keep(this.allocate(count)),
        copy: (values) => keep(this.upload(values)),
      });
    } finally {
      for (const pointer of held) this.free(pointer);
    }
  }
}

export interface Scratch {
  bytes(count: number): number;
  copy(values: NumberArray): number;
}
