import { tensor } from '@tensorflow/tfjs-core';
import type { Variable } from '@tensorflow/tfjs-core';
import type { Budget, MetricValues, stopReasons } from '#contract/run.ts';
import { ProblemError } from '#contract/problem.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { restoreStreams } from '#data/random.ts';
import type { Streams } from '#data/random.ts';
import type { Sampler } from '#data/sampler.ts';
import { Adam } from '#engine/ops/adam.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import type { StartedStep } from '#engine/ops/train-step.ts';
import type { Model } from '#models/define-model.ts';
import type { CheckpointFolder, EpochRecord, StageState } from './checkpoint.ts';
import { breathe, breatheOrDrop, EpochDropped } from './control.ts';
import type { TrainControl } from './control.ts';
import { divergedParameter, divergedProblem, divergedTerm, readParameters } from './diverged.ts';
import { isOutOfPatience, learningRateAt, noObservation, observe } from './early-stopping.ts';
import type { StoppingRule, StoppingState } from './early-stopping.ts';
import type { Evaluator, ScoredPart } from './evaluator.ts';
import type { RankedLists } from './metrics.ts';
import { mirrorOf, stepFactors, stepInputs, stepLoss } from './mirror.ts';
import { samplesOf } from './samples.ts';

export interface StageWork {
  readonly id: string;
  readonly model: Model;
  readonly sampler: Sampler;
  readonly evaluator: Evaluator;
  /** Whether the model predicts next items: validation and test are then ranked from histories of their own. */
  readonly isNextItem: boolean;
  /** The streams that model and sampler draw from. */
  readonly streams: Streams;
  readonly budget: Budget;
  readonly decay: number;
  readonly protocol: 'validation' | 'mmrec';
  /** Score test each epoch as well: the MMRec protocol does, for the main stage. Diagnostic. */
  readonly scoreTest: boolean;
  /** Users whose lists are told at each new best epoch. */
  readonly samples?: readonly number[];
  readonly checkpoints: CheckpointFolder;
  /** Where to go on; the model was created from the run's seed as if new. */
  readonly from: StageState | undefined;
  readonly identity: string;
  readonly codeVersion: string;
  readonly control: TrainControl;
  /** Only so many batches an epoch. */
  readonly batches?: number | undefined;
  /** Asked after each epoch; false ends the stage without a result (another process took it over). */
  readonly mayGoOn?: () => Promise<boolean>;
}

export type StageEnd =
  | {
      readonly kind: 'done';
      readonly stopReason: (typeof stopReasons)[number];
      readonly stopping: StoppingState;
      readonly history: readonly EpochRecord[];
      /** How steps ran, see TrainStep. */
      readonly compile: string;
    }
  | { readonly kind: 'paused'; readonly epoch: number; readonly dropped?: number }
  | { readonly kind: 'discarded' }
  | { readonly kind: 'displaced' };

/**
 * Trains one model until patience, budget or the owner ends it. Each epoch: draw, train, evaluate, report, write the best (where
 * it is) and then the last checkpoint, in this order, so that the best on disk is never older than the last one says.
 * Throws a diverged problem on the first number that is not finite (under the MMRec protocol: ends with the earlier best).
 */
