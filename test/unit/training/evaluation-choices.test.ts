import { tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { RunConfig } from '#contract/run.ts';
import type { Dataset, Part } from '#data/dataset.ts';
import { coldItems } from '#data/split-groups.ts';
import { randomStream } from '#data/random.ts';
import { partsOf } from '#data/split.ts';
import { allRows } from '#data/split-source.ts';
import { breathe } from '#training/control.ts';
import { Evaluator, listWidth } from '#training/evaluator.ts';
import { runIdentity } from '#training/identity.ts';
import { verifyRun } from '#training/verify-run.ts';
import { TrainControl } from '#training/control.ts';
import { modelById } from '#models/registry.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only } from '#test/fixtures/training.ts';
import { newRuns } from './new-runs.ts';

const dataset = drawnDataset();
const { rows, given: _given } = allRows(dataset);
/** The same rows, a fifth of the items cold. */
const cold: Dataset = {
  ...dataset,
  ...partsOf(rows, coldItems(rows, dataset.items, { share: 0.2, choose: 'random' }, randomStream(3, 'split'))),
};

const { newRun, device } = newRuns(dataset);

const nested = { candidates: 'all', validation: 'nested' } as const;
const coldAlone = { candidates: 'cold-items', validation: 'whole' } as const;
const pairs = ({ users, items }: Part, of: ArrayLike<number>) =>
  [...users].flatMap((user, row) => (Array.from(of).includes(user) ? [`${user} ${items[row]!}`] : []));

describe('S12: nested validation', () => {
  it('keeps the parts disjoint: train, the half that chooses the epoch, the half that chooses the configuration, test', () => {
    const { evaluated, isNested } = new Evaluator(dataset, nested);
    expect(isNested).toBe(true);
    const { validation: all } = new Evaluator(dataset).evaluated;
    expect([...evaluated.epoch, ...evaluated.validation].sort((a, b) => a - b)).toEqual([...all]);
    expect(Math.abs(evaluated.epoch.length - evaluated.validation.length)).toBeLessThanOrEqual(1);
    const everyone = Array.from({ length: dataset.users }, (_, user) => user);
    const parts = [
      pairs(dataset.train, everyone),
      pairs(dataset.validation, evaluated.epoch),
      pairs(dataset.validation, evaluated.validation),
      pairs(dataset.test, everyone),
    ];
    expect(parts.every((part) => part.length > 0)).toBe(true);
    expect(new Set(parts.flat()).size).toBe(parts.flat().length);
  });

  it('draws the halves by the dataset alone, so that no run chooses its epoch where another one is chosen', () => {
    const [first, second] = [new Evaluator(dataset, nested), new Evaluator({ ...dataset, modalities: [] }, nested)];
    expect([...first.evaluated.epoch]).toEqual([...second.evaluated.epoch]);
    expect([...first.evaluated.epoch]).not.toEqual([...first.evaluated.epoch.keys()]);
  });

  it('chooses the epoch by the one half and tells the value of the other, with the same test values as that checkpoint has', async () => {
    const config = { ...trainConfig('lightgcn', { budget: { epochs: 4 } }), evaluation: nested };
    const run = await newRun(config);
    const events = await run.go();
    const [finished] = only(events, 'finished');
    const epochs = only(events, 'epochFinished');
    const { evaluated } = new Evaluator(dataset, nested);
    expect(only(events, 'prepared')[0]?.evaluatedUsers).toMatchObject({
      validation: evaluated.validation.length,
      epoch: evaluated.epoch.length,
    });
    // No warning that the checkpoint scores otherwise than its epoch: the halves that chose are compared.
    expect(only(events, 'line')).toEqual([]);
    expect(finished!.validation['recall@20']).not.toBe(epochs[finished!.bestEpoch - 1]!.validation['recall@20']);
    // The whole part is the mean of its halves, weighted by their users.
    const plain = only(await (await newRun({ ...config, evaluation: undefined } as unknown as RunConfig)).go(), 'epochFinished');
    for (const [at, { validation }] of plain.entries()) {
      if (at + 1 !== finished!.bestEpoch) continue;
      const halves =
        (epochs[at]!.validation['recall@20']! * evaluated.epoch.length + finished!.validation['recall@20']! * evaluated.validation.length) /
        (evaluated.epoch.length + evaluated.validation.length);
      expect(halves).toBeCloseTo(validation['recall@20']!, 12);
    }
    const again = await verifyRun(
      {
        runId: 'again',
        config,
        dataset,
        device: device(),
        findModel: modelById,
        runFolder: run.runFolder,
        cacheFolder: run.folder,
        codeVersion: '1',
        resume: false,
        control: new TrainControl(),
        bestEpoch: finished!.bestEpoch,
      },
      () => undefined,
    );
    expect(again.validation).toEqual(finished!.validation);
    expect(again.test).toEqual(finished!.test);
  });

  it('is another run than one with the whole part, and a usual one keeps its identity', () => {
    const usual = trainConfig('lightgcn');
    expect(runIdentity({ ...usual, evaluation: nested }, dataset)).not.toBe(runIdentity(usual, dataset));
    expect(runIdentity({ ...usual, evaluation: coldAlone }, dataset)).not.toBe(runIdentity(usual, dataset));
  });

  it('refuses a single validation user in words', () => {
    const one = { ...dataset, validation: { users: Int32Array.of(1), items: Int32Array.of(2) } };
    expect(() => new Evaluator(one, nested)).toThrow(/one validation user/);
  });
});

describe('cold items as the candidate set', () => {
  const inTrain = new Set(cold.train.items);

  it('ranks items without a train row alone, by vectors and by scores alike, the best first', async () => {
    const evaluator = new Evaluator(cold, coldAlone);
    const draw = (rows: number, phase: number) =>
      tensor2d(
        Array.from({ length: rows * 3 }, (_, k) => Math.sin(k * 1.7 + phase)),
        [rows, 3],
      );
    const vectors = { users: draw(cold.users, 0), items: draw(cold.items, 1) };
    const lists = await evaluator.rank(vectors, evaluator.everyone(), breathe);
    const [users, items] = [vectors.users.arraySync(), vectors.items.arraySync()];
    const score = (user: number, item: number) => users[user]!.reduce((sum, value, at) => sum + value * items[item]![at]!, 0);
    const scored = {
      scores: (block: Int32Array) => tensor2d([...block].map((user) => items.map((_, item) => score(user, item)))),
    };
    const others = await evaluator.rank(scored, evaluator.everyone(), breathe);
    const coldIds = items.map((_, item) => item).filter((item) => !inTrain.has(item));
    expect(coldIds.length).toBe(10);
    for (const user of [0, 7, 59]) {
      const own = [...lists.items.subarray(user * listWidth, (user + 1) * listWidth)];
      expect(own.slice(coldIds.length).every((item) => item === -1)).toBe(true);
      expect(own.slice(0, coldIds.length)).toEqual([...coldIds].sort((a, b) => score(user, b) - score(user, a)));
      expect([...others.items.subarray(user * listWidth, (user + 1) * listWidth)]).toEqual(own);
    }
    vectors.users.dispose();
    vectors.items.dispose();
  });

  it('counts held-out rows of cold items alone, and gives higher values than all items as candidates do', async () => {
    const warm = { users: Int32Array.of(1, 2), items: Int32Array.of([...inTrain][0]!, [...inTrain][1]!) };
    const mixed = {
      ...cold,
      test: { users: Int32Array.of(...cold.test.users, ...warm.users), items: Int32Array.of(...cold.test.items, ...warm.items) },
    };
    const [a, b] = [new Evaluator(cold, coldAlone), new Evaluator(mixed, coldAlone)];
    expect([...a.evaluated.test]).toEqual([...b.evaluated.test]);
    const values = async (evaluation?: typeof coldAlone) => {
      const base = trainConfig('mgcn', { budget: { epochs: 2 } });
      const events = await (await newRun(evaluation === undefined ? base : { ...base, evaluation }, cold)).go();
      return only(events, 'finished')[0]!.test;
    };
    const [all, alone] = [await values(), await values(coldAlone)];
    expect(alone['recall@5']!).toBeGreaterThan(all['recall@5']!);
  });

  it('says in words that a dataset has no cold items', () => {
    const { validation } = dataset;
    const known = new Set(dataset.train.items);
    const keep = [...validation.items.keys()].filter((row) => known.has(validation.items[row]!));
    const only = {
      users: Int32Array.from(keep, (row) => validation.users[row]!),
      items: Int32Array.from(keep, (row) => validation.items[row]!),
    };
    expect(() => new Evaluator({ ...dataset, validation: only }, coldAlone)).toThrow(/no cold items to rank/);
  });
});
