import type { HyperField, HyperValue, ModelCard } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import { protocolBudget } from '#renderer/state/experiment-draft.ts';
import { valueText } from '#renderer/state/setting-rows.ts';

export interface ConfigRow {
  readonly group: string;
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly default: string | undefined;
  readonly differs: boolean;
  readonly field?: HyperField;
}

const budgetLabels: Record<string, string> = {
  epochs: 'Epochs, at most',
  minEpochs: 'Epochs, at least',
  patience: 'Patience',
  batchSize: 'Batch',
  learningRate: 'Learning rate',
  learningRateDecay: 'Learning-rate factor per 50 epochs',
  width: 'Embedding width',
};

/** Every resolved setting of a run beside its default, model settings in card order first. A setting the card no longer has stays. */
export function configRows(config: RunConfig, card: ModelCard | undefined): readonly ConfigRow[] {
  const rows: ConfigRow[] = [];
  const add = (group: string, key: string, label: string, value: HyperValue, base: HyperValue | undefined, field?: HyperField) =>
    rows.push({
      group,
      key,
      label,
      value: valueText(value),
      default: base === undefined ? undefined : valueText(base),
      differs: base !== undefined && base !== value,
      ...(field === undefined ? {} : { field }),
    });

  for (const [key, field] of Object.entries(card?.hyper ?? {})) {
    const value = config.hyper[key];
    if (value !== undefined) add(field.group, key, field.label, value, field.default, field);
  }
  for (const [key, value] of Object.entries(config.hyper))
    if (card?.hyper[key] === undefined) add('Settings of an older card', key, key, value, undefined);

  // A card may ask for more epochs and its own decay: that is its default, not a change.
  const defaults: Record<string, number | undefined> = {
    ...protocolBudget,
    minEpochs: card?.minEpochs ?? 0,
    learningRateDecay: card?.lrDecay ?? 1,
  };
  for (const [key, value] of Object.entries(config.budget))
    if (value !== undefined) add('Budget, equal for all models', key, budgetLabels[key] ?? key, value, defaults[key]);

  add('Run', 'dataset', 'Dataset', config.dataset, undefined);
  if (config.preset !== undefined) add('Run', 'preset', 'Preset', config.preset, undefined);
  add('Run', 'seed', 'Seed', config.seed, undefined);
  add('Run', 'protocol', 'Protocol', config.protocol, 'validation');
  add('Run', 'itemGraph', 'Item graph', config.itemGraph, 'computed');
  add('Run', 'device', 'Device', config.device, 'wasm');
  add('Run', 'threads', 'Threads', config.threads, 1);
  return rows;
}
