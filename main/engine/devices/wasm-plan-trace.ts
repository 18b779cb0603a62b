/**
 * What a step did on wasm, kernel by kernel, noted without computing it: tensors get addresses of their own far beyond the memory's
 * end, jobs and Adam are noted and held back. So every number among a job's arguments that is such an address tells which
 * region the job works on, and where the region will really lie is decided when all of them are known.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { AdamSlot } from '../device.ts';
import type { WasmHeap } from './wasm-heap.ts';
import type { KernelCall, NumberArray, OpenBackend, StandIn } from './wasm-plan-stage.ts';
import { bytesOf, isStandIn, Obstacle, Regions } from './wasm-plan-record.ts';
import type { Entry, Job, Leaf, Region, Source } from './wasm-plan-record.ts';
import { WasmMatrix } from './wasm-sparse.ts';

interface Current {
  readonly tensors: object[];
  readonly scratch: Region[];
  readonly jobs: Job[];
  /** Whether a job was asked for, were it of no chunks. */
  hasJobs: boolean;
  /** Whether it did anything besides. */
  isOpaque: boolean;
}

export class Trace implements StandIn {
  readonly entries: Entry[] = [];
  readonly regions = new Regions();
  /** Buffers of the tensors that were made, by their data ids. */
  readonly tensors = new Map<object, Region>();
  readonly #heap: WasmHeap;
  readonly #backend: OpenBackend;
  readonly #leaves: readonly Leaf[];
  readonly #places = new Map<object, number>();
  readonly #leafRegions = new Map<number, Region>();
  /** Memory that stock kernels write to while they are recorded; what they compute there is nothing. */
  readonly #held: number[] = [];
  #dump = { pointer: 0, bytes: 0 };
  #current: Current | undefined;

