import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import { toldReasons } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import type { Model, StageEndState, StageRequest, StageResult } from '#models/define-model.ts';
import { CheckpointFolder } from './checkpoint.ts';
import type { EpochRecord } from './checkpoint.ts';
import { tryLock, waitForLock } from './folder-lock.ts';
import { readParameters } from './diverged.ts';
import { stageBudget, stageIdentity } from './identity.ts';
import { mirrorOf } from './mirror.ts';
import { checkedHyper, createTrainee } from './session.ts';
import type { Session, Trainee } from './session.ts';
import { readStage, writeStage } from './stage-result.ts';
import type { SavedStage } from './stage-result.ts';
import { loadParameters, trainStage } from './train-stage.ts';

export type StageOutcome =
  | { readonly kind: 'ready'; readonly result: StageResult }
  | { readonly kind: 'paused'; readonly epoch: number; readonly dropped?: number }
  | { readonly kind: 'discarded' };

/**
 * A stage before training, e.g. EGRA's pretraining: found in the cache, or trained here while other runs that want the same wait.
 * Its checkpoints lie in the cache too, so whoever comes after a kill (this run again or a waiting one) continues where it stopped.
 * The history of epochs is reported in every case, so that each run's record holds it.
 */
export async function* runStage(session: Session, wanted: StageRequest): AsyncGenerator<TrainingEvent, StageOutcome, void> {
  const request = { ...wanted, hyper: checkedHyper(session.findModel(wanted.model), wanted.hyper) };
  const identity = stageIdentity(session.config, session.dataset, request, session.codeVersion);
  const folder = join(session.cacheFolder, 'stages', identity.slice(0, 32));
  await mkdir(folder, { recursive: true });
  for (;;) {
    const saved = await readStage(folder, identity);
    if (saved !== undefined) {
      yield* reportSaved(session, request, saved);
      return { kind: 'ready', result: saved.result };
    }
    if (session.control.stopWanted !== undefined) return stopped(session);
    if (session.control.isPauseWanted) return { kind: 'paused', epoch: 0 };
    const isDone = async (): Promise<boolean> => (await readStage(folder, identity)) !== undefined;
    let lock = await tryLock(folder);
    if (lock === undefined) {
      yield { type: 'line', level: 'info', text: `Waiting for ${request.model} (stage ${request.id}), which another run is training.` };
      lock = await waitForLock(folder, session.control, isDone);
    }
    if (lock === undefined) continue;
    try {
      if (await isDone()) continue;
      const outcome = yield* build(session, request, { folder, identity, isHeld: lock.isHeld });
      if (outcome !== undefined) return outcome;
    } finally {
      await lock.release();
    }
  }
}

/**
 * Leaves a finished run where a later run looks for its stage: EGRA with seed 1 then finds the MGCN of seed 1 that the same experiment
 * trained anyway. Only for models that some card asks for as a stage, only what patience or budget ended, and not with Mirror Gradient,
 * which stages are trained without.
 */
export async function offerAsStage(
  session: Session,
  trained: { readonly model: Model; readonly history: readonly EpochRecord[]; readonly bestEpoch: number },
): Promise<void> {
  const { config, dataset, codeVersion, cacheFolder, runId } = session;
  if (mirrorOf(config.budget) !== undefined) return;
  const identity = stageIdentity(config, dataset, { id: '', model: config.model, hyper: config.hyper }, codeVersion);
  const folder = join(cacheFolder, 'stages', identity.slice(0, 32));
  if ((await readStage(folder, identity)) !== undefined) return;
  await mkdir(folder, { recursive: true });
  await writeStage(folder, identity, {
    result: vectorsOf(trained.model),
    // Lists belong to the run that showed them.
    history: trained.history.map(({ samples: _samples, ...record }) => record),
    bestEpoch: trained.bestEpoch,
    builtBy: runId,
  });
}

interface Place {
  readonly folder: string;
  readonly identity: string;
  readonly isHeld: () => Promise<boolean>;
}

