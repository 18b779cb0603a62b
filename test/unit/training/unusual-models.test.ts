import { describe, expect, it } from 'vitest';
import { TrainControl } from '#training/control.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only, outcome } from '#test/fixtures/training.ts';
import { newRuns } from './new-runs.ts';

const dataset = drawnDataset({ users: 24, items: 30 });
const hyper = {
  dmicf: { latent_dim: 6, intent_num: 5, middle_num: 7, fine_num: 8, intent_hidden_1: 7, intent_hidden_2: 6, intent_dim: 4, neg_num: 6 },
  igdmrec: { n_hid: 7, diff_batch: 16, diff_topk: 5, knn_k: 5, co_min: 1, diff_passes: 2 },
};

describe('a run of', () => {
  const { newRun } = newRuns(dataset);
  const runOf = (model: 'dmicf' | 'igdmrec') => newRun(trainConfig(model, { budget: { epochs: 3 }, hyper: hyper[model] }));

  it.each(['dmicf', 'igdmrec'] as const)('%s is the same when it was killed in its second epoch and resumed', async (model) => {
    const whole = await (await runOf(model)).go();
    const killed = await runOf(model);
    await killed.go({ until: (event) => event.type === 'phase' && event.phase === 'evaluate' && event.epoch === 2 });
    expect(outcome(await killed.go({ resume: true }))).toEqual(outcome(whole));
    expect(only(whole, 'line')).toEqual([]);
    const [finished] = only(whole, 'finished');
    expect(finished).toMatchObject({ compile: 'compiled', leakedTensors: 0, fallbacks: [] });
    // Scores of pairs have no vectors to keep.
    expect(finished!.artifacts.some(({ name }) => name === 'users')).toBe(model === 'igdmrec');
  });

  it('a model with long work before an epoch hears a stop between two pieces of it', async () => {
    const control = new TrainControl();
    const events = await (
      await runOf('igdmrec')
    ).go({
      control,
      until: (event) => {
        if (event.type === 'phase' && event.phase === 'train' && event.epoch === 2) control.stop('keep');
        return false;
      },
    });
    expect(only(events, 'finished')[0]).toMatchObject({ stopReason: 'stopped-by-user', epochs: 1, leakedTensors: 0 });
  });
});
