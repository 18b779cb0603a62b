import { describe, expect, it } from 'vitest';
import type { ExperimentSummary } from '#contract/experiment.ts';
import { listedOnce } from '#renderer/state/experiment-twins.ts';

const experiment = (id: string, runs: readonly string[], own: Partial<ExperimentSummary> = {}): ExperimentSummary =>
  ({
    id,
    name: 'Ablations',
    runs: runs.length,
    matrix: {
      datasets: [],
      seeds: [],
      rows: [],
      cells: runs.map((runId, seed) => ({ dataset: 'demo', model: 'm', configuration: 'c', seed, runId, state: 'known', masked: false })),
    },
    ...own,
  }) as unknown as ExperimentSummary;

const shown = (...experiments: ExperimentSummary[]) =>
  listedOnce(experiments).map(({ entry, twins }) => [entry.id, ...twins.map(({ id }) => id)]);

describe('experiments over the same runs', () => {
  it('are listed once, the newest with the older ones beside it, whatever the order of their runs', () => {
    expect(shown(experiment('new', ['a', 'b']), experiment('other', ['a']), experiment('old', ['b', 'a']))).toEqual([
      ['new', 'old'],
      ['other'],
    ]);
  });

  it('stand for themselves under another name, frozen, or without a run', () => {
    expect(
      shown(
        experiment('new', ['a']),
        experiment('named', ['a'], { name: 'Others' }),
        experiment('frozen', ['a'], { frozenAt: 1 }),
        experiment('empty', []),
        experiment('void', []),
      ),
    ).toEqual([['new'], ['named'], ['frozen'], ['empty'], ['void']]);
  });

  it('keep the one a person is at in the list, and count what was trained before', () => {
    const list = listedOnce([experiment('new', ['a', 'b']), experiment('old', ['a', 'b'])], 'old');
    expect(list.map(({ entry, twins, reused }) => [entry.id, twins.length, reused])).toEqual([
      ['new', 0, 2],
      ['old', 0, 2],
    ]);
  });
});
