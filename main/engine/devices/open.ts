import { memory } from '@tensorflow/tfjs-core';
import { setCurrentRuntime } from '../current.ts';
import type { Device } from '../device.ts';
import type { DeviceId, OpenDevice, OpenOptions } from '../engine.ts';
import { cpu } from './cpu.ts';
import { wasm } from './wasm.ts';

/** Every device of this build; `tensorflow` joins here. */
const devices: ReadonlyMap<DeviceId, Device> = new Map<DeviceId, Device>([
  ['wasm', wasm],
  ['cpu', cpu],
]);

/** The device with this id. Throws where this build has none. */
export function device(id: DeviceId): Device {
  const found = devices.get(id);
  if (found === undefined) throw new Error(`This build has no device "${id}"; it has ${[...devices.keys()].join(', ')}.`);
  return found;
}

/**
 * Opens the device that the ops of this process then use. A process opens one; opening another (tests do) makes it current.
 * Throws DeviceError where the device cannot run here.
 */
export async function openDevice(id: DeviceId, options: OpenOptions = {}): Promise<OpenDevice> {
  const runtime = await device(id).open(options);
  setCurrentRuntime(runtime);
  return {
    id,
    name: runtime.name,
    version: runtime.version,
    threads: runtime.threads,
    fallbacks: () => runtime.fallbacks(),
    memory: () => {
      const { numTensors, numBytes } = memory();
      return { tensors: numTensors, bytes: numBytes };
    },
    close: () => {
      runtime.close();
      setCurrentRuntime(undefined);
    },
  };
}
