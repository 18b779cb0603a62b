import { expect, it } from 'vitest';
import * as v from 'valibot';
import { tableRequestSchema } from '#contract/table.ts';
import { buildTable } from '#studio/table.ts';
import { comparedRun, comparisonSourceOf } from '../../fixtures/compared-runs.ts';

it('of two settings whose seeds scored the same in another order the first of the grid is shown, which a selection would freeze', () => {
  const runs = (values: readonly number[], k: number) => values.map((recall, seed) => ({ model: 'a', hyper: { k }, seed, recall }));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value) / values.length;
  const [first, second] = [
    [0.3, 0.2, 0.1],
    [0.1, 0.2, 0.3],
  ];
  // Summed in their orders, the second is larger by a last digit.
  expect(mean(second!)).toBeGreaterThan(mean(first!));
  const source = comparisonSourceOf([...runs(first!, 1), ...runs(second!, 2)].map(comparedRun), false);
  const table = buildTable(source, v.parse(tableRequestSchema, { rows: 'model' }));
  expect(table.rows.map(({ differences }) => differences)).toEqual(['k 1']);
});
