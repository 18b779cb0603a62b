import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import { mainStage, type Artifact } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { restoreStreams } from '#data/random.ts';
import { cards } from '#models/cards.ts';
import type { Model, StageEndState, StageResult } from '#models/define-model.ts';
import { artifactOf, writeResults } from './artifacts.ts';
import { CheckpointFolder } from './checkpoint.ts';
import type { StageState } from './checkpoint.ts';
import { breatheOrDrop, EpochDropped } from './control.ts';
import { readParameters } from './diverged.ts';
import { Evaluator } from './evaluator.ts';
import { problemOf } from './failure.ts';
import { finalScores } from './final-scores.ts';
import { forgetFinished, noted, readFinished, writeFinished } from './finished-run.ts';
import { waitForLock } from './folder-lock.ts';
import { runIdentity } from './identity.ts';
import { provenanceOf } from './provenance.ts';
import { sampleUsers } from './samples.ts';
import { createTrainee } from './session.ts';
import type { Session, Trainee, TrainOptions } from './session.ts';
import { bestLost, offerAsStage, runStage } from './stages.ts';
import type { StageOutcome } from './stages.ts';
import { loadParameters, trainStage } from './train-stage.ts';
import type { StageEnd } from './train-stage.ts';

/** Models that some other card trains as a stage before its own. */
const stageModels = new Set(
  cards.flatMap((card) =>
    card.stages.flatMap((stage) => [stage.model, ...Object.values(stage.modelBy?.models ?? {})]).filter((model) => model !== card.id),
  ),
);