export async function* trainStage(work: StageWork): AsyncGenerator<TrainingEvent, StageEnd, void> {
  const rule: StoppingRule = { patience: work.budget.patience, minEpochs: work.budget.minEpochs, protocol: work.protocol };
  const history: EpochRecord[] = [...(work.from?.history ?? [])];
  let stopping = work.from?.stopping ?? noObservation;
  let epoch = work.from?.epoch ?? 0;
  if (work.from !== undefined) takeUp(work, work.from);
  const { model } = work;
  const adam = new Adam(model.parameters);
  const step = new TrainStep({ parameters: model.parameters, adam, loss: stepLoss(model, mirrorOf(work.budget)) });
  try {
    if (work.from !== undefined) adam.restore(work.from.adam);
    for (;;) {
      const stopReason = endReason(work, rule, stopping, epoch);
      if (stopReason !== undefined) return { kind: 'done', stopReason, stopping, history, compile: step.mode };
      if (work.control.isPauseWanted) return { kind: 'paused', epoch };

      yield { type: 'phase', stage: work.id, phase: 'train', epoch: epoch + 1 };
      const trained = await trainEpoch(work, step, epoch);
      if (trained.kind === 'stopped') {
        if (work.control.isDropWanted) return { kind: 'paused', epoch, dropped: epoch + 1 };
        if (work.control.stopWanted === 'discard') return { kind: 'discarded' };
        if (stopping.bestEpoch === 0) throw nothingToKeep();
        return { kind: 'done', stopReason: work.control.reason, stopping, history, compile: step.mode };
      }
      const parameters = readParameters(checkpointed(work.model));
      const broken = divergedParameter(parameters);
      if (trained.kind === 'diverged' || broken !== undefined) {
        const where = trained.kind === 'diverged' ? trained : { batch: work.sampler.batches, ...broken! };
        if (work.protocol === 'mmrec' && stopping.bestEpoch > 0)
          return { kind: 'done', stopReason: 'non-finite-loss', stopping, history, compile: step.mode };
        throw divergedProblem({ stage: work.id, epoch: epoch + 1, ...where });
      }

      yield { type: 'phase', stage: work.id, phase: 'evaluate', epoch: epoch + 1 };
      step.rest();
      const evaluation = await evaluate(work);
      if (evaluation === undefined) return { kind: 'paused', epoch, dropped: epoch + 1 };
      epoch += 1;
      stopping = observe(rule, stopping, evaluation.validation['recall@20'] ?? 0);
      const record: EpochRecord = {
        type: 'epochFinished',
        stage: work.id,
        epoch,
        loss: trained.loss,
        terms: trained.terms,
        learningRate: trained.learningRate,
        trainSeconds: trained.seconds,
        evaluationSeconds: evaluation.seconds,
        validation: evaluation.validation,
        bestEpoch: stopping.bestEpoch,
        bestValue: stopping.bestValue,
        misses: stopping.misses,
        ...(evaluation.test === undefined ? {} : { test: evaluation.test }),
        ...(stopping.bestEpoch === epoch && work.samples !== undefined ? { samples: samplesOf(evaluation.lists, work.samples) } : {}),
      };
      history.push(record);
      yield record;

      yield { type: 'phase', stage: work.id, phase: 'checkpoint', epoch };
      const { identity, codeVersion, id: stage } = work;
      if (stopping.bestEpoch === epoch) await work.checkpoints.writeBest({ identity, codeVersion, stage, epoch, parameters });
      const streams = Object.fromEntries(Object.entries(work.streams).map(([name, stream]) => [name, stream.save()]));
      const bytes = await work.checkpoints.writeLast({
        identity,
        codeVersion,
        stage,
        epoch,
        stopping,
        streams,
        history,
        parameters,
        adam: adam.save(),
      });
      yield { type: 'checkpointWritten', stage, epoch, bytes };
      if (work.mayGoOn !== undefined && !(await work.mayGoOn())) return { kind: 'displaced' };
      // A stop that came during evaluation or writing must not cost another epoch.
      if (work.control.stopWanted === 'discard') return { kind: 'discarded' };
    }
  } finally {
    step.dispose();
    adam.dispose();
  }
}

function endReason(work: StageWork, rule: StoppingRule, stopping: StoppingState, epoch: number): (typeof stopReasons)[number] | undefined {
  // Nothing to train (ItemKNN): one look at it is all there is.
  if (epoch >= 1 && work.model.parameters.size === 0) return 'epoch-limit';
  if (isOutOfPatience(rule, stopping)) return 'early-stopping';
  if (epoch >= work.budget.epochs) return 'epoch-limit';
  if (work.control.stopWanted === 'keep' && stopping.bestEpoch > 0) return work.control.reason;
  return undefined;
}

type Trained =
  | { kind: 'done'; loss: number; terms: Record<string, number>; learningRate: number; seconds: number }
  | { kind: 'diverged'; batch: number; term: string; value: number }
  | { kind: 'stopped' };

