/** Cards of models as they are read: their sentences in the language of the page. For showing alone; what is asked of the studio is the card itself. */
import type { HyperField, ModelCard } from '#contract/model-card.ts';
import { heard } from './language.svelte.ts';

export function fieldWords(field: HyperField): HyperField {
  return {
    ...field,
    label: heard(field.label),
    group: heard(field.group),
    help: heard(field.help),
    ...(field.published === undefined ? {} : { published: heard(field.published) }),
    ...(field.reading === undefined ? {} : { reading: heard(field.reading) }),
    ...(field.source === undefined ? {} : { source: heard(field.source) }),
  };
}

export function cardWords(card: ModelCard): ModelCard {
  return {
    ...card,
    summary: heard(card.summary),
    assumes: heard(card.assumes),
    provenance: heard(card.provenance),
    hyper: Object.fromEntries(Object.entries(card.hyper).map(([key, field]) => [key, fieldWords(field)])),
    presets: card.presets.map((preset) => ({
      ...preset,
      from: heard(preset.from),
      ...(preset.title === undefined ? {} : { title: heard(preset.title) }),
    })),
    ablations: card.ablations.map((ablation) => ({ ...ablation, title: heard(ablation.title) })),
  };
}
