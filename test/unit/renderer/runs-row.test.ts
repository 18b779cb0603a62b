import { describe, expect, test } from 'vitest';
import type { RunSummary } from '#contract/run.ts';
import type { RunsRow } from '#contract/view.ts';
import { apartFrom, bestEpoch } from '#renderer/state/runs-row.ts';

const run = (seed: number, part: Partial<RunSummary>) =>
  ({ seed, state: 'finished', test: { state: 'masked', reason: 'hidden until frozen' }, ...part }) as RunSummary;
const row = (...runs: RunSummary[]) => ({ runs }) as unknown as RunsRow;

describe('the best epoch of a row', () => {
  test('is the mean over finished seeds, with the epochs it is made of', () => {
    expect(bestEpoch(row(run(1, { bestEpoch: 10 }), run(2, { bestEpoch: 13 }), run(3, { bestEpoch: 40, state: 'running' })))).toEqual({
      text: '11.5',
      words: 'mean best epoch of 2 seeds: 10, 13',
    });
  });

  test('takes the newest run of a seed that ran twice', () => {
    expect(bestEpoch(row(run(1, { bestEpoch: 10 }), run(1, { bestEpoch: 20 })))).toEqual({ text: '20', words: 'best epoch 20' });
  });

  test('is that of a single run, however far it is, and a dash where there is none', () => {
    expect(bestEpoch(row(run(1, { bestEpoch: 7, state: 'running' }))).text).toBe('7');
    expect(bestEpoch(row(run(1, { state: 'queued' }), run(2, { state: 'queued' })))).toEqual({ text: '–', words: 'no best epoch yet' });
    expect(bestEpoch(row(run(1, { state: 'stopped', bestEpoch: 3 }), run(2, { state: 'stopped' }))).words).toBe('no best epoch');
  });
});

describe('a row beside the baseline', () => {
  const cells: Record<string, Record<string, string | undefined>> = {
    base: { protocol: 'validation' },
    other: { protocol: 'mmrec' },
    cold: { protocol: 'validation', candidates: 'cold-items' },
    same: { protocol: 'validation' },
  };
  const of = (key: string, part: Partial<RunSummary> = {}) => ({ ...row(run(1, { dataset: 'demo', ...part })), key }) as RunsRow;
  const cell = (each: RunsRow, field: string) => {
    const text = cells[each.key]?.[field];
    return cells[each.key] === undefined ? undefined : text === undefined ? { missing: '' } : { text };
  };
  const apart = (other: RunsRow) => apartFrom(other, of('base'), cell);

  test('has a difference where both answer one question, and while it is not known whether they do', () => {
    expect(apart(of('same'))).toBeUndefined();
    expect(apart(of('not here yet'))).toBeUndefined();
  });

  test('has none between splits, protocols, candidate sets and evaluators', () => {
    expect(apart(of('same', { dataset: 'fold-1' }))).toBe('dataset');
    expect(apart(of('other'))).toBe('protocol');
    expect(apart(of('cold'))).toBe('candidates');
    expect(apart(of('same', { imported: 'recbole' }))).toBe('evaluator');
  });
});
