import * as v from 'valibot';
import {
  hyperFieldSchema,
  integer,
  logNumber,
  number,
  type HyperField,
  type HyperValue,
  type HyperValues,
  type ModelCard,
} from './model-card.ts';
import type { Budget } from './run.ts';

/**
 * Settings of training that a model may have for itself: published grids tune them (models.md section 5), so a model choice may set or vary them
 * like settings of its card. Epochs and patience are not among them: they are the budget, equal for all models.
 */
const fields = {
  lr: logNumber({
    label: 'Learning rate',
    group: 'Training',
    default: 1e-3,
    min: 0,
    max: 1e40,
    exclusiveMin: true,
    grid: [1e-4, 5e-4, 1e-3, 5e-3, 1e-2],
    help: 'Adam’s step size. Most published grids tune it for each model, so it may differ between models.',
    formula: 'lr · c^(t/50) in epoch t, c = lr_decay',
  }),
  lr_decay: number({
    label: 'Learning-rate decay',
    group: 'Training',
    default: 1,
    min: 0,
    max: 1,
    exclusiveMin: true,
    advanced: true,
    grid: [0.96, 1],
    help: 'What is left of the learning rate after 50 epochs; 1 keeps it as it is.',
    formula: 'c in lr · c^(t/50)',
  }),
  batch_size: integer({
    label: 'Batch',
    group: 'Training',
    default: 2048,
    min: 1,
    max: 1_000_000,
    advanced: true,
    grid: [512, 1024, 2048, 4096],
    help: 'Train rows per step. A batch of its own makes the budget unequal: smaller batches take more steps an epoch. The plan and tables say so.',
  }),
  width: integer({
    label: 'Width of embeddings',
    group: 'Training',
    default: 64,
    min: 1,
    max: 4096,
    advanced: true,
    grid: [32, 64, 128],
    help: 'Numbers per user and item. A width of its own gives a model more or less room than the others; the plan and tables say so.',
  }),
};

export type TrainingKey = keyof typeof fields;

const trainingFields: Readonly<Record<TrainingKey, HyperField>> = {
  lr: v.parse(hyperFieldSchema, fields.lr),
  lr_decay: v.parse(hyperFieldSchema, fields.lr_decay),
  batch_size: v.parse(hyperFieldSchema, fields.batch_size),
  width: v.parse(hyperFieldSchema, fields.width),
};

/** The part of a budget behind each. */
const trainingParts = {
  lr: 'learningRate',
  lr_decay: 'learningRateDecay',
  batch_size: 'batchSize',
  width: 'width',
} as const satisfies Readonly<Record<TrainingKey, keyof Budget>>;

const usualRate = fields.lr.default;

/** Whether a key of a model choice is about training; a setting of the card of the same name comes first. */
function isTraining(card: ModelCard, key: string): key is TrainingKey {
  return card.trained && !Object.hasOwn(card.hyper, key) && Object.hasOwn(trainingFields, key);
}

/** The field behind a key of a model choice: the card's, else one of training. */
export function fieldOf(card: ModelCard, key: string): HyperField | undefined {
  return isTraining(card, key) ? trainingFields[key] : card.hyper[key];
}

/** Every key that a choice of the model may set or vary. */
export function settingKeys(card: ModelCard): string[] {
  return [...Object.keys(card.hyper), ...Object.keys(trainingFields).filter((key) => isTraining(card, key))];
}

/** Values of a choice without those about training: what the model itself is given. */
export function modelValues(card: ModelCard, values: HyperValues): HyperValues {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !isTraining(card, key)));
}

/**
 * What a choice trains with unless it says otherwise: the experiment's budget, and the learning rate of a published preset where the experiment
 * keeps the usual one. A preset's batch and epochs stay unused: they would make the budget unequal without anybody having asked for it.
 */
export function trainingDefaults(
  card: ModelCard,
  presetId: string | undefined,
  budget: Partial<Pick<Budget, 'learningRate' | 'learningRateDecay' | 'batchSize' | 'width'>>,
): Readonly<Record<TrainingKey, number>> {
  const published = card.presets.find(({ id }) => id === presetId)?.training?.learningRate;
  const asked = budget.learningRate ?? usualRate;
  return {
    lr: asked === usualRate ? (published ?? asked) : asked,
    lr_decay: budget.learningRateDecay ?? card.lrDecay,
    batch_size: budget.batchSize ?? fields.batch_size.default,
    width: budget.width ?? fields.width.default,
  };
}

/** The budget of one configuration: the experiment's, with what the choice's preset and its own values say about training. */
export function budgetOf(card: ModelCard, presetId: string | undefined, values: HyperValues, budget: Budget): Budget {
  const own: Partial<Record<keyof Budget, HyperValue>> = {};
  for (const [key, value] of Object.entries(values)) if (isTraining(card, key)) own[trainingParts[key]] = value;
  const learningRate = card.trained ? trainingDefaults(card, presetId, budget).lr : budget.learningRate;
  return { ...budget, learningRate, ...(own as Partial<Budget>) };
}
