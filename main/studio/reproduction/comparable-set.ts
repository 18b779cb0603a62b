/**
 * What `reproduce` trains: the models whose published values can be met with what a folder holds, and those that can only be held
 * against the published harness on the same features. Settings are those of the cards' presets, or the ones that harness was given.
 */
import type { ExperimentRequest } from '#contract/experiment.ts';
import { resolveHyper, type HyperValues, type ModelCard } from '#contract/model-card.ts';

export type Choice = ExperimentRequest['models'][number];

export interface ReproducedRow {
  readonly id: string;
  readonly model: string;
  /** Candidates; of several the best mean on validation is chosen before any test value is seen. */
  readonly choices: readonly Choice[];
  readonly itemGraph: 'computed' | 'imported';
  /** What of the content a run sees: none, only the item graph that came with the folder, or the feature files themselves. */
  readonly sees: 'ids' | 'imported graph' | 'features';
  /** Largest relative difference from the published Recall@20 that counts as met. */
  readonly share?: number;
}

const ids = { itemGraph: 'computed', sees: 'ids' } as const;
const features = { itemGraph: 'computed', sees: 'features' } as const;

export const comparableSet: readonly ReproducedRow[] = [
  { ...ids, id: 'bpr', model: 'bpr', choices: [{ model: 'bpr', preset: 'baby' }], share: 0.05 },
  { ...ids, id: 'lightgcn', model: 'lightgcn', choices: [{ model: 'lightgcn', preset: 'baby' }], share: 0.03 },
  {
    id: 'freedom-imported',
    model: 'freedom',
    choices: [{ model: 'freedom', values: { dropout: 0.8, reg_weight: 0 } }],
    itemGraph: 'imported',
    sees: 'imported graph',
    share: 0.03,
  },
  {
    ...ids,
    id: 'layergcn',
    model: 'layergcn',
    // The authors name settings for other sets only, so both of theirs are candidates.
    choices: [
      { model: 'layergcn', values: { dropout: 0.1, reg_weight: 1e-3 } },
      { model: 'layergcn', values: { dropout: 0.2, reg_weight: 1e-2 } },
    ],
    share: 0.03,
  },
  {
    ...ids,
    id: 'selfcf',
    model: 'selfcf',
    choices: [
      { model: 'selfcf', values: { reg_weight: 1e-5 } },
      { model: 'selfcf', values: { reg_weight: 1e-4 } },
    ],
  },
  { ...features, id: 'vbpr', model: 'vbpr', choices: [{ model: 'vbpr', values: { reg_weight: 0.1 } }] },
  { ...features, id: 'bm3', model: 'bm3', choices: [{ model: 'bm3', preset: 'baby' }] },
  {
    ...features,
    id: 'freedom-computed',
    model: 'freedom',
    choices: [{ model: 'freedom', values: { dropout: 0.8, reg_weight: 0 } }],
  },
  { ...features, id: 'mgcn-0.01', model: 'mgcn', choices: [{ model: 'mgcn', values: { cl_loss: 0.01 } }] },
  { ...features, id: 'mgcn-0.001', model: 'mgcn', choices: [{ model: 'mgcn', values: { cl_loss: 0.001 } }] },
];

/** The experiment of a row: one of its own, so that rows of one setting have nothing to select and budgets stay the models' own. */
export function rowRequest(
  row: ReproducedRow,
  dataset: { readonly id: string; readonly name: string },
  training: Pick<ExperimentRequest, 'budget' | 'seeds' | 'device' | 'threads'>,
): ExperimentRequest {
  return {
    ...training,
    name: `Reproduce ${row.id} on ${dataset.name}`.slice(0, 120),
    question: 'Are published values reached?',
    datasets: [dataset.id],
    models: [...row.choices],
    itemGraph: row.itemGraph,
    protocol: 'validation',
  };
}

/** Settings that a choice states over its card's defaults, as text; "card defaults" where it states none. */
export function settingsText(choice: Choice, card: ModelCard): string {
  const preset = card.presets.find(({ id }) => id === choice.preset);
  const stated: HyperValues = { ...preset?.values, ...choice.values };
  const text = Object.entries(stated)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');
  return text === '' ? 'card defaults' : text;
}

/** True where every setting that a harness was given has the same value in our run; a name that our card lacks is a difference. */
export function hasSettings(choice: Choice, card: ModelCard, settings: Readonly<Record<string, string>>): boolean {
  const hyper = resolveHyper(card, choice.preset, choice.values ?? {});
  return Object.entries(settings).every(([key, value]) => {
    const own = hyper[key];
    return own !== undefined && (String(own) === value || (value !== '' && Number(value) === Number(own)));
  });
}
