import { heard } from '#renderer/locales/language.svelte.ts';
import type { ModelCard } from '#contract/model-card.ts';
import type { ModelDraft } from '#renderer/state/experiment-draft.ts';
import { valueText } from '#renderer/state/setting-rows.ts';

/** "EGRA", or with an ablation or preset "EGRA · without item block". */
export function variantTitle(card: ModelCard | undefined, choice: ModelDraft): string {
  const title = card?.title ?? choice.model;
  return choice.preset === undefined ? title : `${title} · ${presetTitle(card, choice.preset)}`;
}

/** The words of a preset or ablation; one without a title speaks by its id, the model's name taken off ("egra-uniform" → "uniform"). */
export function presetTitle(card: ModelCard | undefined, id: string): string {
  const preset = [...(card?.presets ?? []), ...(card?.ablations ?? [])].find((candidate) => candidate.id === id);
  return heard(preset?.title) ?? id.replace(new RegExp(`^${card?.id ?? ''}-`), '');
}

/** Where a preset's settings were published, how they were trained there, and which of them were changed; undefined without a preset. */
export function publishedWords(card: ModelCard, choice: ModelDraft): string | undefined {
  const preset = card.presets.find(({ id }) => id === choice.preset);
  if (preset === undefined) return undefined;
  const { learningRate, batchSize, epochs } = preset.training ?? {};
  const training = [
    ...(learningRate === undefined ? [] : [`learning rate ${valueText(learningRate)}`]),
    ...(batchSize === undefined ? [] : [`batch ${batchSize}`]),
    ...(epochs === undefined ? [] : [`at most ${epochs} epochs`]),
  ];
  const changed = Object.keys(choice.values).filter((key) => key in preset.values || (key === 'lr' && learningRate !== undefined));
  return [
    `Settings from ${heard(preset.from)}${training.length === 0 ? '' : `, trained with ${training.join(', ')}`}.`,
    ...(changed.length === 0 ? [] : [`Not as published: ${changed.join(', ')}.`]),
  ].join(' ');
}
