import { describe, expect, it } from 'vitest';
import { problemKinds, type Problem } from '#contract/problem.ts';
import type { RunConfig, RunSummary } from '#contract/run.ts';
import { configRows, constantText } from '#renderer/pages/run/config-rows.ts';
import { aggregate } from '#renderer/pages/run/sweep-view.ts';
import { keptWords, likelyWhy, nearestGood, pauseNowWords, remedies, stateLine, stopWords } from '#renderer/state/run-words.ts';
import { withChanges, emptyDraft } from '#renderer/state/experiment-draft.ts';
import { egraCard } from './cards.ts';

const run = (part: Partial<RunSummary>): RunSummary =>
  ({
    id: 'a',
    state: 'finished',
    dataset: 'demo',
    model: 'egra',
    seed: 2,
    differences: [],
    epochs: 87,
    bestEpoch: 66,
    validation: { 'recall@20': 0.0992 },
    elapsedSeconds: 19.4,
    ...part,
  }) as RunSummary;
const problem = (kind: Problem['kind']): Problem => ({ kind, code: 'x', message: 'The loss became not a number in epoch 12', values: {} });

describe('the line under the title', () => {
  it('says why a run stopped, in one line', () => {
    expect(stateLine(run({ stopReason: 'early-stopping' }))).toBe(
      'Finished after 19 s: early stop at 87, best 66, validation Recall@20 0.0992.',
    );
    expect(stopWords({ stopReason: 'epoch-limit', epochs: 1000 })).toBe('stopped at its limit of 1000 epochs');
    expect(stateLine(run({ state: 'failed', problem: problem('diverged'), epochs: 12, bestEpoch: 8 }))).toBe(
      'Failed after 19 s: the loss became not a number in epoch 12, best validation Recall@20 0.0992 at epoch 8.',
    );
    expect(stateLine(run({ state: 'queued', queuePosition: 3, estimatedSeconds: 20 }))).toBe(
      'Waiting, place 3; it should take about 20 s.',
    );
    expect(stateLine(run({ state: 'lost' }))).toContain('goes on from its last checkpoint');
    expect(stateLine(run({ state: 'paused' }))).toContain('goes on from its checkpoint');
    expect(stateLine(run({ state: 'paused', epochs: 0 }))).toContain('begins again');
  });

  it('names the epoch that a pause at once would cost, where one is begun', () => {
    const progress = { stage: 'train', stageIndex: 0, stageCount: 1, epoch: 1233, epochLimit: 2000, misses: 0, patience: 20, minEpochs: 0 };
    expect(pauseNowWords(run({ state: 'running', progress }))).toBe('Pause now, dropping epoch 1,234');
    expect(pauseNowWords(run({ state: 'running', progress: { ...progress, epoch: 2000 } }))).toBe('Pause now');
    expect(pauseNowWords(run({ state: 'preparing' }))).toBe('Pause now');
  });
});

