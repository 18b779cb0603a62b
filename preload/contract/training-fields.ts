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
 * like settings of its card. Epochs, batch and patience are the budget, equal for all models unless somebody unlocks them for one: wherever
 * the experiment stands, it then says so.
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
  epochs: integer({
    label: 'Epochs, at most',
    group: 'Budget',
    default: 1000,
    min: 1,
    max: 100_000,
    advanced: true,
    help: 'Where a run ends even if validation still improves. A limit of its own makes the budget unequal. The plan and tables say so.',
  }),
  batch_size: integer({
    label: 'Batch',
    group: 'Budget',
    default: 2048,
    min: 1,
    max: 1_000_000,
    advanced: true,
    grid: [512, 1024, 2048, 4096],
    help: 'Train rows per step. A batch of its own makes the budget unequal: smaller batches take more steps an epoch. The plan and tables say so.',
  }),
  patience: integer({
    label: 'Patience',
    group: 'Budget',
    default: 20,
    min: 0,
    max: 100_000,
    advanced: true,
    help: 'Misses of the best validation Recall@20 in a row before a run stops. A patience of its own makes the budget unequal. The plan and tables say so.',
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
  epochs: v.parse(hyperFieldSchema, fields.epochs),
  batch_size: v.parse(hyperFieldSchema, fields.batch_size),
  patience: v.parse(hyperFieldSchema, fields.patience),
  width: v.parse(hyperFieldSchema, fields.width),
};

/** The part of a budget behind each. */
const trainingParts = {
  lr: 'learningRate',
  lr_decay: 'learningRateDecay',
  epochs: 'epochs',
  batch_size: 'batchSize',
  patience: 'patience',
  width: 'width',
} as const satisfies Readonly<Record<TrainingKey, keyof Budget>>;

/** Equal for all models unless they are unlocked for one (studio.md section 3). */
export const sharedKeys = ['epochs', 'batch_size', 'patience'] as const satisfies readonly TrainingKey[];

/** What a budget calls it. */
export function budgetPart(key: (typeof sharedKeys)[number]): 'epochs' | 'batchSize' | 'patience' {
  return trainingParts[key];
}

/** Whether a key of a model choice is a part of the budget that all models share. */
export function isShared(card: ModelCard, key: string): key is (typeof sharedKeys)[number] {
  return isTraining(card, key) && sharedKeys.some((shared) => shared === key);
}

/** The values of a shared part that a choice trains with: its own, those it is varied over, else the budget's. */
export function sharedValues(
  key: (typeof sharedKeys)[number],
  {
    values = {},
    vary = {},
  }: { readonly values?: HyperValues | undefined; readonly vary?: Readonly<Record<string, readonly HyperValue[]>> | undefined },
  budget: Partial<Budget>,
): readonly HyperValue[] {
  return vary[key] ?? [values[key] ?? budget[trainingParts[key]] ?? fields[key].default];
}

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
  budget: Partial<Budget>,
): Readonly<Record<TrainingKey, number>> {
  const published = card.presets.find(({ id }) => id === presetId)?.training?.learningRate;
  const asked = budget.learningRate ?? usualRate;
  return {
    lr: asked === usualRate ? (published ?? asked) : asked,
    lr_decay: budget.learningRateDecay ?? card.lrDecay,
    epochs: budget.epochs ?? fields.epochs.default,
    batch_size: budget.batchSize ?? fields.batch_size.default,
    patience: budget.patience ?? fields.patience.default,
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
