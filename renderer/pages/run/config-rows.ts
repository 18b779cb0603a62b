import { fieldWords } from '#renderer/locales/card-words.ts';
import type { External } from '#contract/external.ts';
import type { HyperField, HyperValue, ModelCard } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import { count } from '#renderer/locales/format.ts';
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
  mirror: 'Mirror Gradient α₂',
  mirrorDescent: 'Mirror Gradient α₁',
  mirrorEvery: 'Mirror Gradient, every β batches',
};

const runLabels: Record<string, string> = {
  dataset: 'Dataset',
  experiment: 'Experiment',
  model: 'Model',
  preset: 'Preset',
  seed: 'Seed',
  protocol: 'Protocol',
  candidates: 'Candidates',
  validation: 'Use of validation',
  itemGraph: 'Item graph',
  device: 'Device',
  threads: 'Threads',
};

/** How forms and tables name what belongs to every run; undefined for a setting of a model, which is named by its key. */
export const commonLabel = (key: string): string | undefined => budgetLabels[key] ?? runLabels[key];

/** Names, which may be numbers and are none. */
const named = new Set(['dataset', 'experiment', 'model', 'preset']);

/** A value as a line of words shows it: whole numbers as everywhere, with their thousands apart; a name stands as it was given. */
export const constantText = (key: string, value: string): string =>
  !named.has(key) && /^\d{4,}$/.test(value) ? count(Number(value)) : value;

/** What a model of the person's own is: its command, or the files of its results. */
function ownRows(external: External): (readonly [key: string, label: string, value: string])[] {
  if (external.kind === 'command')
    return [
      ['command', 'Command', external.command],
      ['folder', 'Folder in which it runs', external.folder],
    ];
  return external.files.map(({ role, path }) => [role, { users: 'User vectors', items: 'Item vectors', lists: 'Lists' }[role], path]);
}

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
    const said = fieldWords(field);
    if (value !== undefined) add(said.group, key, said.label, value, field.default, said);
  }
  for (const [key, value] of Object.entries(config.hyper))
    if (card?.hyper[key] === undefined)
      add(
        config.external === undefined && config.imported === undefined ? 'Settings of an older card' : 'Parameters',
        key,
        key,
        value,
        undefined,
      );
  // What else a run here is given, an imported one was not.
  if (config.imported !== undefined) return rows;
  for (const [key, label, value] of config.external === undefined ? [] : ownRows(config.external))
    add('Your own model', key, label, value, undefined);

  // A card may ask for more epochs and its own decay: that is its default, not a change.
  const defaults: Record<string, number | undefined> = {
    ...protocolBudget,
    minEpochs: card?.minEpochs ?? 0,
    learningRateDecay: card?.lrDecay ?? 1,
    mirror: 0,
    mirrorDescent: 1,
    mirrorEvery: 3,
  };
  for (const [key, value] of Object.entries(config.budget))
    if (value !== undefined) add('Budget, equal for all models', key, budgetLabels[key] ?? key, value, defaults[key]);

  const addCommon = (key: string, value: HyperValue, base: HyperValue | undefined) => add('Run', key, commonLabel(key) ?? key, value, base);
  addCommon('dataset', config.dataset, undefined);
  if (config.preset !== undefined) addCommon('preset', config.preset, undefined);
  addCommon('seed', config.seed, undefined);
  addCommon('protocol', config.protocol, 'validation');
  addCommon('candidates', config.evaluation?.candidates ?? 'all', 'all');
  addCommon('validation', config.evaluation?.validation ?? 'whole', 'whole');
  addCommon('itemGraph', config.itemGraph, 'computed');
  addCommon('device', config.device, 'wasm');
  const share = 'its share of the machine';
  addCommon('threads', config.threads === 0 ? share : config.threads, share);
  return rows;
}
