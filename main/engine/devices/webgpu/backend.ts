/** tfjs's webgpu backend on Dawn in Node: started without a browser, and reading at once where it would need a canvas. */
import * as core from '@tensorflow/tfjs-core';
import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { DeviceError } from '../../device-error.ts';
import { mapNow, openDawn, usage } from './dawn.ts';
import type { GpuAdapter, GpuBuffer, GpuDevice, GpuEncoder, GpuPass } from './dawn.ts';

export const backendName = 'webgpu';

/** What the backend keeps of a tensor: values until an op first needs them on the GPU, a buffer from then on. */
interface Entry {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  values: Float32Array | Int32Array | Uint8Array | null;
  resource?: GpuBuffer | null;
}

interface Pool {
  readonly freeBuffers: Map<string, GpuBuffer[]>;
  numFreeBuffers: number;
  numBytesUsed: number;
  numBytesAllocated: number;
  acquireBuffer(size: number, usage: number): GpuBuffer;
  releaseBuffer(buffer: GpuBuffer): void;
}

/** The members of tfjs's WebGPUBackend that we reach into; pinned with its version. */
export interface WebgpuBackend extends KernelBackend {
  readonly bufferManager: Pool;
  readonly tensorMap: { get(dataId: object): Entry };
  readonly uniformPendingDisposal: GpuBuffer[];
  readonly commandEncoder: GpuEncoder;
  computePassEncoder: GpuPass | null;
  commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  uploadToGPU(dataId: object): void;
  makeTensorInfo(shape: readonly number[], dtype: DataType, values?: Float32Array): TensorInfo;
  makeUniforms(fields: readonly { readonly type: 'uint32' | 'float32'; readonly data: readonly number[] }[]): {
    readonly buffer: GpuBuffer;
  };
}

/** Bytes of buffers kept for reuse, at most: batches differ in their distinct rows, and every size has a shelf of its own. */
const mostKept = 512 * 1024 * 1024;

export class Started {
  readonly backend: WebgpuBackend;
  readonly adapter: GpuAdapter;
  readonly device: GpuDevice;
  /** Keeps Dawn's instance: a device outlives it badly. */
  readonly gpu: object;
  #failure: Error | undefined;

  constructor(backend: WebgpuBackend, opened: { adapter: GpuAdapter; device: GpuDevice; gpu: object }) {
    this.backend = backend;
    this.adapter = opened.adapter;
    this.device = opened.device;
    this.gpu = opened.gpu;
    this.device.addEventListener('uncapturederror', ({ error }) => (this.#failure ??= error));
    this.device.lost.then(
      ({ message }) => (this.#failure ??= new Error(`the GPU was lost: ${message}`)),
      () => undefined,
    );
  }

  /** Throws what the GPU has reported since the last call. */
  check(): void {
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    if (failure.constructor.name === 'GPUOutOfMemoryError') throw outOfMemory(failure.message.split('\n')[0]!);
    throw new DeviceError(
      'device',
      'webgpu.failed',
      `The GPU refused work: ${failure.message.split('\n')[0]!}`,
      'Update its driver, or choose another device.',
    );
  }

  /** The first `bytes` of a buffer, after all work before it. */
  read(buffer: GpuBuffer, bytes: number): ArrayBuffer {
    const { backend } = this;
    const pool = backend.bufferManager;
    const staging = pool.acquireBuffer(roomy(bytes), usage.copyTo | usage.mapRead);
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
    backend.submitQueue();
    const isMapped = mapNow(staging);
    this.check();
    if (!isMapped) throw new DeviceError('device', 'webgpu.lost', 'The GPU stopped answering', 'Start again, or choose another device.');
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    pool.releaseBuffer(staging);
    if (pool.numBytesAllocated - pool.numBytesUsed > mostKept) this.trim();
    return copy;
  }

  /** Gives the buffers kept for reuse back to the driver. */
  trim(): void {
    const pool = this.backend.bufferManager;
    for (const shelf of pool.freeBuffers.values()) {
      for (const buffer of shelf) {
        pool.numBytesAllocated -= buffer.size;
        buffer.destroy();
      }
      pool.numFreeBuffers -= shelf.length;
      shelf.length = 0;
    }
  }
}

/** A size with room to spare, of few kinds, so that scratch of similar sizes shares buffers. */
export function roomy(bytes: number): number {
  const step = 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(bytes, 1))) - 2);
  return Math.ceil(Math.max(bytes, 1) / step) * step;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2).toLocaleString('en-US')} MiB`;
}

function outOfMemory(message: string): DeviceError {
  return new DeviceError(
    'memory',
    'webgpu.memory',
    message,
    'Use a smaller batch or narrower tables, close what else uses the GPU, or choose another device.',
  );
}

/** Refuses at once what the GPU could not hold or bind; Dawn itself would report it later and compute nothing. */
function guardSizes(device: GpuDevice): void {
  const create = device.createBuffer.bind(device);
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  device.createBuffer = (options) => {
    const most = (options.usage & usage.storage) === 0 ? maxBufferSize : Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (options.size > most) {
      throw outOfMemory(`A table of ${megabytes(options.size)} does not fit: this GPU works on ${megabytes(most)} at once`);
    }
    return create(options);
  };
}

interface TfjsModule {
  readonly WebGPUBackend: new (device: GpuDevice, info: GpuAdapter['info']) => WebgpuBackend;
}

let started: Promise<Started> | undefined;

/** The one backend of this process. Throws DeviceError. */
export function startBackend(): Promise<Started> {
  started ??= start().catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  return started;
}

async function start(): Promise<Started> {
  const opened = await openDawn();
  guardSizes(opened.device);
  // Loaded before there is a navigator.gpu: with one it would register a backend of its own.
  const { WebGPUBackend } = (await import('@tensorflow/tfjs-backend-webgpu')) as unknown as TfjsModule;
  Object.defineProperty(globalThis.navigator, 'gpu', { value: opened.gpu, configurable: true });
  const backend = new WebGPUBackend(opened.device, opened.adapter.info);
  const held = new Started(backend, opened);
  const readSync = (dataId: object): Float32Array | Int32Array | Uint8Array => {
    const { values, resource, dtype, shape } = backend.tensorMap.get(dataId);
    // Values read back are not kept: Adam changes parameters in place.
    if (values !== null && values !== undefined) return values;
    const bytes = core.util.sizeFromShape([...shape]) * 4;
    if (bytes === 0 || resource === undefined || resource === null) return core.util.getTypedArrayFromDType(dtype as 'float32', 0);
    const data = held.read(resource, bytes);
    if (dtype === 'float32') return new Float32Array(data);
    return dtype === 'bool' ? Uint8Array.from(new Int32Array(data)) : new Int32Array(data);
  };
  Object.assign(backend, { readSync, read: async (dataId: object) => readSync(dataId) });
  core.registerBackend(backendName, () => backend, 1);
  return held;
}
