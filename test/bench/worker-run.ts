import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { resolveHyper } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import { fromWorkerSchema } from '#contract/task.ts';
import type { FromWorker, Task, TrainingEvent, TrainTask } from '#contract/task.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';
import { cardById } from '#models/cards.ts';
import { forkSpawn } from '#studio/spawn.ts';
import type { WorkerProcess } from '#studio/spawn.ts';
import { drawnDataset, sizes } from './drawn-dataset.ts';
import type { SizeId } from './drawn-dataset.ts';
import type { Bench } from './sides.ts';
import { batchSize, learningRate, width } from './trainee.ts';

/** Real workers, as the studio forks them, for the rows that measure more than the arithmetic. */

const workerEntry = join(import.meta.dirname, '../../main/worker/process.ts');

const running = new Set<WorkerProcess>();

export function killWorkers(): void {
  for (const worker of running) worker.kill('SIGKILL');
}

/** Gives a new worker one task. Resolves when `isEnough` says so of a message (the worker is then killed) or when it ends. */
export async function workerTask(task: Task, isEnough: (message: FromWorker) => boolean = () => false): Promise<void> {
  const worker = forkSpawn(workerEntry)('bench');
  running.add(worker);
  try {
    await new Promise<void>((resolve, reject) => {
      let complaints = '';
      worker.onOutput((stream, text) => (complaints += stream === 'stderr' ? text : ''));
      worker.onMessage((value) => {
        const message = v.parse(fromWorkerSchema, value);
        if (message.type === 'ready') worker.send({ type: 'start', task });
        if (message.type === 'problem') reject(new Error(message.problem.message));
        if (isEnough(message)) resolve();
      });
      worker.onExit(({ code }) => (code === 0 ? resolve() : reject(new Error(`the worker ended with ${code}: ${complaints.trim()}`))));
    });
  } finally {
    worker.kill('SIGKILL');
    running.delete(worker);
  }
}

/** A drawn dataset as a folder in the MMRec layout, ready to be imported. */
export async function writeDrawnFolder(parent: string, size: SizeId = 'baby'): Promise<string> {
  const folder = join(parent, 'source');
  await mkdir(folder);
  const dataset = drawnDataset(sizes[size]);
  const lines = (['train', 'validation', 'test'] as const).flatMap((name, label) => {
    const { users, items } = dataset[name];
    return Array.from(users, (user, row) => `${user}\t${items[row]}\t${label}`);
  });
  await writeFile(join(folder, 'drawn.inter'), `userID\titemID\tx_label\n${lines.join('\n')}\n`);
  for (const { name, values, width: columns } of dataset.modalities) {
    await writeFile(join(folder, `${name}_feat.npy`), writeNpy(values, [dataset.items, columns]));
  }
  return folder;
}

export const datasetName = 'drawn';

/** Imports a folder through a worker into `datasetsFolder`. */
export async function importFolder(folder: string, datasetsFolder: string): Promise<void> {
  await mkdir(datasetsFolder, { recursive: true });
  await workerTask({ kind: 'import', request: { from: 'folder', folder, name: datasetName }, datasetsFolder });
}

export function runConfig(bench: Bench, model: string, threads: number, epochs: number): RunConfig {
  return {
    dataset: datasetName,
    model,
    hyper: resolveHyper(cardById(model)!, undefined, {}),
    seed: 1,
    budget: { epochs, minEpochs: 0, patience: epochs, batchSize, learningRate, width },
    protocol: 'validation',
    itemGraph: 'computed',
    device: bench.device,
    threads,
  };
}

export function trainTask(bench: Bench, config: RunConfig, folders: { dataset: string; run: string; cache: string }): TrainTask {
  return {
    kind: 'train',
    runId: 'bench',
    attempt: 1,
    config,
    datasetFolder: folders.dataset,
    runFolder: folders.run,
    cacheFolder: folders.cache,
    codeVersion: 'bench',
    resume: false,
    goesOn: false,
    eventIntervalMs: 0,
    ...(bench.tensorflow === undefined ? {} : { libraryFolder: bench.tensorflow }),
  };
}

/** The training events of a message with the worker's clock. */
export function eventsOf(message: FromWorker): readonly { at: number; event: TrainingEvent }[] {
  return message.type === 'events' ? message.events : [];
}
