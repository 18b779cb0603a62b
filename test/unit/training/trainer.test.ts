import { readdirSync } from 'node:fs';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNpy } from '#data/formats/npy.ts';
import { changing, mul } from '#engine/ops/basic.ts';
import type { ModelDefinition } from '#models/define-model.ts';
import { modelById } from '#models/registry.ts';
import { CheckpointFolder } from '#training/checkpoint.ts';
import { TrainControl } from '#training/control.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only, outcome, RunOfTest } from '#test/fixtures/training.ts';
import { newRuns } from './new-runs.ts';

const dataset = drawnDataset();
const { newRun, device } = newRuns(dataset);

/** LightGCN whose loss becomes NaN in one batch: `at` counts batches from 1 over the whole attempt. */
function poisoned(at: number): (id: string) => ModelDefinition {
  return (id) => {
    const definition = modelById(id);
    let batches = 0;
    return {
      ...definition,
      create: (context) => {
        const model = definition.create(context);
        const [inputs, loss] = [model.inputs.bind(model), model.loss.bind(model)];
        model.inputs = (batch, epoch) => {
          batches += 1;
          return { whole: inputs(batch, epoch), factor: Float32Array.of(batches === at ? Number.NaN : 1) };
        };
        model.loss = (given) => {
          const { whole, factor } = given as { whole: object; factor: Float32Array };
          const { total, terms } = loss(whole);
          return { total: mul(total, changing(factor)), terms: { ...terms, bpr: mul(terms['bpr']!, changing(factor)) } };
        };
        return model;
      },
    };
  };
}

// 59 users × 7 train rows.
const batchesPerEpoch = Math.ceil((59 * 7) / 128);

