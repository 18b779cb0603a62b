import * as v from 'valibot';
import { expect, it } from 'vitest';
import { figureRecipeSchema } from '#contract/figure-recipe.ts';
import type { Ranking, Statistics } from '#contract/statistics.ts';
import { rankFigure } from '#renderer/pages/compare/rank-figure.ts';
import { fingerprintOf, recipeWords } from '#renderer/state/saved-figures.ts';

const rows: Statistics['rows'] = ['mgcn', 'egra', 'vbpr'].map((model) => ({
  ...{ key: model, model, title: model.toUpperCase(), differences: '', inferred: false },
}));
const ranking: Ranking = {
  metric: 'ndcg@20',
  datasets: 5,
  averages: [1.4, 2.2, 2.4],
  criticalDifference: 1.5,
  groups: [[0, 1, 2]],
  tally: [],
};
const choices = { request: { table: { scope: { experiments: ['e1'] } }, options: { design: 'seed' as const } }, metric: 'ndcg@20' };

it('mean ranks are known by what their diagram shows, and remembered with the question they answer', async () => {
  const figureOf = (more: Partial<Ranking>) => rankFigure({ rankings: [{ ...ranking, ...more }], rows }, choices);
  const { name, again, data } = figureOf({})!;
  expect([name, recipeWords(again!.recipe)]).toEqual(['ranks-ndcg-20', 'Mean ranks of NDCG@20']);
  expect(data().split('\r\n')[1]).toBe('MGCN,1.4,5');
  expect(v.parse(figureRecipeSchema, again!.recipe)).toMatchObject({
    kind: 'ranks',
    metric: 'ndcg@20',
    request: { options: { design: 'seed' } },
  });
  const known = await fingerprintOf(again!.facts);
  const others = await Promise.all(
    [{}, { averages: [1.2, 2.4, 2.4] }, { groups: [[0], [1, 2]] }, { criticalDifference: 1.4 }].map((more) =>
      fingerprintOf(figureOf(more)!.again!.facts),
    ),
  );
  expect(others.map((other) => other === known)).toEqual([true, false, false, false]);
  expect(figureOf({ averages: [] })).toBeUndefined();
  expect(rankFigure({ rankings: [ranking], rows }, { ...choices, metric: 'recall@20' })).toBeUndefined();
});
