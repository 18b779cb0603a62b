/** A grid of 60 of which 3 were deleted: exactly those 3 run (studio.md G11). */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExperimentRequest } from '#contract/experiment.ts';
import { openStore } from '#store/store.ts';
import { finishRun } from '#test/unit/store/fixture.ts';
import { closeAll, drawDemo, homeLike, openHere, request } from './fixture.ts';

const patience = 600_000;
let template = '';
beforeAll(async () => {
  template = await drawDemo();
}, patience);
afterAll(async () => {
  await closeAll();
  rmSync(template, { recursive: true, force: true });
}, patience);

const grid: ExperimentRequest = request({
  models: [
    { model: 'lightgcn', vary: { n_layers: [1, 2, 3, 4] } },
    { model: 'bpr', vary: { reg_weight: [0.1, 0.01, 0.001, 0.0001] } },
    { model: 'layergcn', vary: { n_layers: [1, 2, 3, 4] } },
  ],
  seeds: [1, 2, 3, 4, 5],
});

/** A data folder with the grid finished; nothing is trained. */
async function finishedGrid(): Promise<{ home: string; id: string; runIds: readonly string[] }> {
  const home = homeLike(template);
  const studio = await openHere(home, { resume: false });
  const { experimentId, runIds } = await studio.link().call('experiments.start', grid);
  await studio.close();
  const store = openStore(home);
  store.transaction(() => runIds.forEach((id, at) => finishRun(store, id, { 'recall@20': at / 100 }, { 'recall@20': at / 200 })));
  store.close();
  return { home, id: experimentId, runIds };
}

test(
  'G11: deleted runs are missing in the matrix, and completing it queues them and nothing else',
  async () => {
    const { home, id, runIds } = await finishedGrid();
    expect(runIds).toHaveLength(60);
    const link = (await openHere(home, { resume: false })).link();
    const deleted = [runIds[4]!, runIds[31]!, runIds[59]!];
    await link.call('runs.trash', { ids: deleted });
    const { cells } = await link.call('experiments.matrix', { id });
    expect(cells.filter(({ state }) => state !== 'finished').map(({ runId }) => runId)).toEqual(deleted);
    expect(cells.filter(({ trashed }) => trashed).map(({ runId }) => runId)).toEqual(deleted);
    // Candidates all the same, which the panel and the notes of its table say, with the way back.
    const detail = await link.call('experiments.get', { id });
    expect(detail.trashed).toEqual(deleted);
    expect(detail.wouldFreeze?.selection).toMatchObject({ candidates: 12, trashed: 3 });
    expect(detail.wouldFreeze?.checks.map(({ text }) => text)).toContain(
      '3 finished runs lie in the trash. They still count here: what was tried cannot be left out by throwing it away.',
    );
    expect(detail.wouldFreeze?.checks.map(({ text }) => text)).toContain(
      'The grid is incomplete: 57 of 60 runs are finished, 3 in the trash. Later runs stay masked.',
    );
    const { notes } = await link.call('compare.table', { scope: { experiments: [id], runs: [] } });
    expect(notes.filter((note) => note.includes('3 runs are in the trash'))).toHaveLength(1);
    await link.call('runs.change', { ids: deleted, change: { type: 'restore' } });
    expect((await link.call('experiments.get', { id })).trashed).toEqual([]);
    await link.call('runs.trash', { ids: deleted });
    const completed = await link.call('experiments.complete', { id });
    expect([...completed.runIds].sort()).toEqual([...deleted].sort());
    const { runs } = await link.call('runs.summaries', { ids: [...runIds] });
    expect(runs.filter(({ state }) => state === 'queued').map((run) => run.id)).toEqual(deleted);
    expect((await link.call('experiments.complete', { id })).runIds).toEqual([]);
  },
  patience,
);

test(
  'deleted for good, the same experiment started again knows the other 57 and starts 3',
  async () => {
    const { home, runIds } = await finishedGrid();
    const link = (await openHere(home, { resume: false })).link();
    const deleted = [runIds[0]!, runIds[17]!, runIds[40]!];
    await link.call('runs.trash', { ids: deleted });
    await link.call('runs.purge', { ids: deleted });
    const plan = await link.call('experiments.plan', grid);
    expect([plan.runs, plan.known]).toEqual([3, 57]);
    const started = await link.call('experiments.start', grid);
    expect(started.known).toBe(57);
    expect(started.runIds.filter((id) => !runIds.includes(id))).toHaveLength(3);
  },
  patience,
);
