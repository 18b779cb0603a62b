/** What kernels get while a record is replayed: the tensors and the scratch they had when it was made, in the order they ask. */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmHeap } from './wasm-heap.ts';
import type { KernelCall, NumberArray, OpenBackend, StandIn } from './wasm-plan-stage.ts';
import { bytesOf } from './wasm-plan-record.ts';
import type { Trace } from './wasm-plan-trace.ts';

/** A place of scratch. */
export interface Spot {
  readonly pointer: number;
  readonly bytes: number;
}

export class Cues implements StandIn {
  readonly #heap: WasmHeap;
  readonly #backend: OpenBackend;
  readonly #tensorsOfStep: Trace['tensors'];
  #block: Spot = { pointer: 0, bytes: 0 };
  /** Where the inputs of the step lie, by the arrays they came in. */
  #inputs: ReadonlyMap<object, number> = new Map();
  #tensors: readonly object[] = [];
  #scratch: readonly Spot[] = [];
  #nextTensor = 0;
  #nextScratch = 0;

  constructor(heap: WasmHeap, trace: Trace) {
    this.#heap = heap;
    this.#backend = heap.backend as unknown as OpenBackend;
    this.#tensorsOfStep = trace.tensors;
  }

  /** Before a step: the block that its memory lies in, and its inputs. */
  beginStep(block: Spot, inputs: ReadonlyMap<object, number>): void {
    this.#block = block;
    this.#inputs = inputs;
  }

  /** Before a kernel. */
  begin(tensors: readonly object[], scratch: readonly Spot[]): void {
    this.#tensors = tensors;
    this.#scratch = scratch;
    this.#nextTensor = 0;
    this.#nextScratch = 0;
  }

  kernel(kernel: KernelConfig, call: KernelCall): TensorInfo | TensorInfo[] {
    return kernel.kernelFunc(call);
  }

  tensor(values: NumberArray | null, shape: readonly number[]): object | undefined {
    const dataId = this.#tensors[this.#nextTensor];
    const data = dataId === undefined ? undefined : this.#backend.dataIdMap.get(dataId);
    if (data === undefined) return undefined;
    this.#nextTensor += 1;
    if (data.shape.join() !== shape.join()) {
      throw new Error(`A kernel of a recorded step made [${shape.join(', ')}] where [${data.shape.join(', ')}] was recorded.`);
    }
    if (values !== null) this.#heap.bytes(data.memoryOffset, values.byteLength).set(bytesOf(values));
    return dataId;
  }

  release(dataId: object): boolean | undefined {
    return this.#tensorsOfStep.has(dataId) ? true : undefined;
  }

  reads(): undefined {
    return undefined;
  }

  job(): boolean {
    return false;
  }

  withholdsExport(): boolean {
    return false;
  }

  adam(): boolean {
    return false;
  }

  /** A matrix of this step may want more than the one that was recorded: then it gets memory for as long as the kernel runs. */
  allocate(bytes: number): number | undefined {
    const spot = this.#scratch[this.#nextScratch];
    this.#nextScratch += 1;
    return spot !== undefined && bytes <= spot.bytes ? spot.pointer : undefined;
  }

  free(pointer: number): boolean {
    return pointer >= this.#block.pointer && pointer < this.#block.pointer + this.#block.bytes;
  }

  upload(values: NumberArray): number | undefined {
    const input = this.#inputs.get(values);
    if (input !== undefined) return input;
    const pointer = this.allocate(values.byteLength);
    if (pointer !== undefined) this.#heap.bytes(pointer, values.byteLength).set(bytesOf(values));
    return pointer;
  }

  write(): boolean {
    return false;
  }

  view(): undefined {
    return undefined;
  }
}
