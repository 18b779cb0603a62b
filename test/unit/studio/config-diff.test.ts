import { describe, expect, it } from 'vitest';
import type { RunConfig } from '#contract/run.ts';
import { configDiff } from '#studio/config-diff.ts';
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

describe('configurations side by side', () => {
  it('puts differing settings first', () => {
    const diff = configDiff([
      comparedRun({ model: 'a', hyper: { k: 5 }, seed: 1, recall: 0 }, 0),
      comparedRun({ model: 'a', hyper: { k: 10 }, seed: 1, recall: 0 }, 1),
    ]);
    expect(diff.rows[0]).toEqual({ key: 'k', values: ['5', '10'], differs: true });
    expect(diff.rows.filter((row) => row.differs)).toHaveLength(1);
    expect(new Set(diff.runs.map(({ title }) => title)).size).toBe(2);
    expect(diff.runs.map(({ runIds }) => runIds)).toEqual([['run-0'], ['run-1']]);
  });
});

describe('what configurations side by side reached', () => {
  it('is the mean over finished seeds, with the reason where there is none, and nothing of an imported run', () => {
    const diff = configDiff([
      comparedRun({ model: 'a', seed: 1, recall: 0.1 }, 0),
      comparedRun({ model: 'a', seed: 2, recall: 0.3 }, 1),
      comparedRun({ model: 'b', seed: 1, recall: 0, state: 'failed' }, 2),
      comparedRun({ model: 'c', seed: 1, recall: 0.9, imported: { tool: 'mlflow', source: 'mlruns' } as never }, 3),
    ]);
    expect(diff.metrics.map(({ key, better }) => [key, better])).toEqual([
      ['recall@20', 'higher'],
      ['ndcg@20', 'higher'],
    ]);
    const [first, ...others] = diff.metrics[0]!.values;
    expect(first).toMatchObject({ n: 2 });
    expect([first!.mean, first!.sd]).toEqual([expect.closeTo(0.2, 12) as number, expect.closeTo(Math.SQRT2 / 10, 12) as number]);
    expect(others).toEqual([
      { n: 0, missing: 'failed' },
      { n: 0, missing: 'imported' },
    ]);
  });
});