/**
 * One run from data to result files, as a series of events; the last is `finished`, `paused` or `failed`. Never throws: every
 * error becomes a `failed` event. A resumed run tells its whole history again, so whoever stores it misses nothing.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainingEvent, void, void> {
  try {
    yield* run(options);
  } catch (error) {
    yield { type: 'failed', problem: problemOf(error), artifacts: await checkpointsIn(options.runFolder) };
  }
}

async function* run(options: TrainOptions): AsyncGenerator<TrainingEvent, void, void> {
  const { config, dataset, runFolder, control, device } = options;
  yield { type: 'phase', stage: mainStage, phase: 'start', epoch: 0 };
  await mkdir(runFolder, { recursive: true });
  // A worker whose owner died may still be finishing a batch here.
  const lock = await waitForLock(runFolder, control);
  if (lock === undefined) {
    yield cancelled(control.isPauseWanted);
    return;
  }
  try {
    const identity = runIdentity(config, dataset);
    const told = options.resume && !options.goesOn ? await readFinished(runFolder, identity) : undefined;
    if (told !== undefined) {
      yield* told;
      return;
    }
    const tensorsBefore = device.memory().tensors;
    const session: Session = { ...options, evaluator: new Evaluator(dataset, config.evaluation) };
    const report: TrainingEvent[] = [];
    const end = yield* noted(runStages(session, identity), report);
    if (end.kind !== 'done') {
      yield end.kind === 'paused' ? pausedBy(end) : cancelled(false);
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
    // Only now: until the report is on disk, a kill continues from the last checkpoint.
    await new CheckpointFolder(runFolder).forgetOlder(finished.epochs);
    yield finished;
  } finally {
    await lock.release();
  }
}

type Finished = Extract<TrainingEvent, { type: 'finished' }>;
type RunEnd =
  | { readonly kind: 'done'; readonly result: Omit<Finished, 'type' | 'peakMemoryBytes' | 'leakedTensors' | 'fallbacks'> }
  | { readonly kind: 'paused'; readonly epoch: number; readonly dropped?: number }
  | { readonly kind: 'discarded' };

async function* runStages(session: Session, identity: string): AsyncGenerator<TrainingEvent, RunEnd, void> {
  const { config, runFolder, codeVersion, control, evaluator } = session;
  const checkpoints = new CheckpointFolder(runFolder);
  await checkpoints.open();
  if (!session.resume) await forget(checkpoints);
  const from = await continuation(checkpoints, identity);
  if (from !== undefined && from.codeVersion !== codeVersion) yield otherVersion(from.codeVersion, codeVersion);

  const begun = yield* begin(session);
  if (begun.kind !== 'begun') return begun;
  const { model, sampler, streams, decay, isNextItem } = begun.trainee;
  try {
    const parameters = [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0);
    const { epoch, validation, test } = evaluator.evaluated;
    const nested = evaluator.isNested ? { epoch: epoch.length } : {};
    const evaluatedUsers = { validation: validation.length, test: test.length, dropped: evaluator.dropped, ...nested };
    yield { type: 'prepared', provenance: provenanceOf(session, model), parameters, evaluatedUsers };
    yield { type: 'stageStarted', stage: mainStage, model: config.model, fromEpoch: from?.epoch ?? 0 };
    for (const record of from?.history ?? []) yield record;
    const { budget, protocol } = config;
    const scoreTest = protocol === 'mmrec';
    const samples = sampleUsers(epoch, session.sampleUsers);
    const { batches } = session;
    const shared = { id: mainStage, model, sampler, streams, decay, isNextItem, evaluator, budget, protocol, scoreTest, samples, batches };
    const end = yield* trainStage({ ...shared, checkpoints, from, identity, codeVersion, control });
    switch (end.kind) {
      case 'paused':
        return end;
      case 'discarded':
      case 'displaced':
        return { kind: 'discarded' };
      case 'done':
        try {
          return { kind: 'done', result: yield* conclude(session, { model, isNextItem, checkpoints, identity, end }) };
        } catch (error) {
          // Every epoch is written: when the run goes on, only the last scoring is done.
          if (error instanceof EpochDropped) return { kind: 'paused', epoch: end.history.length };
          throw error;
        }
    }
  } finally {
    model.dispose();
  }
}

type Begun = { readonly kind: 'begun'; readonly trainee: Trainee } | Exclude<StageOutcome, { readonly kind: 'ready' }>;

/** The run's stages, and then its model, which the caller disposes. What the stages handed on is let go with this function. */
export async function* begin(session: Session): AsyncGenerator<TrainingEvent, Begun, void> {
  const { config } = session;
  const stages: Record<string, StageResult> = {};
  for (const request of session.findModel(config.model).stages?.(config.hyper) ?? []) {
    const outcome = yield* runStage(session, request);
    if (outcome.kind !== 'ready') return outcome;
    stages[request.id] = outcome.result;
  }
  const trainee = createTrainee(session, config, stages);
  try {
    for (const { end } of Object.values(stages)) if (end !== undefined) goOn(trainee, end);
  } catch (error) {
    trainee.model.dispose();
    throw error;
  }
  return { kind: 'begun', trainee };
}

/** Takes up where a stage of the same model ended; a checkpoint of the run itself comes later and overrides it. */
function goOn({ model, streams }: Trainee, end: StageEndState): void {
  loadParameters(model, new Map([...readParameters(model.kept ?? new Map()), ...end.parameters]));
  restoreStreams(streams, end.streams);
}

interface Conclusion {
  readonly model: Model;
  readonly isNextItem: boolean;
  readonly checkpoints: CheckpointFolder;
  readonly identity: string;
  readonly end: Extract<StageEnd, { kind: 'done' }>;
}

