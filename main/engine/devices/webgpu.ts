/** Any GPU with a Vulkan, Metal or Direct3D driver: tfjs's webgpu backend on Dawn (npm webgpu), our kernels as WGSL shaders. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { setBackend } from '@tensorflow/tfjs-core';
import type { Device, Runtime } from '../device.ts';
import { DeviceError } from '../device-error.ts';
import { registerPack } from '../ops/kernels.ts';
import { ownFolder } from './assets.ts';
import { watchStock } from './fallbacks.ts';
import { adamSlot } from './webgpu/adam.ts';
import { backendName, startBackend } from './webgpu/backend.ts';
import type { Started } from './webgpu/backend.ts';
import type { GpuAdapter } from './webgpu/dawn.ts';
import { webgpuPack } from './webgpu/pack.ts';
import { GpuMatrix } from './webgpu/products.ts';
import { rank } from './webgpu/ranking.ts';
import { replaceStock } from './webgpu/replaced.ts';
import { Runner } from './webgpu/runner.ts';

function nameOf({ info }: GpuAdapter): string {
  return `WebGPU, ${info.device || info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed GPU'}`;
}

/** Dawn's version: that of the package its binary comes in. */
function versionOfDawn(): string {
  const manifest = createRequire(path.join(ownFolder(), 'webgpu.cjs'))('webgpu/package.json') as { readonly version: string };
  return manifest.version;
}

/** Compiled shaders outlive the opening they were first used in. */
let compiled: { readonly started: Started; readonly gpu: Runner } | undefined;

function runnerOn(started: Started): Runner {
  if (compiled?.started !== started) compiled = { started, gpu: new Runner(started) };
  return compiled.gpu;
}

export const webgpu: Device = {
  id: 'webgpu',
  probe: async () => {
    try {
      const { adapter } = await startBackend();
      return { id: 'webgpu', available: true, name: nameOf(adapter), version: versionOfDawn() };
    } catch (error) {
      const fix = error instanceof DeviceError ? { remedy: error.fix } : {};
      const missing = error instanceof Error ? error.message : String(error);
      return { id: 'webgpu', available: false, name: 'WebGPU', missing, ...fix };
    }
  },
  open: async (): Promise<Runtime> => {
    const started = await startBackend();
    await setBackend(backendName);
    const fallbacks = watchStock(backendName);
    const gpu = runnerOn(started);
    const pack = webgpuPack(gpu);
    registerPack(backendName, pack);
    replaceStock(gpu);
    return {
      backend: backendName,
      name: nameOf(started.adapter),
      version: versionOfDawn(),
      threads: 1,
      pack,
      sparse: (csr, symmetric, split) => new GpuMatrix(gpu, csr, symmetric, split),
      adamSlot: (parameter) => adamSlot(gpu, parameter),
      topK: (users, items, mask, k) => {
        const [rows, width] = users.shape as [number, number];
        return rank(gpu, gpu.of(users), gpu.of(items), { rows, count: items.shape[0]!, width, mask, k });
      },
      fallbacks,
      close: () => started.trim(),
    };
  },
};
