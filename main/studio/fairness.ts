/** The fairness guard: one budget, batch and patience for all models, and where they were unlocked for one, the words that say so. Pure. */
import type { ParsedExperimentRequest } from '#contract/experiment.ts';
import { grouped } from '#contract/grouped.ts';
import type { HyperValue, ModelCard } from '#contract/model-card.ts';
import type { Budget } from '#contract/run.ts';
import { isShared, sharedKeys, sharedValues } from '#contract/training-fields.ts';

const names = { epochs: 'epoch limit', batch_size: 'batch', patience: 'patience' } as const;
type SharedKey = (typeof sharedKeys)[number];

/** What one row of a comparison trains with. */
interface Share {
  readonly title: string;
  readonly values: Readonly<Record<SharedKey, readonly HyperValue[]>>;
}

export interface Unequal {
  /** "epoch limit", "batch", "patience". */
  readonly part: (typeof names)[SharedKey];
  /** "50 (MGCN), 1000 (LightGCN, EGRA)". */
  readonly listed: string;
}

/** The parts that are not the same for all models of a request. A part that all vary over the same values is equal. */
export function unequalIn(request: Pick<ParsedExperimentRequest, 'models' | 'budget'>, cards: readonly ModelCard[]): readonly Unequal[] {
  return unequal(
    request.models.flatMap((choice): Share[] => {
      const card = cards.find(({ id }) => id === choice.model);
      if (choice.external?.kind === 'import' || card?.trained === false) return [];
      const variant = [...(card?.presets ?? []), ...(card?.ablations ?? [])].find(({ id }) => id === choice.preset);
      const several = request.models.filter(({ model }) => model === choice.model).length > 1;
      const title = card?.title ?? choice.external?.title ?? choice.model;
      const of = (key: SharedKey) => {
        if (card === undefined || !isShared(card, key)) return sharedValues(key, {}, request.budget);
        const range = choice.ranges[key];
        return range === undefined ? sharedValues(key, choice, request.budget) : [`${range.from} to ${range.to}`];
      };
      return [
        {
          title: several && variant !== undefined ? `${title} ${variant.title ?? variant.id}` : title,
          values: { epochs: of('epochs'), batch_size: of('batch_size'), patience: of('patience') },
        },
      ];
    }),
  );
}

/** The parts that are not the same for all models of runs that stand side by side. One model with several values is a sweep over them. */
export function unequalAmong(runs: readonly { readonly title: string; readonly budget: Budget }[]): readonly Unequal[] {
  const distinct = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
  return unequal(
    [...grouped(runs, ({ title }) => title)].map(([title, own]) => ({
      title,
      values: {
        epochs: distinct(own.map(({ budget }) => budget.epochs)),
        batch_size: distinct(own.map(({ budget }) => budget.batchSize)),
        patience: distinct(own.map(({ budget }) => budget.patience)),
      },
    })),
  );
}

function unequal(shares: readonly Share[]): readonly Unequal[] {
  return sharedKeys.flatMap((key) => {
    const by = grouped(shares, ({ values }) => values[key].join(' or '));
    if (by.size < 2) return [];
    return [{ part: names[key], listed: [...by].map(([value, of]) => `${value} (${of.map(({ title }) => title).join(', ')})`).join(', ') }];
  });
}

/** "Unequal budget: epoch limit 50 (MGCN), 1000 (LightGCN); patience …": the same in lists of experiments, captions and files. Empty where it is equal. */
export function unequalWords(parts: readonly Unequal[]): string {
  return parts.length === 0 ? '' : `Unequal budget: ${parts.map(({ part, listed }) => `${part} ${listed}`).join('; ')}.`;
}