/** Trains the stage; undefined when another process took over meanwhile. */
async function* build(
  session: Session,
  request: StageRequest,
  place: Place,
): AsyncGenerator<TrainingEvent, StageOutcome | undefined, void> {
  const checkpoints = new CheckpointFolder(place.folder);
  await checkpoints.open();
  const trainee = createTrainee(session, request, {});
  try {
    const last = await checkpoints.readLast();
    const from = last?.identity === place.identity ? last : undefined;
    yield { type: 'stageStarted', stage: request.id, model: request.model, fromEpoch: from?.epoch ?? 0 };
    for (const record of from?.history ?? []) yield record;
    const { model, sampler, streams, decay, isNextItem } = trainee;
    const end = yield* trainStage({
      id: request.id,
      model,
      sampler,
      streams,
      decay,
      isNextItem,
      evaluator: session.evaluator,
      // A probe looks at one short epoch, whatever length the stage has.
      budget: session.batches === undefined ? stageBudget(session.config.budget, request) : session.config.budget,
      batches: session.batches,
      // A stage of set length has no earlier best to fall back on when numbers break.
      protocol: request.epochs === undefined ? session.config.protocol : 'validation',
      scoreTest: false,
      checkpoints,
      from,
      identity: place.identity,
      codeVersion: session.codeVersion,
      control: session.control,
      mayGoOn: place.isHeld,
    });
    switch (end.kind) {
      case 'displaced':
        return undefined;
      case 'paused':
        return end;
      case 'discarded':
        return end;
      case 'done': {
        // A stage cut short by the owner is no pretraining: its vectors must not enter the cache.
        if (toldReasons.some((reason) => reason === end.stopReason)) return stopped(session);
        if (request.epochs === undefined) await loadBest(checkpoints, model, { identity: place.identity, epoch: end.stopping.bestEpoch });
        const saved: SavedStage = {
          result: request.epochs === undefined ? vectorsOf(model) : { ...vectorsOf(model), end: endState(trainee) },
          history: end.history,
          bestEpoch: request.epochs === undefined ? end.stopping.bestEpoch : end.history.length,
          builtBy: session.runId,
        };
        await writeStage(place.folder, place.identity, saved);
        await checkpoints.forgetAll();
        yield finishedEvent(request, saved, false);
        return { kind: 'ready', result: saved.result };
      }
    }
  } finally {
    trainee.model.dispose();
  }
}

async function loadBest(checkpoints: CheckpointFolder, model: Model, wanted: { identity: string; epoch: number }): Promise<void> {
  const best = await checkpoints.readBest();
  if (best === undefined || best.identity !== wanted.identity || best.epoch !== wanted.epoch) {
    // Without `last` the next attempt starts the stage again.
    await checkpoints.forgetLast();
    throw bestLost(checkpoints.bestPath, wanted.epoch);
  }
  loadParameters(model, best.parameters);
}

/** What the next stage of the same model goes on from. */
function endState({ model, streams }: Trainee): StageEndState {
  return {
    parameters: readParameters(model.parameters),
    streams: Object.fromEntries(Object.entries(streams).map(([name, stream]) => [name, stream.save()])),
  };
}

function* reportSaved(session: Session, request: StageRequest, saved: SavedStage): Generator<TrainingEvent, void, void> {
  yield { type: 'stageStarted', stage: request.id, model: request.model, fromEpoch: saved.history.length };
  for (const record of saved.history) yield { ...record, stage: request.id };
  yield finishedEvent(request, saved, saved.builtBy !== session.runId);
}

function finishedEvent(request: StageRequest, { history, bestEpoch }: SavedStage, reused: boolean): TrainingEvent {
  return { type: 'stageFinished', stage: request.id, epochs: history.length, bestEpoch, seconds: workSeconds(history), reused };
}

/** Training and evaluation time of a history, seconds, whoever spent it. */
function workSeconds(history: readonly EpochRecord[]): number {
  return history.reduce((sum, { trainSeconds, evaluationSeconds }) => sum + trainSeconds + evaluationSeconds, 0);
}

function vectorsOf(model: Model): StageResult {
  const { users, items } = model.represent();
  const named = model.parts?.() ?? {};
  try {
    const parts = Object.fromEntries(Object.entries(named).map(([name, values]) => [name, new Float32Array(values.dataSync())]));
    return { width: items.shape[1], users: new Float32Array(users.dataSync()), items: new Float32Array(items.dataSync()), parts };
  } finally {
    for (const values of [users, items, ...Object.values(named)]) values.dispose();
  }
}

function stopped(session: Session): StageOutcome {
  if (session.control.stopWanted === 'discard') return { kind: 'discarded' };
  throw new ProblemError({
    kind: 'cancelled',
    code: 'training.stopped-before-first-epoch',
    message: 'stopped during pretraining, before the first epoch of the run itself, so there is nothing to keep',
  });
}

/** The best checkpoint is missing or damaged although the last one names it. */
export function bestLost(file: string, epoch: number): ProblemError {
  return new ProblemError({
    kind: 'disk',
    code: 'checkpoint.best-damaged',
    message: `the checkpoint of the best epoch (${epoch}) is missing or damaged`,
    where: file,
    values: { epoch },
    fix: 'Check the disk, then start the run again.',
  });
}
