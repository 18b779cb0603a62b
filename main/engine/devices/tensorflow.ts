/**
 * The user's TensorFlow: the kernels of @tensorflow/tfjs-node-gpu and ours, both on the libtensorflow inside a TensorFlow Python wheel,
 * called through its C API by koffi. The package's native addon and its download are never used.
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
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
import { cudaBuild, hasNvidiaDriver, packagesAround } from './tensorflow/cuda.ts';
import { findLibrary, installLine, libraryName } from './tensorflow/find-library.ts';
import { replaceSum, tensorflowPack } from './tensorflow/pack.ts';
import { openRanker } from './tensorflow/ranking.ts';
import { Session } from './tensorflow/session.ts';
import { TensorflowMatrix } from './tensorflow/sparse.ts';
import { whatIsCut } from './tensorflow/whole-file.ts';
import { scopeOn } from './tensorflow/workspace.ts';

/** Sessions by library and threads: a context is not closed before the process ends, its tensors may still be read. */
const sessions = new Map<string, Session>();

/**
 * Threads where none are asked for: all of two cores, else one less than there are, at most four. A fixed number on a machine, for a
 * run that goes on must have the threads it began with. Two make tiny products slower, but steps are compiled and their ops run beside
 * each other: steps of every model take about 0.6 of the time of one thread.
 */
export function usualThreads(cores = cpus().length): number {
  return cores <= 2 ? Math.max(1, cores) : Math.min(cores - 1, 4);
}

interface Started {
  readonly file: string;
  readonly session: Session;
  readonly backend: NodeBackend;
  readonly threads: number;
}

function remedyFor(options: OpenOptions): string {
  const line = installLine(options, 'tensorflow-cpu');
  return `${line} (or "tensorflow[and-cuda]" for an NVIDIA GPU), then name its environment in Settings or AVOCET_TENSORFLOW.`;
}

async function start(options: OpenOptions): Promise<Started> {
  const found = await findLibrary(options);
  const remedy = remedyFor(options);
  if ('looked' in found) {
    throw new DeviceError('device', 'tensorflow.missing', `not found: ${libraryName} in ${found.looked.join(', ')}`, remedy);
  }
  const { file } = found;
  // The second library it loads; where that is missing the loader says so.
  const framework = file.replace('tensorflow_cc', 'tensorflow_framework');
  const cut = whatIsCut(file) ?? (existsSync(framework) ? whatIsCut(framework) : undefined);
  if (cut !== undefined) throw new DeviceError('device', 'tensorflow.broken', cut, `Install it again: ${remedy}`);
  const threads = options.threads ?? usualThreads();
  const isDeterministic = options.deterministic ?? process.env['AVOCET_DETERMINISTIC'] === '1';
  const key = `${file} ${threads} ${isDeterministic}`;
  try {
    const session = sessions.get(key) ?? new Session(file, { threads, isDeterministic });
    sessions.set(key, session);
    return { file, session, backend: startBackend(session), threads };
  } catch (error) {
    if (error instanceof DeviceError) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new DeviceError('device', 'tensorflow.failed', `${file} could not be loaded: ${said}`, remedy);
  }
}

/** "TensorFlow 2.21.0 (GPU, CUDA 12.5.1, deterministic), 1 thread". On a GPU the order of sums is said either way; a CPU has one. */
function nameOf({ file, session, threads }: Started): string {
  const cuda = cudaBuild(file);
  const parts = [
    session.hasGpu ? 'GPU' : 'CPU',
    ...(cuda === undefined ? [] : [`CUDA ${cuda.cuda}`]),
    ...(session.isDeterministic ? ['deterministic'] : session.hasGpu ? ['not deterministic'] : []),
  ];
  return `TensorFlow ${session.version} (${parts.join(', ')}), ${threads} thread${threads === 1 ? '' : 's'}`;
}

/** What would let a GPU that is there be used; undefined where it is used or there is none. */
function gpuRemedy({ file, session }: Started): string | undefined {
  if (session.hasGpu || !hasNvidiaDriver()) return undefined;
  const cuda = cudaBuild(file);
  const why =
    cuda === undefined ? 'is built without CUDA' : `found no CUDA ${cuda.cuda} with cuDNN ${cuda.cudnn}, or no GPU that it can use`;
  // packages, python3.x, lib: the environment.
  const environment = path.resolve(packagesAround(file) ?? path.dirname(file), '..', '..', '..');
  return `This machine has an NVIDIA GPU, but this TensorFlow ${why}: ${installLine({ libraryFolder: environment }, '"tensorflow[and-cuda]"')}`;
}

/** What CUDA may see, numbered as the driver's tool does: read as the library starts, in place of what the environment said. */
function showGraphics(index: number): void {
  process.env['CUDA_DEVICE_ORDER'] = 'PCI_BUS_ID';
  process.env['CUDA_VISIBLE_DEVICES'] = String(index);
}

export const tensorflow: Device = {
  id: 'tensorflow',
  probe: async (options) => {
    try {
      const started = await start(options);
      const remedy = gpuRemedy(started);
      const { version } = started.session;
      return { id: 'tensorflow', available: true, name: nameOf(started), version, ...(remedy === undefined ? {} : { remedy }) };
    } catch (error) {
      const fix = error instanceof DeviceError ? { remedy: error.fix } : {};
      const missing = error instanceof Error ? error.message : String(error);
      return { id: 'tensorflow', available: false, name: 'TensorFlow', missing, ...fix };
    }
  },
  open: async (options): Promise<Runtime> => {
    if (options.graphics !== undefined) showGraphics(options.graphics);
    const started = await start(options);
    const { session, backend, threads } = started;
    await setBackend(backendName);
    const fallbacks = watchStock(backendName);
    const scope = scopeOn(session, backend);
    const ranker = await openRanker(scope, { threads, hasGpu: session.hasGpu });
    const pack = tensorflowPack(scope);
    registerPack(backendName, pack);
    replaceSum(scope);
    return {
      backend: backendName,
      name: nameOf(started),
      version: session.version,
      threads,
      pack,
      sparse: (csr, symmetric, split) => new TensorflowMatrix(session, csr, symmetric, split),
      adamSlot: (parameter) => new TensorflowSlot(session, backend, parameter),
      compile: (step) => new TensorflowStep(session, backend, step),
      topK: (users, items, mask, k) => {
        const ranking = ranker.over(items);
        try {
          return ranking.rank(users, mask, k);
        } finally {
          ranking.dispose();
        }
      },
      ranking: (items) => ranker.over(items),
      fallbacks,
      close: () => ranker.close(),
    };
  },
};
