import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentRequest, ExperimentSummary } from '#contract/experiment.ts';
import type { Link } from '#contract/link.ts';
import { closeAll, drawDemo, homeLike, openHere, request, until } from '../fixture.ts';

let template: string;
beforeAll(async () => {
  template = await drawDemo();
});
afterEach(closeAll);
afterAll(() => rmSync(template, { recursive: true, force: true }));

const varied: ExperimentRequest['models'] = [
  { model: 'lightgcn', vary: { n_layers: [1, 2] }, ranges: { reg_weight: { from: 1e-6, to: 1e-2 } } },
];

/** The experiment once its search is over. */
async function over(link: Link, id: string): Promise<ExperimentSummary> {
  for await (const _queue of link.stream('queue.watch', {})) {
    const { summary } = await link.call('experiments.get', { id });
    if (summary.search?.isOver === true) return summary;
  }
  throw new Error('the studio closed');
}

const rowsOf = (summary: ExperimentSummary) => summary.matrix.rows.map((row) => row.differences);

describe('a random search', () => {
  test('runs through the queue as ordinary runs, all seeds of each trial, and its test values stay masked', async () => {
    const link = (await openHere(homeLike(template))).link();
    const asked = request({ models: varied, search: { strategy: 'random', trials: 3, seed: 4 }, seeds: [1, 2], budget: { epochs: 2 } });
    const plan = await link.call('experiments.plan', asked);
    expect(plan).toMatchObject({ runs: 6, search: { trials: 3, fewest: 6, most: 6, rungs: [] } });
    expect(plan.matrix.rows).toHaveLength(3);
    expect(plan.notes.map(({ text }) => text)).toContain(
      'Equal for all models: 3 trials per model and dataset, drawn at random (seed 4).',
    );
    const { experimentId, runIds } = await link.call('experiments.start', asked);
    expect(runIds).toHaveLength(6);
    const runs = await until(link, runIds, 'finished');
    expect(new Set(runs.map((run) => run.configHash)).size).toBe(3);
    expect(runs.every((run) => run.test.state === 'masked')).toBe(true);
    const summary = await over(link, experimentId);
    expect(rowsOf(summary)).toEqual(plan.matrix.rows.map((row) => row.differences));
    expect(summary).toMatchObject({ coverage: { done: 3, of: 3, unit: 'trials' }, search: { proposed: 3, trials: 3, halted: 0 } });
  });
});
