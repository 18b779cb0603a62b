/**
 * The user's TensorFlow: the kernels of @tensorflow/tfjs-node-gpu and ours, both on the libtensorflow inside a TensorFlow Python wheel,
 * called through its C API by koffi. The package's native addon and its download are never used.
 */
import { existsSync } from 'node:fs';
import { setBackend } from '@tensorflow/tfjs-core';
import type { Device, Runtime } from '../device.ts';
import { DeviceError } from '../device-error.ts';
import type { OpenOptions } from '../engine.ts';
import { registerPack } from '../ops/kernels.ts';
import { watchStock } from './fallbacks.ts';
import { TensorflowSlot } from './tensorflow/adam.ts';
import type { NodeBackend } from './tensorflow/backend.ts';
import { backendName, startBackend } from './tensorflow/backend.ts';
import { TensorflowStep } from './tensorflow/compiled-step.ts';
import { findLibrary, libraryName } from './tensorflow/find-library.ts';
import { replaceSum, tensorflowPack } from './tensorflow/pack.ts';
import { Chooser } from './tensorflow/ranking.ts';
import { Session } from './tensorflow/session.ts';
import { TensorflowMatrix } from './tensorflow/sparse.ts';
import { whatIsCut } from './tensorflow/whole-file.ts';
import { scopeOn } from './tensorflow/workspace.ts';

const remedy =
  'pip install tensorflow-cpu (or "tensorflow[and-cuda]" for an NVIDIA GPU), then name its environment in Settings or AVOCET_TENSORFLOW.';

/** Sessions by library and threads: a context is not closed before the process ends, its tensors may still be read. */
const sessions = new Map<string, Session>();

interface Started {
  readonly session: Session;
  readonly backend: NodeBackend;
  readonly threads: number;
}

async function start(options: OpenOptions): Promise<Started> {
  const found = await findLibrary(options);
  if ('looked' in found) {
    throw new DeviceError('device', 'tensorflow.missing', `not found: ${libraryName} in ${found.looked.join(', ')}`, remedy);
  }
  // The second library it loads; where that is missing the loader says so.
  const framework = found.file.replace('tensorflow_cc', 'tensorflow_framework');
  const cut = whatIsCut(found.file) ?? (existsSync(framework) ? whatIsCut(framework) : undefined);
  if (cut !== undefined) throw new DeviceError('device', 'tensorflow.broken', cut, `Install it again: ${remedy}`);
  const threads = options.threads ?? 1;
  const key = `${found.file} ${threads}`;
  try {
    const session = sessions.get(key) ?? new Session(found.file, threads);
    sessions.set(key, session);
    return { session, backend: startBackend(session), threads };
  } catch (error) {
    if (error instanceof DeviceError) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new DeviceError('device', 'tensorflow.failed', `${found.file} could not be loaded: ${said}`, remedy);
  }
}

function nameOf(session: Session, threads: number): string {
  return `TensorFlow ${session.version} (${session.hasGpu ? 'GPU' : 'CPU'}), ${threads} thread${threads === 1 ? '' : 's'}`;
}

export const tensorflow: Device = {
  id: 'tensorflow',
  probe: async (options) => {
    try {
      const { session, threads } = await start(options);
      return { id: 'tensorflow', available: true, name: nameOf(session, threads), version: session.version };
    } catch (error) {
      const fix = error instanceof DeviceError ? { remedy: error.fix } : {};
      const missing = error instanceof Error ? error.message : String(error);
      return { id: 'tensorflow', available: false, name: 'TensorFlow', missing, ...fix };
    }
  },
  open: async (options): Promise<Runtime> => {
    const { session, backend, threads } = await start(options);
    await setBackend(backendName);
    const fallbacks = watchStock(backendName);
    const scope = scopeOn(session, backend);
    const chooser = await Chooser.open();
    const pack = tensorflowPack(scope);
    registerPack(backendName, pack);
    replaceSum(scope);
    return {
      backend: backendName,
      name: nameOf(session, threads),
      version: session.version,
      threads,
      pack,
      sparse: (csr, symmetric) => new TensorflowMatrix(session, csr, symmetric),
      adamSlot: (parameter) => new TensorflowSlot(session, backend, parameter),
      compile: (step) => new TensorflowStep(session, backend, step),
      topK: (users, items, mask, k) => {
        const [rows, width] = users.shape as [number, number];
        return scope((on) => chooser.rank(on, on.of(users), on.of(items), { rows, count: items.shape[0]!, width, mask, k }));
      },
      fallbacks,
      close: () => undefined,
    };
  },
};
