/**
 * Where a step that is recorded or replayed steps in between tfjs and the memory of its wasm backend: while a stand-in is there, it
 * answers for kernels, tensors' memory, scratch and jobs.
 */
import { getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { AdamSlot, AdamStep } from '../device.ts';
import type { KernelExports } from './wasm-heap.ts';

export type KernelCall = Parameters<KernelConfig['kernelFunc']>[0];
export type NumberArray = Float32Array | Int32Array | Uint8Array;

/** What takes the place of backend, heap and pool. Where an answer may be undefined or false, the real one then acts. */
export interface StandIn {
  kernel(kernel: KernelConfig, call: KernelCall): TensorInfo | TensorInfo[];
  /** Memory for a new tensor, with these values where they are given: its data id. */
  tensor(values: NumberArray | null, shape: readonly number[], dtype: string): object | undefined;
  /** Whether the data is gone, as the backend answers; undefined where it is none of the step's. */
  release(dataId: object): boolean | undefined;
  /** The values of a tensor, where the stand-in knows better than the backend. */
  reads(dataId: object): NumberArray | undefined;
  job(job: number, chunks: number, values: readonly number[]): boolean;
  /** Before an export of the kernels runs on the memory: true keeps it from running. */
  withholdsExport(): boolean;
  adam(slot: AdamSlot, gradient: TensorInfo): boolean;
  allocate(bytes: number): number | undefined;
  free(pointer: number): boolean;
  upload(values: NumberArray): number | undefined;
  write(pointer: number): boolean;
  /** What a view of so many bytes at a pointer looks at. */
  view(pointer: number, bytes: number): ArrayBuffer | undefined;
}

/** One for each backend: a device that is opened again finds it. */
export interface Stage {
  standIn: StandIn | undefined;
}

/** The parts of the backend that a stand-in needs or answers for. */
export interface OpenBackend {
  readonly wasm: { readonly tfjs: { registerTensor(id: number, size: number, offset: number): void; disposeData(id: number): void } };
  readonly dataIdMap: {
    get(dataId: object): TensorData | undefined;
    set(dataId: object, data: TensorData): void;
    has(dataId: object): boolean;
    delete(dataId: object): boolean;
  };
  dataIdNextNumber: number;
  write(values: NumberArray | null, shape: number[], dtype: string): object;
  disposeData(dataId: object, force?: boolean): boolean;
  readSync(dataId: object, start?: number, end?: number): NumberArray;
  typedArrayFromHeap(tensor: TensorInfo): NumberArray;
}

export interface TensorData {
  readonly id: number;
  memoryOffset: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  refCount: number;
}

const stages = new WeakMap<BackendWasm, Stage>();

export function stageOf(backend: BackendWasm): Stage {
  const known = stages.get(backend);
  if (known !== undefined) return known;
  const stage: Stage = { standIn: undefined };
  stages.set(backend, stage);
  const open = backend as unknown as OpenBackend;
  const [write, disposeData, readSync, typedArrayFromHeap] = [open.write, open.disposeData, open.readSync, open.typedArrayFromHeap];
  Object.assign(open, {
    write: (...[values, shape, dtype]: Parameters<OpenBackend['write']>) =>
      stage.standIn?.tensor(values, shape, dtype) ?? write.call(open, values, shape, dtype),
    disposeData: (dataId: object, force?: boolean) => stage.standIn?.release(dataId) ?? disposeData.call(open, dataId, force),
    readSync: (dataId: object, start?: number, end?: number) => stage.standIn?.reads(dataId) ?? readSync.call(open, dataId, start, end),
    typedArrayFromHeap: (tensor: TensorInfo) => {
      const count = tensor.shape.reduce((product, extent) => product * extent, 1);
      const Kind = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[tensor.dtype as string];
      const data = open.dataIdMap.get(tensor.dataId);
      const buffer =
        Kind === undefined || data === undefined ? undefined : stage.standIn?.view(data.memoryOffset, count * Kind.BYTES_PER_ELEMENT);
      return buffer === undefined || Kind === undefined ? typedArrayFromHeap.call(open, tensor) : new Kind(buffer);
    },
  });
  return stage;
}

const staged = new WeakSet<KernelConfig['kernelFunc']>();

/** Has every kernel of the backend go by its stage; those that already do are left alone. */
export function stageKernels(backendName: string, stage: Stage): void {
  for (const kernel of getKernelsForBackend(backendName)) {
    if (staged.has(kernel.kernelFunc)) continue;
    const kernelFunc: KernelConfig['kernelFunc'] = (call) =>
      stage.standIn === undefined ? kernel.kernelFunc(call) : stage.standIn.kernel(kernel, call);
    staged.add(kernelFunc);
    unregisterKernel(kernel.kernelName, backendName);
    registerKernel({ ...kernel, kernelFunc });
  }
}

/** An optimiser's slot that a stand-in may hold back. */
export class StagedSlot implements AdamSlot {
  /** Where the parameter lies; it moves when the parameter is assigned. */
  readonly place: () => number;
  readonly #inner: AdamSlot;
  readonly #stage: Stage;

  constructor(inner: AdamSlot, stage: Stage, place: () => number) {
    this.#inner = inner;
    this.#stage = stage;
    this.place = place;
  }

  apply(gradient: TensorInfo, step: AdamStep): void {
    if (this.#stage.standIn?.adam(this, gradient) !== true) this.#inner.apply(gradient, step);
  }

  read(): { first: Float32Array; second: Float32Array } {
    return this.#inner.read();
  }

  write(first: Float32Array, second: Float32Array): void {
    this.#inner.write(first, second);
  }

  dispose(): void {
    this.#inner.dispose();
  }
}

/** The kernels' exports that work on the memory outside of jobs; 0 where a stand-in holds them back. */
export function stagedExports(kernels: KernelExports, stage: Stage): KernelExports {
  const staged = Object.entries(kernels).map(([name, run]) => [
    name,
    (...values: readonly number[]) =>
      stage.standIn?.withholdsExport() === true ? 0 : (run as (...values: readonly number[]) => number)(...values),
  ]);
  return Object.fromEntries(staged) as KernelExports;
}
