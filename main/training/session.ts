import { hyperFault, orderFault, resolveHyper } from '#contract/model-card.ts';
import type { HyperValues } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import type { RunConfig } from '#contract/run.ts';
import type { Dataset } from '#data/dataset.ts';
import { randomStreams } from '#data/random.ts';
import type { Streams } from '#data/random.ts';
import { Sampler } from '#data/sampler.ts';
import type { OpenDevice } from '#engine/engine.ts';
import type { Model, ModelDefinition, StageResult } from '#models/define-model.ts';
import type { TrainControl } from './control.ts';
import type { Evaluator } from './evaluator.ts';

/** What a training is given. The folders exist or can be made; nothing outside them is touched. */
export interface TrainOptions {
  readonly runId: string;
  readonly config: RunConfig;
  readonly dataset: Dataset;
  readonly device: OpenDevice;
  readonly findModel: (id: string) => ModelDefinition;
  readonly runFolder: string;
  readonly cacheFolder: string;
  readonly codeVersion: string;
  /** True: go on from the checkpoint in `runFolder` if there is one. */
  readonly resume: boolean;
  /** True: the run was stopped and shall go on; the report it left then is no answer. */
  readonly goesOn?: boolean;
  readonly control: TrainControl;
  /** Only so many batches an epoch, of the run and of its stages: a probe, whose result is no result. */
  readonly batches?: number;
  /** Users whose lists are told at each new best epoch; absent: drawn by seed. */
  readonly sampleUsers?: readonly number[] | undefined;
}

export interface Session extends TrainOptions {
  readonly evaluator: Evaluator;
}

/** A model with the streams and batches it is trained with, all new from the run's seed: stages never shift each other's draws. */
export interface Trainee {
  readonly definition: ModelDefinition;
  readonly model: Model;
  readonly streams: Streams;
  readonly sampler: Sampler;
  readonly decay: number;
  readonly isNextItem: boolean;
}

/** Creates a model for this run. The caller disposes it. Throws a config problem on settings that the card does not allow. */
export function createTrainee(
  session: Session,
  wanted: { model: string; hyper: HyperValues },
  stages: Record<string, StageResult>,
): Trainee {
  const { config, dataset } = session;
  const definition = session.findModel(wanted.model);
  const hyper = checkedHyper(definition, wanted.hyper);
  checkOrder(definition, dataset);
  const streams = randomStreams(config.seed);
  const { width, batchSize } = config.budget;
  const sampler = new Sampler(dataset, { batchSize, random: streams });
  const model = definition.create({ dataset, hyper, random: streams, width, batchSize, itemGraph: config.itemGraph, stages });
  const { lrDecay, task } = definition.card;
  return { definition, model, streams, sampler, decay: config.budget.learningRateDecay ?? lrDecay, isNextItem: task === 'next-item' };
}

/** Throws a data problem where a model of next items would read an order that the dataset does not have, or there is no knowledge graph for one. */
function checkOrder({ card }: ModelDefinition, dataset: Dataset): void {
  const { name, train, fingerprint, knowledge } = dataset;
  const fault = orderFault(card, { name, hasTimes: train.times !== undefined, fingerprint, knowledge });
  if (fault === undefined) return;
  throw new ProblemError({
    kind: 'data',
    code: card.needsKnowledge ? 'dataset.no-knowledge' : 'dataset.no-order',
    message: `${card.title} ${fault}`,
    values: { model: card.id, dataset: dataset.name },
    fix: card.needsKnowledge
      ? 'Import a folder with a .kg file, or with brand or category in its item table.'
      : 'Import the log with its times and the split “leave one out” by time.',
  });
}

/** Defaults of the card under the given values. Throws a config problem for an unknown key or a value out of range. */
export function checkedHyper(definition: ModelDefinition, values: HyperValues): HyperValues {
  const { card } = definition;
  for (const [key, value] of Object.entries(values)) {
    const field = card.hyper[key];
    const fault = field === undefined ? `is not a setting; known are ${Object.keys(card.hyper).join(', ')}` : hyperFault(field, value);
    if (fault === undefined) continue;
    throw new ProblemError({
      kind: 'config',
      code: 'config.setting',
      message: `${card.title}: ${key} ${fault}`,
      values: { model: card.id, key, value },
      fix: `Choose a value that the card of ${card.title} allows.`,
    });
  }
  return resolveHyper(card, undefined, values);
}