describe('a failure', () => {
  it('is held against the finished run that differs least, the same seed first', () => {
    const others = [
      run({
        id: 'far',
        seed: 2,
        differences: [
          { key: 'tau', value: '1' },
          { key: 'ii_k', value: '5' },
        ],
      }),
      run({ id: 'other-seed', seed: 1, differences: [] }),
      run({ id: 'same-settings', seed: 1, differences: [{ key: 'lr', value: '0.01' }] }),
      run({ id: 'near', seed: 2, differences: [] }),
      run({ id: 'failed', state: 'failed' }),
      run({ id: 'other-data', dataset: 'baby' }),
    ];
    expect(nearestGood(run({ id: 'me', differences: [{ key: 'lr', value: '0.01' }] }), others)?.id).toBe('near');
    expect(nearestGood(run({ id: 'me' }), [])).toBeUndefined();
  });

  it('names the differing settings as the likely reason', () => {
    const words = likelyWhy(problem('diverged'), [{ key: 'learningRate', own: '0.01', other: '0.001' }], 'EGRA with default settings');
    expect(words).toContain('EGRA with default settings finished: learningRate is 0.01 here and 0.001 there.');
    for (const kind of problemKinds) expect(likelyWhy(problem(kind), [], undefined).length).toBeGreaterThan(10);
  });

  it('offers an action for every kind of problem', () => {
    for (const kind of problemKinds)
      expect(remedies(problem(kind), run({}), { learningRate: 0.01, batchSize: 2048 }, true).length).toBeGreaterThan(0);
    expect(remedies(problem('diverged'), run({}), { learningRate: 0.01, batchSize: 2048 }, true)[0]).toEqual({
      label: 'Clone with learning rate 0.001',
      deed: 'clone',
      set: { learningRate: '0.001' },
    });
    expect(remedies(problem('memory'), run({}), { learningRate: 0.01, batchSize: 2048 }, true)[0]?.set).toEqual({ batchSize: '1024' });
    const again = (nextSeed?: number) => remedies(problem('diverged'), run({ seed: 1 }), undefined, true, nextSeed)[1];
    expect(again(4)).toEqual({ label: 'Rerun with seed 4', deed: 'clone', set: { seed: '4' } });
    expect(again()?.set).toEqual({ seed: '2' });
    expect(remedies(problem('killed'), run({}), undefined, true)[0]).toEqual({ label: 'Resume from the last checkpoint', deed: 'resume' });
  });

  it('says what is kept', () => {
    const artifact = (name: string) => ({ name, file: name, bytes: 3_100_000, sha256: '' });
    expect(keptWords([artifact('checkpoint-best'), artifact('checkpoint-last')], { bestEpoch: 8, epochs: 12 })).toBe(
      'The best checkpoint, epoch 8 and the last good checkpoint (6.2 MB), its curves and console. The run stays out of every mean.',
    );
    expect(keptWords([], { epochs: 0 })).toContain('no checkpoint');
  });
});

describe('a remedy in the form', () => {
  it('changes only what is a sensible number', () => {
    expect(withChanges(emptyDraft, { learningRate: '0.001', seed: '4' })).toMatchObject({ budget: { learningRate: 0.001 }, seeds: [4] });
    expect(withChanges(emptyDraft, { learningRate: 'x', batchSize: '-3', seed: '1.5' })).toEqual(emptyDraft);
    expect(withChanges(emptyDraft, {})).toEqual(emptyDraft);
  });
});

describe('the configuration of a run', () => {
  const config: RunConfig = {
    dataset: 'demo',
    model: 'egra',
    hyper: { ii_k: 20, ii_sym: 'max', tau: 0.2, feat_trainable: true, gone: 3 },
    seed: 2,
    budget: { epochs: 1000, minEpochs: 40, patience: 20, batchSize: 2048, learningRate: 0.01, width: 64 },
    protocol: 'validation',
    itemGraph: 'computed',
    device: 'wasm',
    threads: 0,
  };

  it('stands beside its defaults, a card’s own smallest number of epochs among them', () => {
    const rows = configRows(config, egraCard);
    expect(rows.filter((row) => row.differs).map((row) => row.key)).toEqual(['ii_k', 'learningRate']);
    expect(rows.find((row) => row.key === 'gone')).toMatchObject({ group: 'Settings of an older card', differs: false });
    expect(rows.find((row) => row.key === 'feat_trainable')?.value).toBe('on');
  });
});

it('a value that all runs share has its thousands apart where it is a number, and not where it is a name', () => {
  expect([constantText('batchSize', '2048'), constantText('lr', '0.0001')]).toEqual(['2,048', '0.0001']);
  expect(['experiment', 'dataset', 'model', 'preset'].map((key) => constantText(key, '2024'))).toEqual(['2024', '2024', '2024', '2024']);
});

describe('the mean of a row', () => {
  it('uses the sample standard deviation and names n', () => {
    expect(aggregate([0.1, 0.12])).toBe('0.1100 ± 0.0141 · n 2');
    expect(aggregate([0.1])).toBe('0.1000 · n 1');
    expect(aggregate([])).toBe('n 0');
  });
});
