import { expect, it } from 'vitest';
import type { RunConfig } from '#contract/run.ts';
import { configDiff } from '#studio/comparisons.ts';
import { comparedRun } from '../../fixtures/compared-runs.ts';

it('names the command of a model of one’s own, seeds in their order, and of an imported run no seed that its log does not name', () => {
  const external = { kind: 'command', title: 'Mine', command: 'python3 mf.py', folder: '/models' } as const;
  const own = [2, 1].map((seed) => comparedRun({ model: 'a', seed, recall: 0 }, seed));
  const log = comparedRun({ model: 'b', seed: 0, recall: 0, imported: 'wandb' }, 0);
  const diff = configDiff([
    ...own.map((run) => ({ ...run, config: { ...run.config, external } })),
    { ...log, config: { ...log.config, imported: { source: 'runs.csv' } as NonNullable<RunConfig['imported']> } },
  ]);
  const row = (key: string) => diff.rows.find((known) => known.key === key)?.values;
  expect([row('command'), row('folder'), row('seed')]).toEqual([
    ['python3 mf.py', ''],
    ['/models', ''],
    ['1, 2', ''],
  ]);
  expect(row('external')).toBeUndefined();
  expect(diff.runs.map(({ title }) => title)).toEqual(['A on demo, 2 seeds', 'B on demo']);
});
