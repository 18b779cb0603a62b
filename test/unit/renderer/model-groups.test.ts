import { describe, expect, it } from 'vitest';
import { cards } from '#models/cards.ts';
import { matching, modelGroups } from '#renderer/state/model-groups.ts';

const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

describe('the list of models', () => {
  it('has every model in one group, in the order of the cards', () => {
    const groups = modelGroups(cards);
    expect(ids(groups.flatMap((group) => group.cards)).sort()).toEqual(ids(cards).sort());
    for (const group of groups) expect(ids(group.cards)).toEqual(ids(cards.filter((card) => group.cards.includes(card))));
    const of = (id: string) => groups.find((group) => group.cards.some((card) => card.id === id))?.title;
    expect([of('bpr'), of('mgcn'), of('egra')]).toEqual(['Interactions alone', 'With item features', 'With item features and pretraining']);
  });

  it('has the person’s own models first, by themselves', () => {
    const own = { ...cards.find(({ id }) => id === 'mgcn')!, id: 'mine', own: { folder: '/models/mine', source: 'of the test' } };
    const [first, ...others] = modelGroups([...cards, own]);
    expect([first!.title, ids(first!.cards)]).toEqual(['Your own', ['mine']]);
    expect(ids(others.flatMap((group) => group.cards)).sort()).toEqual(ids(cards).sort());
  });

  it('leaves out groups without a match', () => {
    expect(modelGroups(matching(cards, 'lightgcn simplifying')).map(({ title, cards: found }) => [title, ids(found)])).toEqual([
      ['Interactions alone', ['lightgcn']],
    ]);
    expect(modelGroups(matching(cards, 'no such model'))).toEqual([]);
    expect(matching(cards, ' ')).toEqual([...cards]);
  });
});