/** One epoch (from 0) of steps. `seconds` covers drawing, steps and nothing else. */
async function trainEpoch(work: StageWork, step: TrainStep, epoch: number): Promise<Trained> {
  const started = performance.now();
  const learningRate = learningRateAt(work.budget.learningRate, work.decay, epoch);
  const terms: Record<string, number> = {};
  let loss = 0;
  let batchNumber = 0;
  const mirror = mirrorOf(work.budget);
  let place = 0;
  let running: { readonly step: StartedStep; readonly factor: number } | undefined;
  /** Ends the running step; the term of it that is no number, if one is. */
  const ended = (): { term: string; value: number } | undefined => {
    if (running === undefined) return undefined;
    const { factor } = running;
    const outcome = running.step.finish();
    running = undefined;
    if (factor > 0) batchNumber += 1;
    // The parameters are spoilt by then, and not kept.
    const broken = divergedTerm(outcome.total, outcome.terms);
    if (broken !== undefined) return broken;
    // Told is the loss that the batch came with, not that of a mirrored step.
    if (factor < 0) return undefined;
    loss += outcome.total / factor;
    for (const [name, value] of Object.entries(outcome.terms)) terms[name] = (terms[name] ?? 0) + value;
    return undefined;
  };
  if (work.model.parameters.size === 0) return { kind: 'done', loss: 0, terms, learningRate, seconds: 0 };
  if (work.model.epochWork === undefined) work.model.beforeEpoch?.(epoch);
  for (const pieces = work.model.epochWork?.(epoch); pieces?.next().done === false;) {
    await breathe();
    if (isLeaving(work.control)) {
      pieces.return();
      return { kind: 'stopped' };
    }
  }
  let taken = 0;
  for (const batch of work.sampler.epoch()) {
    if (taken++ === work.batches) break;
    await breathe();
    if (isLeaving(work.control)) return { kind: 'stopped' };
    // While the device computes a step, the next one's inputs are drawn and prepared.
    for (const factor of stepFactors(mirror, place++)) {
      const inputs = stepInputs(mirror, work.model.inputs(batch, epoch), factor);
      step.prepare(inputs);
      const broken = ended();
      if (broken !== undefined) return { kind: 'diverged', batch: batchNumber, ...broken };
      running = { step: step.start(inputs, learningRate), factor };
    }
  }
  const broken = ended();
  if (broken !== undefined) return { kind: 'diverged', batch: batchNumber, ...broken };
  return { kind: 'done', loss, terms, learningRate, seconds: (performance.now() - started) / 1000 };
}

/** Whether an epoch ends before its last batch: how, its stage decides. */
const isLeaving = (control: TrainControl): boolean => control.stopWanted !== undefined || control.isDropWanted;

interface Evaluation {
  readonly validation: MetricValues;
  readonly test?: MetricValues;
  readonly lists: RankedLists;
  readonly seconds: number;
}

/** Undefined where the epoch is dropped meanwhile. */
async function evaluate(work: StageWork): Promise<Evaluation | undefined> {
  const started = performance.now();
  const { evaluator, model, isNextItem } = work;
  const parts: ScoredPart[] = work.scoreTest ? ['epoch', 'test'] : ['epoch'];
  const scored: Partial<Record<ScoredPart, MetricValues>> = {};
  let validated: RankedLists | undefined;
  // What ranks both parts ranks them at once; a history that differs by part is ranked by part.
  for (const together of isNextItem ? parts.map((part) => [part]) : [parts]) {
    const vectors = model.scorer === undefined ? model.represent(together[0] === 'test' ? 'test' : 'validation') : undefined;
    try {
      const lists = await evaluator.rank(vectors ?? model.scorer!(), evaluator.usersOf(together), breatheOrDrop(work.control));
      for (const part of together) scored[part] = evaluator.score(lists, part).values;
      if (together.includes('epoch')) validated = lists;
    } catch (error) {
      if (error instanceof EpochDropped) return undefined;
      throw error;
    } finally {
      vectors?.users.dispose();
      vectors?.items.dispose();
    }
  }
  const { epoch: validation, ...test } = scored;
  return { validation: validation!, ...test, lists: validated!, seconds: (performance.now() - started) / 1000 };
}

function takeUp(work: StageWork, state: StageState): void {
  loadParameters(work.model, state.parameters);
  restoreStreams(work.streams, state.streams);
}

/** What a checkpoint holds of a model. */
function checkpointed({ parameters, kept }: Model): ReadonlyMap<string, Variable> {
  return kept === undefined ? parameters : new Map([...parameters, ...kept]);
}

/** Puts saved values into a model's variables. Throws where the saved set does not fit the model. */
export function loadParameters(model: Model, values: ReadonlyMap<string, Float32Array>): void {
  for (const [name, parameter] of checkpointed(model)) {
    const saved = values.get(name);
    if (saved === undefined || saved.length !== parameter.size) {
      throw new ProblemError({
        kind: 'internal',
        code: 'checkpoint.other-parameters',
        message: `the checkpoint holds ${saved?.length ?? 'no'} values for ${name}, the model has ${parameter.size}`,
        values: { parameter: name },
        fix: 'Start the run again; this checkpoint was written by another version of the model.',
      });
    }
    const loaded = tensor(saved, parameter.shape);
    parameter.assign(loaded);
    loaded.dispose();
  }
}

function nothingToKeep(): ProblemError {
  return new ProblemError({
    kind: 'cancelled',
    code: 'training.stopped-before-first-epoch',
    message: 'stopped before the first epoch was finished, so there is nothing to keep',
  });
}