describe('train', () => {
  it('is the same bit for bit for the same seed, and another for another seed', async () => {
    const config = trainConfig('lightgcn');
    const first = outcome(await (await newRun(config)).go());
    expect(outcome(await (await newRun(config)).go())).toEqual(first);
    const other = outcome(await (await newRun({ ...config, seed: 8 })).go());
    expect(other.hashes).not.toEqual(first.hashes);
  });

  it('tells an epoch as it was: summed loss, learning rate, best so far, users that were evaluated', async () => {
    const config = trainConfig('mgcn', { budget: { epochs: 2, learningRateDecay: 0.5 } });
    const events = await (await newRun(config)).go();
    const [first, second] = only(events, 'epochFinished');
    expect([first?.epoch, second?.epoch]).toEqual([1, 2]);
    expect([first?.learningRate, second?.learningRate]).toEqual([1e-2, 1e-2 * 0.5 ** (1 / 50)]);
    // A mean log-loss starts near ln 2; the logged one is the sum over batches.
    expect(first!.terms['bpr']! / batchesPerEpoch).toBeCloseTo(Math.LN2, 0);
    const prepared = only(events, 'prepared')[0];
    expect(prepared?.evaluatedUsers).toEqual({ validation: 59, test: 59, dropped: 1 });
    expect(only(events, 'finished')[0]?.compile).toBe(prepared?.provenance.compile);
    expect(only(events, 'finished')[0]).toMatchObject({ leakedTensors: 0, fallbacks: [], epochs: 2, stopReason: 'epoch-limit' });
  });

  it('scores test exactly once, at the best checkpoint (S4), and leaves result files that give the same numbers (S5)', async () => {
    const run = await newRun(trainConfig('mgcn'));
    const events = await run.go();
    expect(only(events, 'phase').filter(({ phase }) => phase === 'test')).toHaveLength(1);
    expect(only(events, 'epochFinished').every(({ test }) => test === undefined)).toBe(true);
    expect(only(events, 'line')).toEqual([]);
    const [finished] = only(events, 'finished');
    const best = only(events, 'epochFinished')[finished!.bestEpoch - 1]!;
    expect(finished!.validation).toEqual(best.validation);
    expect(finished!.artifacts.map(({ name }) => name)).toEqual([
      'checkpoint-best',
      'checkpoint-last',
      'top50',
      'top50-scores',
      'users',
      'items',
      'item-shares',
      'per-user-validation',
      'per-user-test',
    ]);
    const left = [...finished!.artifacts.map(({ file }) => file), 'finished.bin'];
    expect(readdirSync(run.runFolder).sort()).toEqual(left.sort());

    const array = async (name: string) => readNpy(await readFile(join(run.runFolder, `${name}.npy`)), name);
    const [users, items, top50, perUser] = await Promise.all([array('users'), array('items'), array('top50'), array('per-user-test')]);
    expect([users.header.shape, items.header.shape, top50.header.shape, perUser.header.shape]).toEqual([
      [60, 8],
      [50, 8],
      [60, 50],
      [59, 17],
    ]);
    const recallAt20 = Array.from({ length: 59 }, (_, row) => Number(perUser.values[row * 17 + 3]));
    expect(recallAt20.reduce((sum, value) => sum + value, 0) / 59).toBe(finished!.test['recall@20']);
    // Scores are dot products of the saved vectors: the saved list of user 5 falls in score.
    const scoreOf = (item: number) =>
      Array.from({ length: 8 }, (_, k) => Number(users.values[5 * 8 + k]) * Number(items.values[item * 8 + k])).reduce((a, b) => a + b);
    const scores = Array.from({ length: 20 }, (_, rank) => scoreOf(Number(top50.values[5 * 50 + rank])));
    for (let rank = 1; rank < scores.length; rank++) expect(scores[rank]!).toBeLessThanOrEqual(scores[rank - 1]! + 1e-6);
    const stored = await array('top50-scores');
    expect(stored.header).toMatchObject({ shape: [60, 50], type: 'float32' });
    scores.forEach((score, rank) => expect(Number(stored.values[5 * 50 + rank])).toBeCloseTo(score, 5));
    // Where no candidate is left there is neither an item nor a score.
    expect([top50.values[50 * 5 + 49], stored.values[50 * 5 + 49]]).toEqual([-1, -Infinity]);
  });

  it('scores test every epoch under the MMRec protocol', async () => {
    const events = await (await newRun(trainConfig('lightgcn', { protocol: 'mmrec' }))).go();
    const [finished] = only(events, 'finished');
    const epochs = only(events, 'epochFinished');
    expect(epochs.every(({ test }) => test?.['recall@20'] !== undefined)).toBe(true);
    expect(finished!.test).toEqual(epochs[finished!.bestEpoch - 1]!.test);
  });

  it('stops early by patience', async () => {
    const config = trainConfig('lightgcn', { budget: { epochs: 60, patience: 1, learningRate: 1e-9 } });
    const events = await (await newRun(config)).go();
    const epochs = only(events, 'epochFinished');
    expect(only(events, 'finished')[0]).toMatchObject({ stopReason: 'early-stopping', epochs: epochs.length });
    expect(epochs.at(-1)?.misses).toBe(2);
  });
});

describe('a loss that is not finite', () => {
  const at = 2 * batchesPerEpoch + 2;

  it('fails the run with epoch, batch and term, and keeps the last good checkpoint, which can be resumed (S6, G23)', async () => {
    const config = trainConfig('lightgcn', { budget: { epochs: 4 } });
    const undisturbed = outcome(await (await newRun(config)).go());
    const run = await newRun(config);
    const failed = only(await run.go({ findModel: poisoned(at) }), 'failed')[0]!;
    expect(failed.problem).toMatchObject({
      kind: 'diverged',
      where: 'epoch 3, batch 2',
      values: { epoch: 3, batch: 2, term: 'bpr', value: 'NaN' },
    });
    expect(failed.artifacts.map(({ name }) => name)).toEqual(['checkpoint-best', 'checkpoint-last']);
    const last = await new CheckpointFolder(run.runFolder).readLast();
    expect(last?.epoch).toBe(2);
    expect([...last!.parameters.values()].every((values) => values.every(Number.isFinite))).toBe(true);
    expect(outcome(await run.go({ resume: true }))).toEqual(undisturbed);
  });

  it('fails a run whose loss stays finite while its parameters are too large to score with', async () => {
    const config = trainConfig('lightgcn', { budget: { epochs: 2, learningRate: 1e30 } });
    const failed = only(await (await newRun(config)).go(), 'failed')[0]!;
    expect(failed.problem).toMatchObject({ kind: 'diverged', values: { epoch: 1, term: expect.stringMatching(/^parameter /) } });
  });

  it('ends the loop and reports the earlier best under the MMRec protocol', async () => {
    const run = await newRun(trainConfig('lightgcn', { protocol: 'mmrec', budget: { epochs: 4 } }));
    expect(only(await run.go({ findModel: poisoned(at) }), 'finished')[0]).toMatchObject({ stopReason: 'non-finite-loss', epochs: 2 });
  });
});

