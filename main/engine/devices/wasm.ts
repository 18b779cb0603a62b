/** The default device: the tfjs wasm backend (SIMD) on a shared memory, with our kernels on it, on several threads. */
import { cpus } from 'node:os';
import { engine, setBackend } from '@tensorflow/tfjs-core';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Device, Runtime } from '../device.ts';
import { DeviceError } from '../device-error.ts';
import { registerPack } from '../ops/kernels.ts';
import { tfjsFile } from './assets.ts';
import { watchStock } from './fallbacks.ts';
import { WasmHeap } from './wasm-heap.ts';
import { compiledKernels } from './wasm-module.ts';
import { wasmAdamSlot, wasmPack } from './wasm-pack.ts';
import type { WasmTools } from './wasm-pack.ts';
import { stagedExports, StagedSlot, stageKernels } from './wasm-plan-stage.ts';
import { WasmStep } from './wasm-plan-step.ts';
import { WasmPool } from './wasm-pool.ts';
import { rankingOf } from './wasm-ranking.ts';
import { replaceStock } from './wasm-replaced.ts';
import { WasmMatrix } from './wasm-sparse.ts';

function nameOf(threads: number): string {
  return `WebAssembly SIMD, ${threads} thread${threads === 1 ? '' : 's'}`;
}

async function start(): Promise<BackendWasm> {
  // Whichever of its files tfjs asks for, it gets the one on shared memory; a machine without SIMD cannot run our kernels either.
  // Before anything asks for the backend: asking starts it.
  const file = await tfjsFile();
  const names = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'];
  setWasmPaths(Object.fromEntries(names.map((name) => [name, file])));
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

/** Cores less one for the interface, at most four: beyond, memory is the limit. */
function usualThreads(): number {
  return Math.max(1, Math.min(cpus().length - 1, 4));
}

export const wasm: Device = {
  id: 'wasm',
  probe: async (options) => {
    try {
      const runtime = await wasm.open(options);
      runtime.close();
      return { id: 'wasm', available: true, name: runtime.name, version: runtime.version };
    } catch (error) {
      const fix = error instanceof DeviceError ? { remedy: error.fix } : {};
      const missing = error instanceof Error ? error.message : String(error);
      return { id: 'wasm', available: false, name: 'WebAssembly', missing, ...fix };
    }
  },
  open: async (options): Promise<Runtime> => {
    const heap = new WasmHeap(await start());
    const { module, isFused } = await compiledKernels();
    const pool = await WasmPool.open(heap, module, { threads: options.threads ?? usualThreads() });
    const { threads } = pool;
    const tools: WasmTools = { heap, kernels: stagedExports(pool.kernels, heap.stage), pool };
    const pack = wasmPack(tools);
    const fallbacks = watchStock('wasm');
    registerPack('wasm', pack);
    replaceStock(tools);
    stageKernels('wasm', heap.stage);
    return {
      backend: 'wasm',
      name: nameOf(threads),
      // Whether a product and a sum round once or twice shows in the last digits.
      version: `${version_wasm}${isFused ? ' fused' : ''}`,
      threads,
      pack,
      sparse: (csr, symmetric, split) => new WasmMatrix(heap, csr, symmetric, split),
      adamSlot: (parameter) => new StagedSlot(wasmAdamSlot(tools, parameter), heap.stage, () => heap.pointerOf(parameter)),
      compile: (step) => new WasmStep(tools, step),
      topK: (users, items, mask, k) => {
        const ranking = rankingOf(tools, items);
        try {
          return ranking.rank(users, mask, k);
        } finally {
          ranking.dispose();
        }
      },
      ranking: (items) => rankingOf(tools, items),
      fallbacks: () => [...fallbacks(), ...pool.notes],
      close: () => pool.close(),
    };
  },
};
