import type { ModelCard } from '#contract/model-card.ts';
import type { ModelDraft } from '#renderer/state/experiment-draft.ts';

/** "EGRA", or with an ablation or preset "EGRA · without item block". */
export function variantTitle(card: ModelCard | undefined, choice: ModelDraft): string {
  const title = card?.title ?? choice.model;
  return choice.preset === undefined ? title : `${title} · ${presetTitle(card, choice.preset)}`;
}

/** The words of a preset or ablation; one without a title speaks by its id, the model's name taken off ("egra-uniform" → "uniform"). */
export function presetTitle(card: ModelCard | undefined, id: string): string {
  const preset = [...(card?.presets ?? []), ...(card?.ablations ?? [])].find((candidate) => candidate.id === id);
  return preset?.title ?? id.replace(new RegExp(`^${card?.id ?? ''}-`), '');
}
