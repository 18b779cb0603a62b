import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import type { MemoryTried } from '#contract/memory.ts';
import type { TrainOptions } from './session.ts';
import { train } from './trainer.ts';

/** Steps that a probe takes: the first one is recorded and compiled, the second runs as all later ones do. */
const probeBatches = 2;
/** Again after an evaluation and a checkpoint: what these leave lies beside the second time. */
const probeEpochs = 2;

/**
 * What a run holds at its peak, by doing its work in short: the model is built on the dataset, takes two batches, is evaluated, writes its
 * checkpoints and its result files, and so does each stage before it. All of it in a folder that goes again; nothing is left in the caches,
 * since a stage cut short is no pretraining. Throws a problem of kind cancelled when the control is told to stop, and what training throws.
 */
export async function tryMemory(
  options: Omit<TrainOptions, 'runFolder' | 'resume' | 'batches'>,
  tell: (phase: string) => void,
): Promise<MemoryTried> {
  await mkdir(options.cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(options.cacheFolder, 'memory-'));
  try {
    const { config } = options;
    const short: TrainOptions = {
      ...options,
      config: { ...config, budget: { ...config.budget, epochs: probeEpochs, minEpochs: 0, patience: 1 } },
      runFolder: join(folder, 'run'),
      cacheFolder: folder,
      resume: false,
      batches: probeBatches,
    };
    const started = performance.now();
    for await (const event of train(short)) {
      if (event.type === 'stageStarted') tell(event.stage);
      if (event.type === 'failed') throw new ProblemError(event.problem);
      if (event.type === 'finished') return { peakMemoryBytes: event.peakMemoryBytes, seconds: (performance.now() - started) / 1000 };
    }
    throw new ProblemError({ kind: 'cancelled', code: 'memory.cancelled', message: 'The probe of memory was stopped' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
