/** The list of models in New experiment, in groups by what a model is trained on. Pure. */
import { heard } from '#renderer/locales/language.svelte.ts';
import type { ModelCard } from '#contract/model-card.ts';

export interface ModelGroup {
  readonly title: string;
  readonly cards: readonly ModelCard[];
}

/** Cards that match every word of a search, by title, words and paper, in their order. */
export function matching(cards: readonly ModelCard[], search: string): ModelCard[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return cards.filter((card) => {
    const text = `${card.id} ${card.title} ${card.summary} ${heard(card.summary)} ${card.paper.title} ${card.paper.year}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Groups that have a card; cards keep their order. */
export function modelGroups(cards: readonly ModelCard[]): ModelGroup[] {
  const own = cards.filter((card) => card.own !== undefined);
  const given = cards.filter((card) => card.own === undefined);
  const groups: readonly ModelGroup[] = [
    { title: 'Your own', cards: own },
    { title: 'Interactions alone', cards: given.filter(({ needs, needsKnowledge }) => needs.length === 0 && !needsKnowledge) },
    { title: 'With item features', cards: given.filter(({ needs, stages }) => needs.length > 0 && stages.length === 0) },
    { title: 'With item features and pretraining', cards: given.filter(({ needs, stages }) => needs.length > 0 && stages.length > 0) },
    { title: 'With a knowledge graph', cards: given.filter(({ needs, needsKnowledge }) => needs.length === 0 && needsKnowledge) },
  ];
  return groups.filter((group) => group.cards.length > 0);
}
