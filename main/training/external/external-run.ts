import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { External } from '#contract/external.ts';
import { mainStage, type Provenance } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { Evaluator } from '../evaluator.ts';
import { problemOf } from '../failure.ts';
import { forgetFinished, noted, readFinished, writeFinished } from '../finished-run.ts';
import { waitForLock } from '../folder-lock.ts';
import { hashOf, runIdentity } from '../identity.ts';
import { protocolId } from '../provenance.ts';
import type { TrainOptions } from '../session.ts';
import { commandRun } from './command-run.ts';
import { importedRun } from './imported.ts';

/** What a run of a model of the researcher's own is given. Nothing outside these folders is touched by Avocet. */
export interface ExternalOptions extends Omit<TrainOptions, 'findModel'> {
  readonly external: External;
  readonly datasetFolder: string;
  readonly attempt: number;
  /** Threads that the command is told it may use. */
  readonly threads: number;
  /** Milliseconds between asking a command to end (SIGTERM) and ending it (SIGKILL). */
  readonly patienceMs?: number;
}

export interface ExternalSession extends ExternalOptions {
  readonly evaluator: Evaluator;
}

type Finished = Extract<TrainingEvent, { type: 'finished' }>;

/** How the work of an external run ended. */
export type ExternalEnd =
  | { readonly kind: 'done'; readonly result: Omit<Finished, 'type' | 'peakMemoryBytes' | 'leakedTensors' | 'fallbacks'> }
  | { readonly kind: 'paused'; readonly epoch: number }
  | { readonly kind: 'discarded' };

/**
 * A run whose model Avocet does not compute, as the same series of events as a training; the last is `finished`, `paused` or `failed`.
 * Never throws.
 */
export async function* externalRun(options: ExternalOptions): AsyncGenerator<TrainingEvent, void, void> {
  try {
    yield* run(options);
  } catch (error) {
    yield { type: 'failed', problem: problemOf(error), artifacts: [] };
  }
}

async function* run(options: ExternalOptions): AsyncGenerator<TrainingEvent, void, void> {
  const { config, dataset, runFolder, control, device, external } = options;
  yield { type: 'phase', stage: mainStage, phase: 'start', epoch: 0 };
  await mkdir(runFolder, { recursive: true });
  const lock = await waitForLock(runFolder, control);
  if (lock === undefined) {
    yield control.isPauseWanted ? { type: 'paused', epoch: 0 } : discarded;
    return;
  }
  try {
    const identity = hashOf({ run: runIdentity(config, dataset), external });
    if (!options.resume) await forgetFinished(runFolder);
    const told = options.resume && options.goesOn !== true ? await readFinished(runFolder, identity) : undefined;
    if (told !== undefined) {
      yield* told;
      return;
    }
    const tensorsBefore = device.memory().tensors;
    const session: ExternalSession = { ...options, evaluator: new Evaluator(dataset, config.evaluation) };
    const report: TrainingEvent[] = [];
    const end = yield* noted(workOf(session), report);
    if (end.kind !== 'done') {
      yield end.kind === 'paused' ? { type: 'paused', epoch: end.epoch } : discarded;
      return;
    }
    const finished: Finished = {
      type: 'finished',
      ...end.result,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      leakedTensors: device.memory().tensors - tensorsBefore,
      fallbacks: [...device.fallbacks()],
    };
    await writeFinished(runFolder, identity, [...report, finished]);
    yield finished;
  } finally {
    await lock.release();
  }
}

function workOf(session: ExternalSession): AsyncGenerator<TrainingEvent, ExternalEnd, void> {
  const { external } = session;
  switch (external.kind) {
    case 'import':
      return importedRun(session, external);
    case 'command':
      return commandRun(session, external);
  }
}

const discarded: TrainingEvent = {
  type: 'failed',
  problem: { kind: 'cancelled', code: 'training.discarded', message: 'stopped and discarded', values: {} },
  artifacts: [],
};

/** What every run says when it begins; `record` is what is known of the model. */
export function prepared(session: ExternalSession, record: Provenance['model']): TrainingEvent {
  const { device, dataset, config, codeVersion, evaluator } = session;
  const { validation, test } = evaluator.evaluated;
  return {
    type: 'prepared',
    provenance: {
      codeVersion,
      libraries: { node: process.versions.node, v8: process.versions.v8 },
      device: `${device.id}: ${device.name}, for ranking`,
      deviceVersion: device.version,
      threads: device.threads,
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      fallbacks: [...device.fallbacks()],
      compile: 'none: the model was trained outside Avocet',
      splitHash: dataset.fingerprint.splitHash,
      featureHashes: Object.fromEntries(dataset.modalities.map(({ name, hash }) => [name, hash])),
      protocolId: protocolId(config, dataset),
      itemGraph: config.itemGraph,
      model: record,
    },
    parameters: 0,
    evaluatedUsers: { validation: validation.length, test: test.length, dropped: evaluator.dropped },
  };
}
