import * as v from 'valibot';
import { expect, it, vi } from 'vitest';
import { figureRecipeSchema } from '#contract/figure-recipe.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Ranking, Statistics } from '#contract/statistics.ts';
import type { Curves } from '#contract/table.ts';
import { rankFigure } from '#renderer/pages/compare/rank-figure.ts';
import { look } from '#renderer/pages/export/redrawn.ts';
import { plainLayout } from '#renderer/state/curve-layout.ts';
import { curvesFigure } from '#renderer/state/curves-figure.ts';
import { fingerprintOf, recipeWords } from '#renderer/state/saved-figures.ts';
import { connectTo } from './drawn-link.ts';

// Nothing is drawn here, so that no word is as wide as the page sets it.
vi.mock('#renderer/charts/text-width.ts', () => ({ textWidth: () => 0 }));

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

const series = (values: readonly number[]): Curves['curves'][number]['mean'] => ({
  ...{ key: 'recall@20', stage: 'training', epochs: Int32Array.from(values, (_, at) => at + 1) },
  values: Float64Array.from(values),
});
const curve = (key: string, values: readonly number[]): Curves['curves'][number] => ({
  ...{ key, dataset: 'demo', datasetName: 'Demo', model: 'mgcn', title: 'MGCN', differences: key, inferred: false, n: 1 },
  ...{ runIds: [`run-${key}`], mean: series(values), whole: values.length, held: Int32Array.from(values, () => 1) },
  ...{ loss: series(values), seconds: series(values), steps: { state: 'known', perEpoch: 4 }, sentence: '' },
});

it('curves would look the same until what is shown of them changes; what cannot be drawn any more says why', async () => {
  let answer: () => Curves['curves'] = () => [curve('a', [0.1, 0.2]), curve('b', [0.1, 0.3])];
  const asked: unknown[] = [];
  connectTo((name, input) => {
    if (name === 'compare.curves') asked.push(input);
    return Promise.resolve().then(() => ({ metric: 'recall@20', curves: answer() }));
  });
  const request = { scope: { experiments: ['e1'], runs: [] }, metric: 'recall@20' };
  const source = curvesFigure({ metric: 'recall@20', curves: answer() }, { request, layout: plainLayout, hidden: ['b'] })!;
  const paper = { format: 'pdf' as const, columns: 'one' as const, aspect: 0.62 };
  const recipe = v.parse(figureRecipeSchema, source.again!.recipe);
  const figure = { title: 'Depths', recipe, paper, fingerprint: await fingerprintOf(source.again!.facts) };
  expect(await look(figure)).toEqual({ state: 'current' });
  expect(asked).toEqual([request]);
  // What is hidden is not in the figure.
  answer = () => [curve('a', [0.1, 0.2]), curve('b', [0.1, 0.3, 0.4])];
  expect((await look(figure)).state).toBe('current');
  answer = () => [{ ...curve('a', [0.1, 0.2]), bestEpoch: 2 }];
  expect((await look(figure)).state).toBe('changed');
  answer = () => [curve('a', [0.1, 0.2]), curve('c', [0.2])];
  expect((await look(figure)).state).toBe('changed');
  answer = () => [curve('b', [0.1])];
  expect(await look(figure)).toMatchObject({ state: 'no-data', problem: { message: 'There is nothing to draw any more.' } });
  answer = () => {
    throw new ProblemError({ kind: 'config', code: 'experiment.unknown', message: 'There is no experiment e1', values: {} });
  };
  expect(await look(figure)).toMatchObject({ state: 'no-data', problem: { message: 'There is no experiment e1' } });
});

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
