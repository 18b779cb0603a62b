import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { sweepRequest } from '#studio/sweep-file.ts';
import { planOf } from '#studio/plan.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import type { Store } from '#store/store.ts';
import { configProblem, configurations, parsed, planned, plannerOf, putDataset } from './store-fixture.ts';

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
});

const plan = (request: Parameters<typeof parsed>[0]) => planned(store, request);

describe('candidates and the use of validation', () => {
  const nested = { validation: 'nested' } as const;

  test('name another configuration, the usual ones none, and stand in what differs', () => {
    const [usual] = configurations({});
    expect(configurations({ evaluation: { candidates: 'all', validation: 'whole' } })[0]!.key).toBe(usual!.key);
    const [other] = configurations({ evaluation: nested });
    expect(other!.key).not.toBe(usual!.key);
    expect(other!.differences).toEqual([{ key: 'validation', value: 'nested' }]);
  });

  test('are in the command, and said in the plan (S12)', async () => {
    const { command, notes } = await plan({ evaluation: { candidates: 'cold-items', validation: 'nested' }, models: [{ model: 'mgcn' }] });
    expect(command).toContain('--candidates cold-items --validation nested');
    expect(notes.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Nested validation: a drawn half of its users chooses the epoch/),
      expect.stringMatching(/^Candidates are items without a train row alone/),
    ]);
    const sweep = await plan({ evaluation: nested, models: [{ model: 'mgcn', vary: { cl_loss: [0.1, 0.2] } }] });
    expect(sweep.command).toContain('evaluation: { validation: nested }');
    expect(sweepRequest(sweep.command.split('\n').slice(1, -1).join('\n'), 'test').evaluation).toEqual({
      candidates: 'all',
      validation: 'nested',
    });
  });

  test('are refused where they mean nothing', async () => {
    expect(() => configurations({ protocol: 'mmrec', evaluation: nested })).toThrowError(
      configProblem('config.evaluation', /validation-selected/),
    );
    const { impossible } = await plan({ evaluation: { candidates: 'cold-items' }, models: [{ model: 'lightgcn' }] });
    expect(impossible[0]?.reason).toContain('LightGCN knows items by their ids alone; not applicable to cold items');
  });

  test('are no plan where a dataset has no cold items: said once, with what to do, and nothing starts (S12)', async () => {
    putDataset(store, 'cold', { name: 'Cold' });
    const planner = { ...plannerOf(store), hasColdItems: ({ summary }: { summary: { id: string } }) => summary.id === 'cold' };
    const asked = (datasets: string[]) =>
      planOf(
        planner,
        parsed({ datasets, evaluation: { candidates: 'cold-items' }, models: [{ model: 'mgcn' }, { model: 'freedom' }] }),
        1,
        tmpdir(),
      );
    const words =
      'Demo has no validation row of an item without train rows, so there are no cold items to rank: choose “All items” as candidates, or make a “cold items” split of it.';
    const { runs, notes } = await asked(['demo']);
    expect(runs).toBe(0);
    expect(notes.filter(({ level }) => level === 'blocking')).toHaveLength(1);
    expect(notes.filter(({ text }) => text === words)).toHaveLength(1);
    const both = await asked(['demo', 'cold']);
    expect(both).toMatchObject({ runs: 2, matrix: { cells: [{ dataset: 'cold' }, { dataset: 'cold' }] } });
    expect(both.notes.filter(({ level }) => level === 'blocking')).toEqual([]);
    expect(both.notes.map(({ text }) => text)).toContain(words);
  });
});