/** Scores the best checkpoint once on both parts and leaves the result files. */
async function* conclude(
  session: Session,
  { model, isNextItem, checkpoints, identity, end }: Conclusion,
): AsyncGenerator<TrainingEvent, Extract<RunEnd, { kind: 'done' }>['result'], void> {
  const { evaluator, runFolder } = session;
  const { bestEpoch } = end.stopping;
  yield { type: 'phase', stage: mainStage, phase: 'test', epoch: bestEpoch };
  const best = await checkpoints.readBest();
  if (best === undefined || best.identity !== identity || best.epoch !== bestEpoch) throw bestLost(checkpoints.bestPath, bestEpoch);
  loadParameters(model, best.parameters);
  const results = await finalScores(model, evaluator, isNextItem, breatheOrDrop(session.control));
  const { validation, test } = results;
  const recorded = end.history[bestEpoch - 1]?.validation['recall@20'];
  const chosen = evaluator.isNested ? evaluator.score(results.before?.lists ?? results.lists, 'epoch') : validation;
  if (recorded !== chosen.values['recall@20']) {
    const text = `The best checkpoint scores ${chosen.values['recall@20']} in validation Recall@20, its epoch recorded ${recorded}.`;
    yield { type: 'line', level: 'warn', text };
  }

  yield { type: 'phase', stage: mainStage, phase: 'artifacts', epoch: bestEpoch };
  const written = await writeResults(runFolder, results);
  const isWhole = end.stopReason === 'early-stopping' || end.stopReason === 'epoch-limit';
  if (isWhole && stageModels.has(session.config.model)) await offerAsStage(session, { model, history: end.history, bestEpoch });
  const artifacts = [...(await checkpointArtifacts(checkpoints, end.history.length)), ...written];
  return {
    stopReason: end.stopReason,
    epochs: end.history.length,
    bestEpoch,
    validation: validation.values,
    test: test.values,
    compile: end.compile,
    artifacts,
  };
}

async function forget(checkpoints: CheckpointFolder): Promise<void> {
  await checkpoints.forgetAll();
  await forgetFinished(checkpoints.folder);
}

/** The state to go on from; undefined starts at the first epoch. Throws a config problem for a checkpoint of other settings or data. */
async function continuation(checkpoints: CheckpointFolder, identity: string): Promise<StageState | undefined> {
  const state = await checkpoints.readLast();
  if (state === undefined || state.identity === identity) return state;
  throw new ProblemError({
    kind: 'config',
    code: 'checkpoint.other-run',
    message: `the checkpoint after epoch ${state.epoch} was written with other settings or other data`,
    where: checkpoints.folder,
    values: { epoch: state.epoch },
    fix: 'Start a new run with these settings (Clone), or restore the dataset that the run began with.',
  });
}

function otherVersion(found: string, own: string): TrainingEvent {
  const text = `The checkpoint was written by version ${found}, this is ${own}: results may differ from those of an uninterrupted run.`;
  return { type: 'line', level: 'warn', text };
}

function pausedBy({ epoch, dropped }: Extract<RunEnd, { readonly kind: 'paused' }>): TrainingEvent {
  return { type: 'paused', epoch, ...(dropped === undefined ? {} : { dropped }) };
}

function cancelled(isPause: boolean): TrainingEvent {
  if (isPause) return { type: 'paused', epoch: 0 };
  const problem = { kind: 'cancelled' as const, code: 'training.discarded', message: 'stopped and discarded', values: {} };
  return { type: 'failed', problem, artifacts: [] };
}

async function checkpointsIn(folder: string): Promise<Artifact[]> {
  const checkpoints = new CheckpointFolder(folder);
  const last = await checkpoints.readLast().catch(() => undefined);
  return await checkpointArtifacts(checkpoints, last?.epoch);
}

/** The checkpoints that lie in a run's folder: the best one, and the last one after so many epochs. */
async function checkpointArtifacts(checkpoints: CheckpointFolder, epochs: number | undefined): Promise<Artifact[]> {
  const { folder, bestPath } = checkpoints;
  const best = await artifactOf(folder, 'checkpoint-best', basename(bestPath));
  const last = epochs === undefined ? undefined : await artifactOf(folder, 'checkpoint-last', basename(checkpoints.lastPath(epochs)));
  return [best, last].filter((artifact): artifact is Artifact => artifact !== undefined);
}
