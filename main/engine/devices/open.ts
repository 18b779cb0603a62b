import { memory } from '@tensorflow/tfjs-core';
import { setCurrentRuntime } from '../current.ts';
import type { DeviceId, OpenDevice, OpenOptions } from '../engine.ts';
import { device } from './registry.ts';

/**
 * Opens the device that the ops of this process then use. A process opens one; opening another (tests do) makes it current.
 * AVOCET_COMPILE=off in the environment has steps run eagerly.
 * Throws DeviceError where the device cannot run here.
 */
export async function openDevice(id: DeviceId, options: OpenOptions = {}): Promise<OpenDevice> {
  const runtime = await device(id).open(options);
  setCurrentRuntime(runtime, options.compile ?? process.env['AVOCET_COMPILE'] !== 'off');
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
