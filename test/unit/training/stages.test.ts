import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunConfig } from '#contract/run.ts';
import type { Dataset } from '#data/dataset.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only, outcome, RunOfTest } from '#test/fixtures/training.ts';
import { newRuns } from './new-runs.ts';

const dataset = drawnDataset();
const { newRun: made, device } = newRuns(dataset);

const config = trainConfig('egra', { budget: { epochs: 2 } });
const newRun = (wanted = config, data = dataset) => made(wanted, data);

/** A further run that shares the cache of the first one. */
function beside(run: RunOfTest, wanted: RunConfig = config, data: Dataset = dataset): RunOfTest {
  const other = new RunOfTest(run.folder, { config: wanted, dataset: data, device: device() });
  Object.defineProperty(other, 'runFolder', { value: join(run.folder, `run-${Math.random()}`) });
  return other;
}

const stageOf = (events: Awaited<ReturnType<RunOfTest['go']>>) => only(events, 'stageFinished')[0];

describe('pretraining', () => {
  it('is trained once and reused by every run with the same dataset, settings, budget and seed', async () => {
    const run = await newRun();
    const built = await run.go({ runId: 'a' });
    expect(stageOf(built)).toMatchObject({ stage: 'pretrain', epochs: 2, reused: false });
    const sharing = [trainConfig('egra', { budget: { epochs: 2 }, hyper: { lambda_max: 0.1 } }), config];
    for (const wanted of sharing) {
      const events = await beside(run, wanted).go({ runId: 'b' });
      expect(stageOf(events)).toMatchObject({ reused: true, seconds: stageOf(built)!.seconds });
      expect(only(events, 'phase').some(({ stage }) => stage === 'pretrain')).toBe(false);
      const historyOf = (all: typeof events) => only(all, 'epochFinished').filter(({ stage }) => stage === 'pretrain');
      expect(historyOf(events)).toEqual(historyOf(built));
    }
  });

  it('takes the place of a run of that model with the same settings, budget and seed, to the last bit', async () => {
    const alone = await newRun();
    const undisturbed = outcome(await alone.go({ runId: 'a' }));
    const pretraining = await newRun(trainConfig('mgcn', { budget: { epochs: 2 } }));
    await pretraining.go({ runId: 'mgcn' });
    const events = await beside(pretraining).go({ runId: 'egra' });
    expect(stageOf(events)).toMatchObject({ stage: 'pretrain', epochs: 2, reused: true });
    expect(outcome(events)).toEqual(undisturbed);
  });

  it('is trained again for another seed, budget, feature or row order', async () => {
    const run = await newRun();
    await run.go({ runId: 'a' });
    const [image, text] = dataset.modalities;
    const reversed = { users: dataset.train.users.slice().reverse(), items: dataset.train.items.slice().reverse() };
    const others: [RunConfig, Dataset][] = [
      [{ ...config, seed: 8 }, dataset],
      [trainConfig('egra', { budget: { epochs: 3 } }), dataset],
      [config, { ...dataset, modalities: [{ ...image!, hash: 'changed' }, text!] }],
      [config, { ...dataset, train: reversed }],
    ];
    for (const [wanted, data] of others) expect(stageOf(await beside(run, wanted, data).go({ runId: 'b' }))?.reused).toBe(false);
  });

  it('never sees validation or test rows: other held-out rows give the same vectors', async () => {
    const undisturbed = await newRun();
    await undisturbed.go({ runId: 'a' });
    const fewer = { ...dataset, test: { users: dataset.test.users.slice(0, 5), items: dataset.test.items.slice(0, 5) } };
    const other = await newRun(config, fewer);
    await other.go({ runId: 'a' });
    const losses = async (run: RunOfTest) => only(await run.go({ resume: true }), 'epochFinished').map(({ stage, loss }) => [stage, loss]);
    expect(await losses(other)).toEqual(await losses(undisturbed));
  });

  it('is waited for while another run trains it, then reused', async () => {
    const run = await newRun();
    const both = await Promise.all([run.go({ runId: 'a' }), beside(run).go({ runId: 'b' })]);
    expect(both.map((events) => stageOf(events)?.reused).sort()).toEqual([false, true]);
    expect(outcome(both[0])).toEqual(outcome(both[1]));
    const waited = both.flatMap((events) => only(events, 'line')).map(({ text }) => text);
    expect(waited).toEqual([expect.stringMatching(/Waiting for mgcn/)]);
  });

  it('is continued by another run when the one that trained it is gone', async () => {
    const longer = trainConfig('egra', { budget: { epochs: 4 } });
    const whole = outcome(await (await newRun(longer)).go());
    const run = await newRun(longer);
    await run.go({ runId: 'a', until: (event) => event.type === 'checkpointWritten' && event.epoch === 2 });
    const events = await beside(run, longer).go({ runId: 'b' });
    expect(only(events, 'stageStarted')[0]).toMatchObject({ stage: 'pretrain', fromEpoch: 2 });
    expect(stageOf(events)).toMatchObject({ epochs: 4, reused: false });
    expect(outcome(events)).toEqual(whole);
  });

  it('is built again when its file is damaged, and leaves no checkpoints behind', async () => {
    const run = await newRun();
    const first = outcome(await run.go({ runId: 'a' }));
    const stages = join(run.cacheFolder, 'stages');
    const [key] = await readdir(stages);
    expect(await readdir(join(stages, key!))).toEqual(['result.bin']);
    await truncate(join(stages, key!, 'result.bin'), 500);
    const events = await beside(run).go({ runId: 'b' });
    expect(stageOf(events)?.reused).toBe(false);
    expect(outcome(events)).toEqual(first);
  });
});

