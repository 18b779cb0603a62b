/** What cannot run where: models that lack something on a dataset, in words. Pure. */
import type { DatasetSummary } from '#contract/dataset.ts';
import { orderFault } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import type { Configuration } from './configurations.ts';

export interface Impossible {
  readonly model: string;
  readonly dataset: string;
  readonly reason: string;
}

/** Models that lack something on a dataset, with the reason in words. */
export function impossibleOn(
  dataset: DatasetSummary,
  configurations: readonly Configuration[],
  hasColdItems: () => boolean = () => true,
): Impossible[] {
  const found = new Map<string, Impossible>();
  const names = dataset.modalities.map((modality) => modality.name);
  for (const { card, config } of configurations) {
    const missing = card.needs.filter((need) => (need === 'any' ? names.length === 0 : !names.includes(need)));
    const reasons: string[] = [];
    if (missing.length > 0)
      reasons.push(
        `${card.title} needs ${missing.map((need) => (need === 'any' ? 'features of at least one modality' : `${need} features`)).join(' and ')}; ${dataset.name} has ${names.length === 0 ? 'none' : names.join(' and ')}`,
      );
    else if (config.itemGraph === 'imported' && card.needs.length > 0 && dataset.graphs.length === 0)
      reasons.push(`${dataset.name} came without item graphs; choose "computed"`);
    const isCold = config.evaluation?.candidates === 'cold-items';
    if (isCold && dataset.split?.rule.rule !== 'cold-item' && card.needs.length === 0)
      reasons.push(`${card.title} knows items by their ids alone; not applicable to cold items`);
    // Of the dataset and not of the model: told once for all of them.
    if (isCold && reasons.length === 0 && !hasColdItems())
      reasons.push(
        `${dataset.name} has no validation row of an item without train rows, so there are no cold items to rank: choose “All items” as candidates, or make a “cold items” split of it`,
      );
    const own = evaluationFault(config);
    if (own !== undefined) reasons.push(`${card.title} ${own}`);
    if (dataset.split?.rule.rule === 'cold-item' && card.needs.length === 0)
      reasons.push(`${card.title} knows items by their ids alone; not applicable to the items of ${dataset.name} that have no train row`);
    const order = orderFault(card, dataset);
    if (order !== undefined) reasons.push(`${card.title} ${order}`);
    if (reasons.length > 0) found.set(card.id, { model: card.id, dataset: dataset.id, reason: reasons.join('; ') });
  }
  return [...found.values()];
}

/** What a model of the researcher's own cannot be evaluated like: a command is handed all validation rows, and lists were cut after all items were ranked. */
function evaluationFault({ external, evaluation }: Pick<RunConfig, 'external' | 'evaluation'>): string | undefined {
  if (external === undefined || evaluation === undefined) return undefined;
  if (external.kind === 'command' && evaluation.validation === 'nested')
    return 'is a command that sees the whole validation part: it cannot be nested';
  if (evaluation.candidates === 'cold-items' && (external.kind === 'command' || external.form === 'lists'))
    return 'may leave lists over all items, which cannot be ranked among cold items again';
  return undefined;
}