describe('pause, stop, resume', () => {
  const config = trainConfig('egra', { budget: { epochs: 3 } });

  it('pauses after the running epoch, in training and in pretraining, and goes on bit-identically (G12)', async () => {
    const undisturbed = outcome(await (await newRun(config)).go());
    const run = await newRun(config);
    for (const stage of ['pretrain', 'train']) {
      const control = new TrainControl();
      const events = await run.go({
        control,
        resume: stage === 'train',
        until: (event) => {
          if (event.type === 'phase' && event.stage === stage && event.phase === 'train' && event.epoch === 2) control.pause();
          return false;
        },
      });
      expect(events.at(-1)).toEqual({ type: 'paused', epoch: 2 });
    }
    expect(outcome(await run.go({ resume: true }))).toEqual(undisturbed);
  });

  it('pauses at once in any phase of an epoch, drops it, and goes on bit-identically', async () => {
    const undisturbed = outcome(await (await newRun(config)).go());
    const run = await newRun(config);
    const moments = [
      ['pretrain', 'train', 1],
      ['pretrain', 'evaluate', 2],
      ['train', 'train', 1],
      ['train', 'evaluate', 1],
      ['train', 'train', 3],
    ] as const;
    for (const [stage, phase, epoch] of moments) {
      const control = new TrainControl();
      const events = await run.go({
        control,
        resume: true,
        until: (event) => {
          if (event.type === 'phase' && event.stage === stage && event.phase === phase && event.epoch === epoch) control.pause(true);
          return false;
        },
      });
      expect(events.at(-1), `${stage} ${phase} ${epoch}`).toEqual({ type: 'paused', epoch: epoch - 1, dropped: epoch });
      expect(only(events, 'epochFinished').some((told) => told.stage === stage && told.epoch === epoch)).toBe(false);
    }
    const control = new TrainControl();
    const scored = await run.go({
      control,
      resume: true,
      until: (event) => {
        if (event.type === 'phase' && event.phase === 'test') control.pause(true);
        return false;
      },
    });
    expect(scored.at(-1)).toEqual({ type: 'paused', epoch: 3 });
    expect(outcome(await run.go({ resume: true }))).toEqual(undisturbed);
  });

  it('a stop wins over a pause at once: the best epoch is kept, or nothing', async () => {
    for (const how of ['keep', 'discard'] as const) {
      const control = new TrainControl();
      const events = await (
        await newRun(trainConfig('lightgcn', { budget: { epochs: 3 } }))
      ).go({
        control,
        until: (event) => {
          if (event.type === 'phase' && event.phase === 'train' && event.epoch === 2) {
            control.pause(true);
            control.stop(how);
          }
          return false;
        },
      });
      expect(events.at(-1)).toMatchObject(how === 'keep' ? { type: 'finished', epochs: 1 } : { type: 'failed' });
    }
  });

  it('stops and keeps: the best epoch so far is scored and kept', async () => {
    const run = await newRun(config);
    const control = new TrainControl();
    const events = await run.go({
      control,
      until: (event) => {
        if (event.type === 'phase' && event.stage === 'train' && event.phase === 'train' && event.epoch === 3) control.stop('keep');
        return false;
      },
    });
    const [finished] = only(events, 'finished');
    expect(finished).toMatchObject({ stopReason: 'stopped-by-user', epochs: 2 });
    expect(finished!.artifacts).toHaveLength(9);
  });

  it('stops and discards at once, without results', async () => {
    const run = await newRun(config);
    const control = new TrainControl();
    const events = await run.go({
      control,
      until: (event) => {
        if (event.type === 'epochFinished') control.stop('discard');
        return false;
      },
    });
    expect(events.at(-1)).toMatchObject({ type: 'failed', problem: { kind: 'cancelled', code: 'training.discarded' } });
    expect(only(events, 'epochFinished')).toHaveLength(1);
  });

  it('says so when there is nothing to keep', async () => {
    const control = new TrainControl();
    control.stop('keep');
    const events = await (await newRun(trainConfig('lightgcn'))).go({ control });
    expect(events.at(-1)).toMatchObject({ type: 'failed', problem: { kind: 'cancelled' } });
  });

  it('goes on from every phase of a run, pretraining included, to the same results, with one epoch recomputed at most', async () => {
    const whole = await (await newRun(config)).go();
    const undisturbed = outcome(whole);
    const moments = whole.flatMap((event, place) =>
      ['phase', 'checkpointWritten', 'stageFinished', 'prepared'].includes(event.type) ? [place] : [],
    );
    expect(moments.length).toBeGreaterThan(25);
    for (const place of moments) {
      const run = await newRun(config);
      let told = -1;
      const before = await run.go({ until: () => ++told === place });
      const after = await run.go({ resume: true });
      expect(outcome(after), `abandoned after ${JSON.stringify(whole[place])}`).toEqual(undisturbed);
      const work = [...before, ...after].filter((event) => event.type === 'phase' && event.phase === 'evaluate');
      expect(work.length, `epochs evaluated, abandoned after ${JSON.stringify(whole[place])}`).toBeLessThanOrEqual(6 + 1);
    }
  });

  it('tells a finished run again without training, should its owner have missed the end', async () => {
    const run = await newRun(config);
    const first = await run.go();
    const again = await run.go({ resume: true });
    expect(outcome(again)).toEqual(outcome(first));
    expect(only(again, 'phase').map(({ phase }) => phase)).toEqual(['start']);
  });

  it('falls back one epoch on a torn checkpoint and still ends the same', async () => {
    const undisturbed = outcome(await (await newRun(config)).go());
    const run = await newRun(config);
    await run.go({ until: (event) => event.type === 'checkpointWritten' && event.stage === 'train' && event.epoch === 2 });
    await truncate(new CheckpointFolder(run.runFolder).lastPath(2), 1000);
    const events = await run.go({ resume: true });
    expect(only(events, 'stageStarted').find(({ stage }) => stage === 'train')?.fromEpoch).toBe(1);
    expect(outcome(events)).toEqual(undisturbed);
  });

  it('starts anew without `resume`, refuses a checkpoint of other settings, warns of another version', async () => {
    const run = await newRun(trainConfig('lightgcn'));
    const half = { until: (event: { type: string }) => event.type === 'checkpointWritten' };
    await run.go(half);
    const warned = await run.go({ resume: true, codeVersion: '2', ...half });
    expect(only(warned, 'line')[0]).toMatchObject({ level: 'warn', text: expect.stringContaining('version 1') as string });
    const fresh = await run.go({ ...half });
    expect(only(fresh, 'stageStarted')[0]?.fromEpoch).toBe(0);
    const other = new RunOfTest(run.folder, { config: trainConfig('lightgcn', { seed: 99 }), dataset, device: device() });
    expect((await other.go({ resume: true })).at(-1)).toMatchObject({
      type: 'failed',
      problem: { kind: 'config', code: 'checkpoint.other-run' },
    });
  });
});