describe('a warm-up of the model itself', () => {
  const warm = { ii_source: 'self', self_epochs: 3, self_refresh: 2, epoch_weight: 'off' };
  const self = trainConfig('egra', { budget: { epochs: 5 }, hyper: warm });
  const recordsOf = (events: Awaited<ReturnType<RunOfTest['go']>>, stage: string) =>
    only(events, 'epochFinished')
      .filter((event) => event.stage === stage)
      .map(({ epoch, loss, validation }) => ({ epoch, loss, validation }));

  it('takes its set number of epochs apart from the budget, stands in the record by itself, and is shared', async () => {
    const run = await newRun(self);
    const events = await run.go({ runId: 'a' });
    expect(stageOf(events)).toMatchObject({ stage: 'warm-up', epochs: 3, bestEpoch: 3, reused: false });
    expect(only(events, 'stageStarted').map(({ stage, model }) => [stage, model])).toEqual([
      ['warm-up', 'egra'],
      ['train', 'egra'],
    ]);
    expect(recordsOf(events, 'train')).toHaveLength(5);
    expect(only(events, 'finished')[0]!.leakedTensors).toBe(0);
    const other = trainConfig('egra', { budget: { epochs: 2, patience: 1 }, hyper: { ...warm, ii_k: 3, self_refresh: 0 } });
    const shared = await beside(run, other).go({ runId: 'b' });
    expect(stageOf(shared)?.reused).toBe(true);
    expect(recordsOf(shared, 'warm-up')).toEqual(recordsOf(events, 'warm-up'));
  });

  it('goes on from its parameters and draws, with a new optimiser and a new graph', async () => {
    // One batch an epoch, links without weight: an epoch's loss then depends on parameters and draws alone.
    const budget = { epochs: 5, batchSize: 4096 };
    const plain = trainConfig('egra', { budget, hyper: { ii_source: 'none', epoch_weight: 'off' } });
    const whole = recordsOf(await (await newRun(plain)).go(), 'train');
    const split = await newRun(trainConfig('egra', { budget: { ...budget, epochs: 2 }, hyper: { ...warm, self_refresh: 0, ii_coef: 0 } }));
    const events = await split.go();
    expect(recordsOf(events, 'warm-up')).toEqual(whole.slice(0, 3));
    const [first, second] = recordsOf(events, 'train');
    expect(first!.loss).toBe(whole[3]!.loss);
    expect(second!.loss).not.toBe(whole[4]!.loss);
  });

  it('is the same whichever moment a kill comes at', async () => {
    const undisturbed = outcome(await (await newRun(self)).go());
    const moments: [string, number][] = [
      ['warm-up', 1],
      ['warm-up', 3],
      ['train', 1],
      ['train', 2],
      ['train', 3],
      ['train', 4],
    ];
    for (const [stage, epoch] of moments) {
      const run = await newRun(self);
      await run.go({ until: (event) => event.type === 'checkpointWritten' && event.stage === stage && event.epoch === epoch });
      expect(outcome(await run.go({ resume: true })), `${stage} ${epoch}`).toEqual(undisturbed);
    }
  });

  it('is built again when its file is damaged', async () => {
    const run = await newRun(self);
    const first = outcome(await run.go({ runId: 'a' }));
    const stages = join(run.cacheFolder, 'stages');
    const [key] = await readdir(stages);
    await truncate(join(stages, key!, 'result.bin'), 500);
    const events = await beside(run, self).go({ runId: 'b' });
    expect(stageOf(events)?.reused).toBe(false);
    expect(outcome(events)).toEqual(first);
  });
});
