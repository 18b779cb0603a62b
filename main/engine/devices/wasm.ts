/** The default device: the tfjs wasm backend (SIMD, one thread) with our kernels on its memory. */
import { engine, setBackend, version_core } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Device, Runtime } from '../device.ts';
import { DeviceError } from '../device-error.ts';
import { registerPack } from '../ops/kernels.ts';
import { tfjsFolder } from './assets.ts';
import { CpuMatrix, adamSlotOn, referencePack } from './cpu.ts';
import * as reference from './reference.ts';
import { watchStock } from './fallbacks.ts';

const name = 'WebAssembly SIMD, 1 thread';

function backend(): BackendWasm {
  return engine().findBackend('wasm') as BackendWasm;
}

export const wasm: Device = {
  id: 'wasm',
  probe: async () => ({ id: 'wasm', available: true, name, version: version_core }),
  open: async (): Promise<Runtime> => {
    if (engine().findBackend('wasm') === null) setWasmPaths(tfjsFolder());
    if (!(await setBackend('wasm'))) {
      throw new DeviceError('device', 'wasm.failed', 'The WebAssembly backend did not start', 'Run avocet doctor.');
    }
    const read = (x: TensorInfo): Float32Array => backend().typedArrayFromHeap(x) as Float32Array;
    const make = (values: Float32Array, shape: number[]): TensorInfo => {
      const out = backend().makeOutput(shape, 'float32');
      (backend().typedArrayFromHeap(out) as Float32Array).set(values);
      return out;
    };
    const pack = referencePack({ read, make });
    const fallbacks = watchStock('wasm');
    registerPack('wasm', pack);
    return {
      backend: 'wasm',
      name,
      version: version_core,
      threads: 1,
      pack,
      sparse: (csr, symmetric) => new CpuMatrix(csr, symmetric),
      adamSlot: adamSlotOn(read),
      topK: (users, items, mask, k) => reference.topK(read(users), read(items), users.shape[1]!, mask, k),
      fallbacks,
      close: () => undefined,
    };
  },
};
