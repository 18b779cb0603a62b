import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verification, Verifying } from '#contract/lineage.ts';
import type { Link } from '#contract/link.ts';
import { openDatabase } from '#store/database.ts';
import { closeAll, drawDemo, ended, homeLike, openHere, request, until } from './fixture.ts';

const patience = 600_000;
let template = '';
let runId = '';

/** Starts a verification and waits for its end. */
async function verified(link: Link, id: string): Promise<Verifying> {
  await link.call('verifications.start', { id });
  for await (const at of link.stream('verifications.watch', { id })) if (at.state === 'none') return at as Verifying;
  throw new Error('the studio closed');
}

const detail = (link: Link, id: string) => link.call('runs.get', { id });
const equalOf = ({ values, curves, files }: Verification) => [values, curves, files].map(({ equal, of }) => `${equal}/${of}`);

beforeAll(async () => {
  template = await drawDemo();
  const studio = await openHere(template);
  const link = studio.link();
  const { runIds } = await link.call('experiments.start', request());
  await until(link, runIds, ...ended);
  runId = runIds[0]!;
  await studio.close();
}, patience);

afterAll(async () => {
  await closeAll();
  rmSync(template, { recursive: true, force: true });
}, patience);

describe('verifying a finished run', () => {
  test(
    'its best checkpoint, scored again in a worker, gives every digit and every file, and the result stays with the run (S5)',
    async () => {
      const home = homeLike(template);
      const link = (await openHere(home)).link();
      const { verifications, problem } = await verified(link, runId);
      expect(problem).toBeUndefined();
      expect(verifications).toHaveLength(1);
      expect(equalOf(verifications[0]!)).toEqual(['32/32', '0/0', '6/6']);
      expect(verifications[0]).toMatchObject({ how: 'evaluation', differing: [] });
      expect((await detail(link, runId)).verifications).toEqual(verifications);
    },
    patience,
  );

  test(
    'a value that was changed in the store is named with both numbers, and a masked test value without',
    async () => {
      const home = homeLike(template);
      const database = openDatabase(join(home, 'avocet.sqlite'));
      database.run("UPDATE metric SET value = value + 1e-16 WHERE part = 'validation' AND key = 'recall@20'");
      database.run("UPDATE metric SET value = value * 2 WHERE part = 'test' AND key = 'ndcg@10'");
      database.run('UPDATE run SET test_shown = 0');
      database.close();
      const link = (await openHere(home)).link();
      const [found] = (await verified(link, runId)).verifications;
      expect(found!.values).toEqual({ equal: 30, of: 32 });
      const [recall, ndcg] = found!.differing;
      expect(recall).toMatchObject({ part: 'validation', key: 'recall@20' });
      expect(Math.abs(Number(recall!.stored) - Number(recall!.found))).toBeLessThan(1e-12);
      expect(recall!.stored).not.toBe(recall!.found);
      expect(ndcg).toEqual({ part: 'test', key: 'ndcg@10' });
    },
    patience,
  );

  test(
    'a torn checkpoint is said, and the stored values stay as they are',
    async () => {
      const home = homeLike(template);
      truncateSync(join(home, 'runs', runId, 'checkpoint-best.bin'), 1000);
      const link = (await openHere(home)).link();
      const { problem, verifications } = await verified(link, runId);
      expect(problem).toMatchObject({ kind: 'disk', code: 'checkpoint.best-damaged' });
      expect(verifications).toEqual([]);
    },
    patience,
  );

  test(
    'one that waits for another can be taken back, and one at work can be stopped',
    async () => {
      const home = homeLike(template);
      const link = (await openHere(home)).link();
      const { runIds } = await link.call('experiments.start', request({ seeds: [5] }));
      await until(link, runIds, ...ended);
      const second = runIds[0]!;
      await link.call('verifications.start', { id: runId });
      await link.call('verifications.start', { id: second });
      await link.call('verifications.stop', { id: second });
      // The one at work is a job of the status bar, from where it can be ended too.
      for await (const { jobs } of link.stream('studio.watch', {})) {
        const job = jobs.find(({ text }) => text === 'Verifying LightGCN on Demo, seed 1');
        expect(job).toMatchObject({ canCancel: true });
        await link.call('jobs.cancel', { id: job!.id });
        break;
      }
      for (const id of [runId, second])
        for await (const at of link.stream('verifications.watch', { id })) {
          expect(at.problem).toBeUndefined();
          if (at.state === 'none') break;
        }
      expect((await detail(link, second)).verifications).toEqual([]);
    },
    patience,
  );
});

