import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelCard } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import type { Dataset } from '#data/dataset.ts';
import { tensor2d } from '#engine/ops/basic.ts';
import type { ModelDefinition } from '#models/define-model.ts';
import { modelById } from '#models/registry.ts';
import { readMatrix } from '#studio/artifact-files.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { sequenceDataset } from '#test/fixtures/sequence-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only, outcome } from '#test/fixtures/training.ts';
import { newRuns } from './new-runs.ts';

const dataset = sequenceDataset();
const hyper = { max_length: 6, codes: 8, hidden: 12 };
const { newRun } = newRuns(dataset);

/** Knows the row that follows each history: that of validation after train rows, that of test after both. */
function oracle(task: ModelCard['task']): ModelDefinition {
  const itemknn = modelById('itemknn');
  return {
    card: { ...itemknn.card, needs: [], task },
    create: () => ({
      parameters: new Map(),
      inputs: () => ({}),
      loss: () => {
        throw new Error('never trained');
      },
      represent: (rankedFor = 'validation') => {
        const { users, items } = dataset[rankedFor];
        const table = new Float32Array(dataset.users * dataset.items);
        users.forEach((user, row) => (table[user * dataset.items + items[row]!] = 1));
        const identity = new Float32Array(dataset.items ** 2);
        for (let item = 0; item < dataset.items; item++) identity[item * (dataset.items + 1)] = 1;
        return { users: tensor2d(table, [dataset.users, dataset.items]), items: tensor2d(identity, [dataset.items, dataset.items]) };
      },
      record: {},
      dispose: () => undefined,
    }),
  };
}

describe('a model of next items', () => {
  it.each(['validation', 'mmrec'] as const)('is scored on each part from its own histories (%s protocol)', async (protocol) => {
    const run = async (task: ModelCard['task']) =>
      await (await newRun({ ...trainConfig('itemknn'), protocol })).go({ findModel: () => oracle(task) });
    const events = await run('next-item');
    const finished = only(events, 'finished')[0]!;
    expect(finished.validation['recall@5']).toBe(1);
    expect(finished.test['recall@5']).toBe(1);
    const [epoch] = only(events, 'epochFinished');
    expect(epoch!.validation['recall@5']).toBe(1);
    expect(epoch!.test?.['recall@5']).toBe(protocol === 'mmrec' ? 1 : undefined);
    expect(only(events, 'line')).toEqual([]);
    const other = only(await run('top-n'), 'finished')[0]!;
    expect(other.validation['recall@5']).toBeLessThan(1);
  });

  it('leaves the lists and vectors of both parts, those of test under the usual names', async () => {
    const run = await newRun(trainConfig('itemknn'));
    await run.go({ findModel: () => oracle('next-item') });
    const read = (name: string) => {
      const path = join(run.runFolder, `${name}.npy`);
      return readMatrix(new Uint8Array(readFileSync(path)), path);
    };
    for (const [part, end] of [
      ['test', ''],
      ['validation', '-validation'],
    ] as const) {
      const { values: lists, columns } = read(`top50${end}`);
      const { values: vectors } = read(`users${end}`);
      dataset[part].users.forEach((user, row) => {
        expect(lists[user * columns]).toBe(dataset[part].items[row]);
        expect(vectors[user * dataset.items + dataset[part].items[row]!]).toBe(1);
      });
    }
  });

  it('records the order it was scored on, which others do not', async () => {
    const provenance = async (model: string, own: RunConfig['hyper']) =>
      only(await (await newRun(trainConfig(model, { hyper: own, budget: { epochs: 1 } }))).go(), 'prepared')[0]!.provenance;
    expect((await provenance('bbqrec', hyper)).sequenceHash).toBe(dataset.fingerprint.sequenceHash);
    expect(await provenance('lightgcn', {})).not.toHaveProperty('sequenceHash');
  });

  it('is refused on a dataset that has no order, in words', async () => {
    const events = await (await newRun(trainConfig('bbqrec', { hyper }), drawnDataset())).go();
    const failed = only(events, 'failed')[0]!;
    expect(failed.problem).toMatchObject({ kind: 'data', code: 'dataset.no-order' });
    expect(failed.problem.message).toContain('needs times and the split “leave one out” by time, drawn 1 has none');
  });

  it('goes on after a kill as if there had been none, bit for bit: in its pretraining, and in its own epochs', async () => {
    const config = trainConfig('bbqrec', { hyper, budget: { epochs: 3 } });
    const events = await (await newRun(config)).go();
    expect(only(events, 'line')).toEqual([]);
    const whole = outcome(events);
    expect([...whole.epochs.keys()]).toEqual(['behaviour 1', 'behaviour 2', 'behaviour 3', 'train 1', 'train 2', 'train 3']);
    for (const stage of ['behaviour', 'train']) {
      const stopped = await newRun(config);
      await stopped.go({ until: (event) => event.type === 'checkpointWritten' && event.stage === stage });
      expect(outcome(await stopped.go({ resume: true }))).toEqual(whole);
    }
  });

  it('learns to put the next item higher than chance', async () => {
    const cycle = cycles();
    const config = trainConfig('bbqrec', { hyper: { ...hyper, dropout: 0 }, budget: { epochs: 30, width: 16 } });
    const finished = only(await (await newRun(config, cycle)).go(), 'finished')[0]!;
    // Of fifty items five at random would be a tenth.
    expect(finished.test['recall@5']).toBeGreaterThan(0.5);
    expect(finished.leakedTensors).toBe(0);
    expect(finished.fallbacks).toEqual([]);
  });
});

/** Item k is followed by item k + 1: the order alone says what comes next. */
function cycles(): Dataset {
  const drawn = sequenceDataset({ users: 120 });
  const rows = (from: number, to: number) => {
    const pairs = Array.from({ length: 119 }, (_, place) => place + 1).flatMap((user) =>
      Array.from({ length: to - from }, (_, step) => [user, (user * 7 + from + step) % drawn.items] as const),
    );
    const times = Float64Array.from(pairs, (_, row) => from * 1e6 + row);
    return { users: Int32Array.from(pairs, ([user]) => user), items: Int32Array.from(pairs, ([, item]) => item), times };
  };
  return { ...drawn, train: rows(0, 6), validation: rows(6, 7), test: rows(7, 8) };
}
