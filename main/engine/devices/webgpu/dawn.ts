/**
 * Dawn, the WebGPU of npm's `webgpu`, in Node: opening an adapter and waiting for it without an event loop.
 *
 * WebGPU tells of finished work through promises alone, but ops hand values back at once. Dawn's binding settles them by asking
 * `setImmediate` for one call of its event processing at a time; taking that call and making it ourselves waits in place.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { DeviceError } from '../../device-error.ts';
import { ownFolder } from '../assets.ts';

export interface GpuBuffer {
  readonly size: number;
  readonly usage: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(offset: number, bytes: number): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}
/** Opaque to us. */
export interface GpuPipeline {
  getBindGroupLayout(index: number): object;
}
export interface GpuPass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: object): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
}
export interface GpuEncoder {
  beginComputePass(options: object): GpuPass;
  copyBufferToBuffer(from: GpuBuffer, fromByte: number, to: GpuBuffer, toByte: number, bytes: number): void;
}
export interface GpuLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}
export interface GpuDevice {
  readonly limits: GpuLimits;
  readonly lost: Promise<{ readonly message: string }>;
  readonly queue: { writeBuffer(buffer: GpuBuffer, at: number, data: ArrayBufferView): void };
  createBuffer(options: { readonly size: number; readonly usage: number; readonly mappedAtCreation?: boolean }): GpuBuffer;
  createShaderModule(options: { readonly code: string; readonly label: string }): object;
  createComputePipeline(options: { layout: 'auto'; compute: { module: object; entryPoint: string }; label: string }): GpuPipeline;
  createBindGroup(options: { layout: object; entries: readonly object[] }): object;
  addEventListener(type: 'uncapturederror', listener: (event: { readonly error: Error }) => void): void;
}
export interface GpuAdapter {
  readonly info: { readonly vendor: string; readonly architecture: string; readonly device: string; readonly description: string };
  readonly limits: GpuLimits;
  requestDevice(options: { readonly requiredLimits: Readonly<Record<string, number>> }): Promise<GpuDevice>;
}
interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}
interface Package {
  create(options: readonly string[]): Gpu;
  readonly globals: object;
}

export const usage = { mapRead: 0x1, copyFrom: 0x4, copyTo: 0x8, storage: 0x80 } as const;
/** What every table and index is made with; the usage of tfjs's own buffers, so that both share one pool. */
export const tableUsage = usage.storage | usage.copyFrom | usage.copyTo;

/** Calls of its event processing that Dawn has asked for; never more than one. */
const asked: (() => void)[] = [];

/** Runs a call into Dawn, keeping what it hands to `setImmediate`. */
function calling<T>(work: () => T): T {
  const real = globalThis.setImmediate;
  globalThis.setImmediate = ((tick: () => void) => void asked.push(tick)) as unknown as typeof setImmediate;
  try {
    return work();
  } finally {
    globalThis.setImmediate = real;
  }
}

function processEvents(): boolean {
  const tick = asked.shift();
  if (tick !== undefined) calling(tick);
  return tick !== undefined;
}

async function settled<T>(start: () => Promise<T>): Promise<T> {
  let isPending = true;
  const result = calling(start).finally(() => (isPending = false));
  // The caller gets the rejection; this second chain must not count as unhandled.
  result.catch(() => undefined);
  while (isPending) {
    if (!processEvents()) await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.resolve();
  }
  return result;
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Maps a buffer for reading before it returns; false where Dawn gave up. The processor rests while the GPU works. */
export function mapNow(buffer: GpuBuffer): boolean {
  // The state tells; the promise is for event loops.
  calling(() => buffer.mapAsync(usage.mapRead)).catch(() => undefined);
  for (let turn = 0; buffer.mapState === 'pending'; turn++) {
    if (!processEvents()) return false;
    if (turn > 20) Atomics.wait(pause, 0, 0, Math.min(1, turn / 400));
  }
  return buffer.mapState === 'mapped';
}

const wants =
  'Install a Vulkan driver for this GPU (Linux: its vendor’s, or Mesa 23 or newer: apt install mesa-vulkan-drivers libvulkan1), or ' +
  'choose another device.';

function load(): Package {
  if (process.versions['electron'] !== undefined) {
    throw new DeviceError(
      'device',
      'webgpu.electron',
      'the desktop app’s runtime forbids memory that is shared with a GPU library',
      'Use the command line or browser mode (avocet serve), which run on Node, or choose another device.',
    );
  }
  const requireHere = createRequire(path.join(ownFolder(), 'webgpu.cjs'));
  try {
    return requireHere('webgpu') as Package;
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    throw new DeviceError(
      'device',
      'webgpu.package-missing',
      `the npm package webgpu could not be loaded: ${said}`,
      'Run npm ci on a machine it has a binary for (Linux, macOS or Windows), or choose another device.',
    );
  }
}

export interface Opened {
  readonly adapter: GpuAdapter;
  readonly device: GpuDevice;
  readonly gpu: object;
}

/** The fastest adapter with every limit we need raised to what it offers. Throws DeviceError where there is none. */
export async function openDawn(): Promise<Opened> {
  const { create, globals } = load();
  // tfjs's backend finds WebGPU's classes and constants where a browser has them.
  Object.assign(globalThis, globals);
  const gpu = create([]);
  let adapter: GpuAdapter | null;
  try {
    adapter = await settled(() => gpu.requestAdapter({ powerPreference: 'high-performance' }));
  } catch {
    adapter = null;
  }
  if (adapter === null) throw new DeviceError('device', 'webgpu.no-adapter', 'no GPU driver that Dawn accepts was found', wants);
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const chosen = adapter;
  const device = await settled(() => chosen.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } }));
  return { adapter, device, gpu };
}