describe('trained again', () => {
  test(
    'with the same seed it is its parent bit for bit: values, curves and files; it counts in no mean and lies in the archive',
    async () => {
      const home = homeLike(template);
      const link = (await openHere(home)).link();
      const { id } = await link.call('runs.again', { id: runId, seed: 1 });
      await until(link, [id], ...ended);
      const [parent, again] = await Promise.all([detail(link, runId), detail(link, id)]);
      expect(parent.verifications).toHaveLength(1);
      const found = parent.verifications![0]!;
      expect(found).toMatchObject({ how: 'training', byRun: id, differing: [] });
      expect(found.values).toEqual({ equal: 34, of: 34 });
      expect(found.curves.of).toBeGreaterThan(3 * 16);
      expect(found.curves.equal).toBe(found.curves.of);
      expect(again.verifications).toEqual(parent.verifications);
      expect(again.summary.archivedAt).toBeGreaterThan(0);
      expect((await link.call('runs.page', { collapse: true })).rows[0]!.n).toBe(1);
      const { matrix } = await link.call('experiments.get', { id: parent.summary.experimentId }).then(({ summary }) => summary);
      expect(matrix.cells.map(({ runId: cell }) => cell)).toEqual([runId]);
      // Started anew, the same settings find the parent, not its reproduction.
      expect((await link.call('experiments.start', request())).runIds).toEqual([runId]);
      expect(again.family!.map(({ id: kin, parent: from, origin }) => [kin, from, origin])).toEqual([
        [runId, undefined, undefined],
        [id, runId, 'reproduction'],
      ]);
    },
    patience,
  );

  test(
    'with the next seed it becomes one more cell of its experiment; a clone with another setting says what it changed',
    async () => {
      const home = homeLike(template);
      const link = (await openHere(home)).link();
      const { id } = await link.call('runs.again', { id: runId });
      await until(link, [id], ...ended);
      const again = await detail(link, id);
      expect(again.summary.seed).toBe(2);
      expect(again.summary.test.state).toBe('shown');
      const { summary } = await link.call('experiments.get', { id: again.summary.experimentId });
      expect(summary.matrix.cells.map((cell) => cell.runId)).toEqual([runId, id]);
      expect((await link.call('runs.again', { id: runId, seed: 2 })).id).toBe(id);

      const clone = await link.call('experiments.start', request({ models: [{ model: 'lightgcn', values: { n_layers: 2 } }], parent: id }));
      await link.call('runs.describe', { id: clone.runIds[0]!, expectation: 'Worse with two layers.' });
      await until(link, clone.runIds, ...ended);
      const { family } = await detail(link, runId);
      expect(family!.map(({ origin, changes }) => [origin, changes])).toEqual([
        [undefined, []],
        ['seed', [{ key: 'seed', from: '1', to: '2' }]],
        [
          'clone',
          [
            { key: 'n_layers', from: '3', to: '2' },
            { key: 'seed', from: '2', to: '1' },
          ],
        ],
      ]);
      expect(family![2]!.expectation).toBe('Worse with two layers.');
    },
    patience,
  );

  test(
    'where the selection is open its test values stay masked in every one of them',
    async () => {
      const home = homeLike(template);
      const link = (await openHere(home)).link();
      const sweep = await link.call(
        'experiments.start',
        request({ models: [{ model: 'lightgcn', vary: { n_layers: [1, 2] } }], seeds: [7] }),
      );
      await until(link, sweep.runIds, ...ended);
      const from = sweep.runIds[0]!;
      const reproduction = (await link.call('runs.again', { id: from, seed: 7 })).id;
      const seed = (await link.call('runs.again', { id: from })).id;
      const runs = await until(link, [from, reproduction, seed], ...ended);
      expect(runs.map(({ state, test: values }) => [state, values.state])).toEqual(runs.map(() => ['finished', 'masked']));
      expect((await detail(link, from)).verifications![0]!.values).toEqual({ equal: 34, of: 34 });
    },
    patience,
  );
});

