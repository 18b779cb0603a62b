import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentRequest, ExperimentSummary } from '#contract/experiment.ts';
import type { Link } from '#contract/link.ts';
import type { Studio } from '#studio/studio.ts';
import { closeAll, drawDemo, homeLike, openHere, request, until } from '../fixture.ts';

const ownerEntry = fileURLToPath(new URL('../../../fixtures/search-owner.ts', import.meta.url));

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

/** A link to whoever owns the folder once the last owner is gone. */
async function linkOf(studio: Studio): Promise<Link> {
  for (;;) {
    const link = studio.link();
    const isThere = await link.call('experiments.list', {}).then(
      () => true,
      () => false,
    );
    if (isThere && studio.role === 'owner') return link;
    await turn();
  }
}

const rowsOf = (summary: ExperimentSummary) => summary.matrix.rows.map((row) => row.differences);

describe('a random search', () => {
  test('runs through the queue as ordinary runs, all seeds of each trial, and its test values stay masked', async () => {
    const link = (await openHere(homeLike(template))).link();
    const asked = request({ models: varied, search: { strategy: 'random', trials: 3, seed: 4 }, seeds: [1, 2], budget: { epochs: 2 } });
    const plan = await link.call('experiments.plan', asked);
    expect(plan).toMatchObject({ runs: 6, search: { trials: 3, fewest: 6, most: 6, rungs: [] } });
    expect(plan.matrix.rows).toHaveLength(3);
    expect(plan.notes.map(({ text }) => text)).toContain('Equal for all models: 3 trials per model and dataset, drawn at random (seed 4).');
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

describe('successive halving', () => {
  test('ends hopeless trials at a rung with their best epoch kept, out of every mean; the others get all seeds', async () => {
    const link = (await openHere(homeLike(template), { eventIntervalMs: 0 })).link();
    await link.call('queue.concurrency', { runs: 1 });
    // A regularisation that leaves nothing to learn, after two that learn.
    const models: ExperimentRequest['models'] = [{ model: 'lightgcn', vary: { reg_weight: [1e-4, 1e-3, 1, 0.9] } }];
    const search = { strategy: 'grid', halving: { firstEpoch: 3, eta: 2 } } as const;
    // So many epochs that none is over before the word reaches it.
    const asked = request({ models, search, seeds: [1, 2], budget: { epochs: 150, patience: 150 } });
    const plan = await link.call('experiments.plan', asked);
    expect(plan.search).toMatchObject({ trials: 4, fewest: 5, most: 8, rungs: [3, 6, 12, 24, 48, 96] });
    // Over before the first comparison, none can end early.
    const short = await link.call('experiments.plan', { ...asked, budget: { epochs: 3 } });
    expect(short).toMatchObject({ runs: 8, search: { fewest: 8, most: 8, rungs: [] } });
    const { experimentId } = await link.call('experiments.start', asked);
    const summary = await over(link, experimentId);
    const { runs } = await link.call('experiments.get', { id: experimentId });
    const halted = runs.filter((run) => run.stopReason === 'successive-halving');
    expect(halted.length).toBeGreaterThan(0);
    expect(summary.search).toMatchObject({ trials: 4, proposed: 4, halted: halted.length, isOver: true });
    expect(summary.coverage).toEqual({ done: 4, of: 4, unit: 'trials' });
    for (const run of halted) {
      expect(run).toMatchObject({ state: 'stopped', seed: 1, verdict: { goesOn: false } });
      expect(run.verdict!.rank).toBeGreaterThan(Math.max(1, Math.floor(run.verdict!.of / 2)));
      expect(run.sentence).toContain(
        `ended by successive halving at epoch ${run.verdict!.epoch}: rank ${run.verdict!.rank} of ${run.verdict!.of}`,
      );
      expect(run.epochs).toBeGreaterThanOrEqual(run.verdict!.epoch);
      expect(run.epochs).toBeLessThan(150);
      expect(run.validation!['recall@20']).toBeGreaterThanOrEqual(0);
    }
    const finished = runs.filter((run) => run.state === 'finished');
    expect(finished.length + halted.length).toBe(runs.length);
    // Whatever was not ended has both seeds.
    const configurations = new Set(finished.map((run) => run.configHash));
    expect(configurations.size).toBe(4 - halted.length);
    for (const hash of configurations)
      expect(
        finished
          .filter((run) => run.configHash === hash)
          .map((run) => run.seed)
          .sort(),
      ).toEqual([1, 2]);
    const table = await link.call('compare.table', { scope: { experiments: [experimentId] }, rows: 'configuration' });
    expect(table.cells.filter(([cell]) => cell!.mean !== undefined)).toHaveLength(configurations.size);
    expect(table.cells.filter(([cell]) => cell!.missing === 'ended early')).toHaveLength(halted.length);
    expect(table.caption).toContain('4 trials per model and dataset, the whole grid');
    expect(table.notes).toContain(`LightGCN on Demo: ${halted.length} ended early by successive halving`);
    // Nothing is missing: what it ended is a result of the search.
    expect((await link.call('experiments.complete', { id: experimentId })).runIds).toEqual([]);
    // What was ended early is no result to another experiment: the same search again would train it, and says so.
    const again = await link.call('experiments.plan', asked);
    expect(again.search?.same).toBeUndefined();
    expect(again.runs).toBeGreaterThan(0);
    // A person may think otherwise: it goes on and is ended no more.
    const [first] = halted;
    await link.call('runs.resume', { ids: [first!.id] });
    expect(await until(link, [first!.id], 'finished')).toMatchObject([{ state: 'finished', epochs: 150 }]);
  });
});

test('a search that is asked for again while it is not over goes on in its own experiment; another one, or one that is over, does not', async () => {
  const link = (await openHere(homeLike(template))).link();
  await link.call('queue.hold', { held: true });
  const asked = request({ models: varied, search: { strategy: 'random', trials: 2, seed: 4 }, budget: { epochs: 1 } });
  const first = await link.call('experiments.start', asked);
  // The plan says so beforehand: a new name and question would be lost.
  const { name } = (await link.call('experiments.get', { id: first.experimentId })).summary;
  const goesOn = await link.call('experiments.plan', { ...asked, name: 'Another', question: 'Once more' });
  expect(goesOn.search?.same).toEqual({ id: first.experimentId, name, isOver: false, done: 0 });
  expect(goesOn.notes[0]?.text).toContain(`This search is at work as “${name}”, 0 of 2 trials done`);
  const again = await link.call('experiments.start', { ...asked, question: 'Once more' });
  expect(again).toEqual({ ...first, known: 0 });
  const other = await link.call('experiments.start', { ...asked, search: { ...asked.search!, seed: 5 } });
  expect(other.experimentId).not.toBe(first.experimentId);
  await link.call('queue.hold', { held: false });
  await over(link, first.experimentId);
  const known = await link.call('experiments.plan', asked);
  expect(known).toMatchObject({ runs: 0, known: 2, search: { fewest: 0, most: 0, same: { isOver: true, done: 2 } } });
  expect(known.notes[0]?.text).toBe(`Every trial of this search is known: it is over as “${name}”.`);
  expect((await link.call('experiments.plan', { ...asked, runKnown: true })).search?.same).toBeUndefined();
  const later = await link.call('experiments.start', asked);
  expect(later).toMatchObject({ known: first.runIds.length });
  expect(later.experimentId).not.toBe(first.experimentId);
});

test('a search whose trials are all known goes through them by itself: nothing ends that would make it go on', async () => {
  const link = (await openHere(homeLike(template))).link();
  // One at a time: what is proposed depends on which results are there.
  await link.call('queue.concurrency', { runs: 1 });
  const asked = request({ models: varied, search: { strategy: 'tpe', trials: 5, seed: 4 }, budget: { epochs: 1 } });
  const first = await link.call('experiments.start', asked);
  const { runs } = await over(link, first.experimentId);
  const again = await link.call('experiments.start', asked);
  expect(again.experimentId).not.toBe(first.experimentId);
  const { summary } = await link.call('experiments.get', { id: again.experimentId });
  expect(summary).toMatchObject({ runs, search: { proposed: 5, trials: 5, isOver: true } });
});

test('the time of the queue counts the trials that a search has still to propose, and a waiting run says what it takes', async () => {
  const link = (await openHere(homeLike(template))).link();
  await link.call('queue.hold', { held: true });
  await link.call('queue.concurrency', { runs: 1 });
  const asked = request({ models: varied, search: { strategy: 'tpe', trials: 40, seed: 4 }, budget: { epochs: 2 } });
  await link.call('experiments.start', asked);
  for await (const { waiting, timeLeft } of link.stream('queue.watch', {})) {
    expect(waiting.length).toBeLessThan(40);
    expect(timeLeft!.seconds / waiting[0]!.estimatedSeconds!).toBeCloseTo(40);
    break;
  }
});

describe('an owner killed in the middle of a search', () => {
  test('leaves it to the next one, which proposes what an undisturbed search does', async () => {
    const asked = request({
      models: [{ model: 'lightgcn', ranges: { reg_weight: { from: 1e-6, to: 1e-1 }, n_layers: { from: 1, to: 4 } } }],
      search: { strategy: 'tpe', trials: 7, seed: 3 },
      budget: { epochs: 3 },
    });
    const single = homeLike(template);
    const calm = (await openHere(single)).link();
    await calm.call('queue.concurrency', { runs: 1 });
    const undisturbed = await over(calm, (await calm.call('experiments.start', asked)).experimentId);

    const home = homeLike(template);
    const setting = await openHere(home);
    await setting.link().call('queue.concurrency', { runs: 1 });
    await setting.close();
    const owner = fork(ownerEntry, [home, '4'], { execArgv: [] });
    const gone = once(owner, 'exit');
    await once(owner, 'message');
    // Beside it a front door that takes its place when it is gone.
    const door = await openHere(home);
    expect(door.role).not.toBe('owner');
    const told = once(owner, 'message');
    owner.send(asked);
    const [{ experimentId, proposed }] = (await told) as [{ experimentId: string; proposed: number }];
    expect(await gone).toEqual([null, 'SIGKILL']);
    expect(proposed).toBeLessThan(7);
    const summary = await over(await linkOf(door), experimentId);
    expect(summary).toMatchObject({ coverage: { done: 7, of: 7 }, search: { proposed: 7, isOver: true } });
    expect(rowsOf(summary)).toEqual(rowsOf(undisturbed));
  });
});