  constructor(heap: WasmHeap, leaves: readonly Leaf[]) {
    this.#heap = heap;
    this.#backend = heap.backend as unknown as OpenBackend;
    this.#leaves = leaves;
    leaves.forEach((leaf, place) => {
      if (!this.#places.has(leaf)) this.#places.set(leaf, place);
    });
  }

  /** The place of an array or matrix among the inputs. */
  placeOf(value: object): number | undefined {
    return this.#places.get(value);
  }

  /** Frees what only recording needed. Tensors stay known to the backend by their data ids. */
  end(): void {
    for (const pointer of this.#held.splice(0)) this.#heap.free(pointer);
  }

  /** Whether a tensor of the step still lives; after its outcome was disposed none should. */
  keepsAny(): boolean {
    return [...this.tensors.keys()].some((dataId) => (this.#backend.dataIdMap.get(dataId)?.refCount ?? 0) > 0);
  }

  kernel(kernel: KernelConfig, call: KernelCall): TensorInfo | TensorInfo[] {
    if (this.#current !== undefined) return kernel.kernelFunc(call);
    const current: Current = { tensors: [], scratch: [], jobs: [], hasJobs: false, isOpaque: this.#takesMatrix(call.attrs) };
    this.#current = current;
    let outputs: TensorInfo | TensorInfo[];
    try {
      outputs = kernel.kernelFunc(call);
    } finally {
      this.#current = undefined;
    }
    const { tensors, scratch, jobs } = current;
    // Another view of the same data is no work.
    if (tensors.length === 0 && !current.hasJobs) return outputs;
    const name = kernel.kernelName;
    const inputs = (Object.values(call.inputs).flat() as TensorInfo[]).map((tensor) => this.#sourceOf(tensor));
    this.#touch([...inputs, ...tensors.map((dataId) => this.tensors.get(dataId)), ...scratch]);
    if (!current.isOpaque && current.hasJobs) this.entries.push({ kind: 'jobs', name, inputs, tensors, jobs });
    else this.entries.push({ kind: 'call', name, inputs, tensors, run: kernel.kernelFunc, call, scratch });
    return outputs;
  }

  tensor(values: NumberArray | null, shape: readonly number[], dtype: string): object {
    const backend = this.#backend;
    const count = shape.reduce((product, extent) => product * extent, 1);
    const bytes = count * (dtype === 'bool' ? 1 : 4);
    const current = this.#current;
    // What a kernel fills in itself is its output; what comes from outside of kernels are inputs and constants.
    const region = values === null || current !== undefined ? this.regions.add(bytes) : this.#given(values);
    if (current !== undefined && values !== null) current.isOpaque = true;
    const data = { id: backend.dataIdNextNumber++ };
    backend.dataIdMap.set(data, { id: data.id, memoryOffset: region.at, shape, dtype, refCount: 1 });
    // For stock kernels, which run while they are recorded, on what is there.
    backend.wasm.tfjs.registerTensor(data.id, count, values === null ? this.#dumped(bytes) : this.#standing(values));
    this.tensors.set(data, region);
    current?.tensors.push(data);
    return data;
  }

  release(dataId: object): boolean | undefined {
    const data = this.#backend.dataIdMap.get(dataId);
    if (!this.tensors.has(dataId) || data === undefined) {
      // Before it happens: an eager step still can do it.
      if (data?.refCount === 1) throw new Obstacle('it disposes or replaces a tensor that was there before it');
      return undefined;
    }
    data.refCount -= 1;
    return data.refCount <= 0;
  }

  reads(dataId: object): NumberArray | undefined {
    const region = this.tensors.get(dataId);
    if (region === undefined) return undefined;
    if (this.#current !== undefined) this.#current.isOpaque = true;
    // The very array: it is known to be an input wherever it goes from here.
    if (region.leaf !== undefined) return this.#leaves[region.leaf] as NumberArray;
    if (region.content === undefined) throw new Obstacle('it reads a result back before it ends');
    const bytes = region.content.slice().buffer;
    return this.#backend.dataIdMap.get(dataId)!.dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes);
  }

  job(job: number, chunks: number, values: readonly number[]): boolean {
    const current = this.#current;
    if (current === undefined) return false;
    current.hasJobs = true;
    if (chunks <= 0) return true;
    this.#touch(values.map((value) => this.regions.at(value)));
    current.jobs.push({ job, chunks, values: [...values] });
    return true;
  }

  withholdsExport(): boolean {
    if (this.#current !== undefined) this.#current.isOpaque = true;
    return this.#current !== undefined;
  }

  adam(slot: AdamSlot, gradient: TensorInfo): boolean {
    const inputs = [this.#sourceOf(gradient)];
    this.#touch(inputs);
    this.entries.push({ kind: 'adam', name: 'Adam', inputs, tensors: [], slot, gradient });
    return true;
  }

  allocate(bytes: number): number | undefined {
    return this.#current === undefined ? undefined : this.#scratch(bytes).at;
  }

  free(pointer: number): boolean {
    return isStandIn(pointer);
  }

  upload(values: NumberArray): number | undefined {
    if (this.#current === undefined) return undefined;
    const leaf = this.#places.get(values);
    if (leaf !== undefined) {
      const region = this.#given(values);
      this.#touch([region]);
      return region.at;
    }
    this.#current.isOpaque = true;
    return this.#scratch(values.byteLength).at;
  }

  write(pointer: number): boolean {
    if (this.#current !== undefined) this.#current.isOpaque = true;
    return isStandIn(pointer);
  }

  view(pointer: number, bytes: number): ArrayBuffer | undefined {
    if (this.#current !== undefined) this.#current.isOpaque = true;
    return isStandIn(pointer) ? new ArrayBuffer(bytes) : undefined;
  }

  #sourceOf(tensor: TensorInfo): Source {
    return this.tensors.get(tensor.dataId) ?? this.#heap.pointerOf(tensor);
  }

  #touch(regions: readonly (Source | undefined)[]): void {
    const entry = this.entries.length;
    for (const region of regions) {
      if (region === undefined || typeof region === 'number') continue;
      region.first = Math.min(region.first, entry);
      region.last = Math.max(region.last, entry);
    }
  }

  #scratch(bytes: number): Region {
    const region = this.regions.add(bytes);
    this.#current!.scratch.push(region);
    return region;
  }

  #given(values: NumberArray): Region {
    const leaf = this.#places.get(values);
    if (leaf === undefined) return this.regions.add(values.byteLength, { content: bytesOf(values).slice() });
    const known = this.#leafRegions.get(leaf) ?? this.regions.add(values.byteLength, { leaf });
    this.#leafRegions.set(leaf, known);
    return known;
  }

  #standing(values: NumberArray): number {
    const pointer = this.#reserve(values.byteLength);
    this.#heap.bytes(pointer, values.byteLength).set(bytesOf(values));
    return pointer;
  }

  #dumped(bytes: number): number {
    if (bytes > this.#dump.bytes) this.#dump = { pointer: this.#reserve(bytes), bytes };
    return this.#dump.pointer;
  }

  #reserve(bytes: number): number {
    const pointer = this.#heap.allocateHere(bytes);
    this.#held.push(pointer);
    return pointer;
  }

  #takesMatrix(tree: unknown): boolean {
    if (tree instanceof WasmMatrix) return this.#places.has(tree);
    if (ArrayBuffer.isView(tree) || typeof tree !== 'object' || tree === null) return false;
    return Object.values(tree).some((branch) => this.#takesMatrix(branch));
  }
}