describe('checkpoints', () => {
  test(
    'one of a finished run goes to the trash and back, and for good with its bytes; a locked run keeps it',
    async () => {
      const home = homeLike(template);
      const link = (await openHere(home)).link();
      const best = (await detail(link, runId)).artifacts.find(({ name }) => name === 'checkpoint-best')!;
      const named = { id: runId, name: best.name };
      await link.call('runs.change', { ids: [runId], change: { type: 'lock', locked: true } });
      expect((await detail(link, runId)).needed).toMatchObject({ 'checkpoint-best': 'The run is locked.' });
      await expect(link.call('checkpoints.trash', named)).rejects.toMatchObject({ problem: { code: 'checkpoint.needed' } });
      await link.call('runs.change', { ids: [runId], change: { type: 'lock', locked: false } });

      expect(await link.call('checkpoints.trash', named)).toEqual({ bytes: best.bytes });
      const aside = await detail(link, runId);
      expect(aside.artifacts.map(({ name }) => name)).not.toContain('checkpoint-best');
      expect(aside.trashed!.map(({ name }) => name)).toEqual(['checkpoint-best']);
      await expect(link.call('verifications.start', { id: runId })).rejects.toMatchObject({
        problem: { code: 'verification.no-checkpoint' },
      });
      await link.call('checkpoints.restore', named);
      expect(equalOf((await verified(link, runId)).verifications[0]!)[0]).toBe('32/32');

      await expect(link.call('checkpoints.purge', named)).rejects.toMatchObject({ problem: { code: 'checkpoint.unknown' } });
      await link.call('checkpoints.trash', named);
      expect(await link.call('checkpoints.purge', named)).toEqual({ bytes: best.bytes });
      expect((await detail(link, runId)).trashed).toEqual([]);
    },
    patience,
  );
});

describe('sample outputs', () => {
  test(
    'are the first ten items of five users at each new best epoch, with validation items alone, and of other users once they are chosen',
    async () => {
      const home = homeLike(template);
      const link = (await openHere(home)).link();
      const before = await link.call('runs.samples', { id: runId });
      expect(before.users).toHaveLength(5);
      const { summary } = await detail(link, runId);
      expect(before.epochs[before.epochs.length - 1]!.epoch).toBe(summary.bestEpoch);
      for (const { lists } of before.epochs) expect(lists.map((list) => list.length)).toEqual([10, 10, 10, 10, 10]);
      // At the best epoch they are what validation ranked: the first ten of the fifty that the run keeps.
      const lists = await Promise.all(
        before.users.map(({ user }) => link.call('recommendations.lists', { a: runId, user, k: 10, part: 'validation' })),
      );
      expect(before.epochs[before.epochs.length - 1]!.lists).toEqual(lists.map((each) => each.lists[0]!.rows.map(({ item }) => item)));
      expect(before.users.map(({ heldOut }) => heldOut)).toEqual(lists.map((each) => each.heldOut.map(({ item }) => item)));

      const chosen = [before.users[3]!.user, before.users[0]!.user];
      await expect(link.call('samples.pin', { dataset: 'demo', users: [1e6] })).rejects.toMatchObject({
        problem: { code: 'samples.unknown-user' },
      });
      await link.call('samples.pin', { dataset: 'demo', users: chosen });
      const { id } = await link.call('runs.again', { id: runId });
      await until(link, [id], ...ended);
      const after = await link.call('runs.samples', { id });
      expect(after.users.map(({ user }) => user)).toEqual(chosen);
      expect(after.pinned).toEqual(chosen);
    },
    patience,
  );
});
