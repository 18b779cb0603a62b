/** Our side of the wasm backend's memory: pointers, views and scratch. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { DeviceError } from '../device-error.ts';

/** Exports of kernels/assembly/index.ts. Pointers are byte offsets; booleans are 0 and 1. */
export interface KernelExports {
  spmm(
    rows: number,
    width: number,
    offsets: number,
    indices: number,
    values: number,
    dense: number,
    base: number,
    scale: number,
    out: number,
  ): void;
  gatherRows(table: number, width: number, rows: number, count: number, out: number): void;
  addRows(values: number, width: number, rows: number, count: number, table: number): void;
  pairDifferences(users: number, positives: number, negatives: number, width: number, rows: number, out: number): void;
  rowDots(a: number, rowsA: number, b: number, rowsB: number, width: number, count: number, out: number): void;
  bprGradient(
    upstream: number,
    slope: number,
    users: number,
    positives: number,
    negatives: number,
    width: number,
    rows: number,
    toUsers: number,
    toPositives: number,
    toNegatives: number,
  ): void;
  normaliseRows(x: number, width: number, rows: number, epsilon: number, out: number): void;
  normaliseRowsGradient(upstream: number, x: number, width: number, rows: number, epsilon: number, out: number): void;
  sumOfSquares(x: number, count: number): number;
  rowSums(x: number, rows: number, width: number, out: number): void;
  columnSums(x: number, rows: number, width: number, sums: number, out: number): void;
  adam(
    count: number,
    parameter: number,
    gradient: number,
    first: number,
    second: number,
    beta1: number,
    beta2: number,
    rest1: number,
    rest2: number,
    stepSize: number,
    inverseCorrection: number,
    epsilon: number,
  ): void;
  gemm(
    m: number,
    n: number,
    k: number,
    a: number,
    transposeA: number,
    b: number,
    transposeB: number,
    c: number,
    isAdded: number,
    scratch: number,
  ): void;
  gemmScratch(): number;
  expSums(scores: number, rows: number, keys: number, counts: number, inverse: number, largest: number, sums: number, isKept: number): void;
  scaleRows(source: number, target: number, rows: number, keys: number, by: number): void;
  largestScore(scores: number, count: number): number;
  expBoth(
    scores: number,
    rows: number,
    keys: number,
    inverse: number,
    shift: number,
    rowCounts: number,
    keyCounts: number,
    rowSums: number,
    keySums: number,
  ): void;
  bothShares(
    e: number,
    target: number,
    rows: number,
    keys: number,
    rowCounts: number,
    rowScale: number,
    keyCounts: number,
    keyScale: number,
  ): void;
  shares(scores: number, rows: number, keys: number, counts: number, inverse: number, logSums: number, weights: number): void;
  subtractPairs(scores: number, first: number, rows: number, keys: number, queryOf: number, keyOf: number, by: number, count: number): void;
  hide(scores: number, rows: number, firstRow: number, firstItem: number, count: number, offsets: number, mask: number): void;
  select(scores: number, rows: number, count: number, firstItem: number, k: number, items: number, best: number): void;
  copyRuns(x: number, rows: number, bytes: number, from: number, out: number, to: number): void;
  exp(x: number, count: number, out: number): void;
  leakyRelu(x: number, count: number, slope: number, out: number): void;
  leakyReluGradient(upstream: number, x: number, count: number, slope: number, out: number): void;
  sigmoid(x: number, count: number, out: number): void;
  tanh(x: number, count: number, out: number): void;
  sigmoidGradient(upstream: number, y: number, count: number, out: number): void;
  tanhGradient(upstream: number, y: number, count: number, out: number): void;
}

/** What we use of the Emscripten module inside the backend. */
interface EmscriptenModule {
  readonly asm: { readonly memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

type NumberArray = Float32Array | Int32Array;

/** Memory of the backend: allocation, views that follow growth, tensors as pointers. */
export class WasmHeap {
  readonly backend: BackendWasm;
  readonly memory: WebAssembly.Memory;
  readonly #module: EmscriptenModule;

  constructor(backend: BackendWasm) {
    this.backend = backend;
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
  }

  /** Throws DeviceError (memory) where the 4 GiB of a wasm memory are used up. */
  allocate(bytes: number): number {
    return this.#module._malloc(Math.max(bytes, 4)) >>> 0;
  }

  free(pointer: number): void {
    this.#module._free(pointer);
  }

  /** A copy of `values` in memory of its own; the caller frees it. */
  upload(values: NumberArray): number {
    const pointer = this.allocate(values.byteLength);
    this.write(values, pointer);
    return pointer;
  }

  write(values: NumberArray, pointer: number): void {
    // Views are made when they are used: growth detaches older ones.
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.memory.buffer, pointer, values.byteLength).set(bytes);
  }

  floats(pointer: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, count);
  }

  doubles(pointer: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, count);
  }

  ints(pointer: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, count);
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
