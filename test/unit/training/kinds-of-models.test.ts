import { describe, expect, it } from 'vitest';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only, outcome } from '#test/fixtures/training.ts';
import { newRuns } from './new-runs.ts';

const dataset = drawnDataset();
const { newRun } = newRuns(dataset);

describe('a model without training', () => {
  it('is evaluated once and done, without vectors among its files, and the same for every seed', async () => {
    const config = trainConfig('itemknn', { budget: { epochs: 50 } });
    const events = await (await newRun(config)).go();
    const finished = only(events, 'finished')[0]!;
    expect(finished).toMatchObject({ epochs: 1, bestEpoch: 1, stopReason: 'epoch-limit', leakedTensors: 0, fallbacks: [] });
    // Features show an item's group, and most rows stay in one: better than 20 of 50 items at random.
    expect(finished.validation['recall@20']).toBeGreaterThan(0.5);
    expect(finished.artifacts.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['top50', 'per-user-validation', 'per-user-test', 'checkpoint-best']),
    );
    expect(finished.artifacts.map(({ name }) => name)).not.toContain('users');
    const other = await (await newRun({ ...config, seed: 9 })).go();
    expect(only(other, 'finished')[0]!.test).toEqual(finished.test);
  });
});

describe('a model whose released scorer ranks with what the last batch left', () => {
  it('scores the same after a reload (S5), and otherwise than with vectors computed anew', async () => {
    const config = trainConfig('dragon', { hyper: { user_graph_k: 5 }, budget: { epochs: 4, learningRate: 0.05 } });
    const run = await newRun(config);
    const events = await run.go();
    // The best checkpoint is read back and scored again; a difference would be told.
    expect(only(events, 'line')).toEqual([]);
    const stopped = await newRun(config);
    await stopped.go({ until: ({ type }) => type === 'checkpointWritten' });
    expect(outcome(await stopped.go({ resume: true }))).toEqual(outcome(events));
    const anew = await (await newRun({ ...config, hyper: { ...config.hyper, stale_eval: 'corrected' } })).go();
    expect(only(anew, 'line')).toEqual([]);
    const losses = (told: typeof events) => only(told, 'epochFinished').map(({ loss }) => loss);
    expect(losses(anew)).toEqual(losses(events));
    expect(outcome(anew).hashes).not.toEqual(outcome(events).hashes);
  });
});

describe('a model that draws in its steps', () => {
  it.each(['selfcf', 'bm3'])('%s goes on after a stop as if there had been none, bit for bit', async (id) => {
    const config = trainConfig(id);
    const whole = outcome(await (await newRun(config)).go());
    const stopped = await newRun(config);
    await stopped.go({ until: ({ type }) => type === 'checkpointWritten' });
    expect(outcome(await stopped.go({ resume: true }))).toEqual(whole);
  });
});
