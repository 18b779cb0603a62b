/** The default device: the tfjs wasm backend (SIMD, one thread) with our kernels on its memory. */
import { engine, setBackend } from '@tensorflow/tfjs-core';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Device, Runtime } from '../device.ts';
import { DeviceError } from '../device-error.ts';
import { registerPack } from '../ops/kernels.ts';
import { kernelBytes, tfjsFolder } from './assets.ts';
import { watchStock } from './fallbacks.ts';
import { WasmHeap } from './wasm-heap.ts';
import type { KernelExports } from './wasm-heap.ts';
import { wasmAdamSlot, wasmPack } from './wasm-pack.ts';
import type { WasmTools } from './wasm-pack.ts';
import { makeGemm, topK } from './wasm-products.ts';
import { replaceStock } from './wasm-replaced.ts';
import { WasmMatrix } from './wasm-sparse.ts';

const name = 'WebAssembly SIMD, 1 thread';

async function start(): Promise<BackendWasm> {
  if (engine().findBackend('wasm') === null) setWasmPaths(tfjsFolder());
  if (!(await setBackend('wasm'))) {
    throw new DeviceError(
      'device',
      'wasm.failed',
      'The WebAssembly backend of tfjs did not start',
      'Run avocet doctor; WebAssembly with SIMD needs an x86-64 processor with SSE4.1 or an ARM64 one.',
    );
  }
  return engine().findBackend('wasm') as BackendWasm;
}

async function instantiate(memory: WebAssembly.Memory): Promise<KernelExports> {
  const bytes = await kernelBytes();
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  return instance.exports as unknown as KernelExports;
}

export const wasm: Device = {
  id: 'wasm',
  probe: async () => {
    try {
      const runtime = await wasm.open({});
      runtime.close();
      return { id: 'wasm', available: true, name, version: version_wasm };
    } catch (error) {
      const fix = error instanceof DeviceError ? { remedy: error.fix } : {};
      const missing = error instanceof Error ? error.message : String(error);
      return { id: 'wasm', available: false, name, missing, ...fix };
    }
  },
  open: async (): Promise<Runtime> => {
    const heap = new WasmHeap(await start());
    const kernels = await instantiate(heap.memory);
    const packing = heap.allocate(kernels.gemmScratch());
    const tools: WasmTools = { heap, kernels, gemm: makeGemm(kernels, packing) };
    const pack = wasmPack(tools);
    const fallbacks = watchStock('wasm');
    registerPack('wasm', pack);
    replaceStock(tools);
    return {
      backend: 'wasm',
      name,
      version: version_wasm,
      threads: 1,
      pack,
      sparse: (csr, symmetric) => new WasmMatrix(heap, csr, symmetric),
      adamSlot: (parameter) => wasmAdamSlot(tools, parameter),
      topK: (users, items, mask, k) => topK(tools, users, items, mask, k),
      fallbacks,
      close: () => heap.free(packing),
    };
  },
};
