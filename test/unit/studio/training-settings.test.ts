import { describe, expect, test } from 'vitest';
import { cards } from '#models/cards.ts';
import { requestOf } from '#studio/request-of-run.ts';
import { sweepRequest } from '#studio/sweep-file.ts';
import type { Store } from '#store/store.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { configProblem, configurations, experimentsOf, parsed, planned, putDataset } from './store-fixture.ts';

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
});

const plan = (request: Parameters<typeof parsed>[0]) => planned(store, request);

describe('how a model is trained', () => {
  const rates = (request: Parameters<typeof parsed>[0]) => configurations(request).map(({ config }) => config.budget.learningRate);

  test('is set and varied for one model; what of the budget is not unlocked stays that of all', () => {
    const models = [{ model: 'lightgcn', vary: { lr: [1e-4, 1e-3] }, values: { batch_size: 512 } }, { model: 'bpr' }];
    const found = configurations({ models, budget: { epochs: 40 } });
    expect(found.map(({ config }) => [config.model, config.budget.learningRate, config.budget.batchSize, config.budget.epochs])).toEqual([
      ['lightgcn', 1e-4, 512, 40],
      ['lightgcn', 1e-3, 512, 40],
      ['bpr', 1e-3, 2048, 40],
    ]);
    expect(found.map(({ config }) => Object.keys(config.hyper).sort())).toEqual([
      ['n_layers', 'reg_weight'],
      ['n_layers', 'reg_weight'],
      ['reg_weight'],
    ]);
    expect(found.map(({ differences }) => differences.map(({ key, value }) => `${key} ${value}`).join(', '))).toEqual([
      'lr 0.0001, batch_size 512',
      'batch_size 512',
      '',
    ]);
    expect(new Set(found.map(({ key }) => key)).size).toBe(3);
  });

  test('a preset brings the learning rate it was published with, unless the experiment or the model says another', () => {
    expect(rates({ models: [{ model: 'lattice', preset: 'baby' }] })).toEqual([5e-4]);
    expect(rates({ models: [{ model: 'lattice', preset: 'baby' }], budget: { learningRate: 0.01 } })).toEqual([0.01]);
    expect(rates({ models: [{ model: 'lattice', preset: 'baby', values: { lr: 1e-3 } }] })).toEqual([1e-3]);
    const [grcn] = configurations({ models: [{ model: 'grcn', preset: 'baby' }] });
    expect(grcn!.config.budget).toMatchObject({ learningRate: 1e-4, batchSize: 2048 });
  });

  test('is checked, is nothing for a model that trains nothing, and the plan says where models differ', async () => {
    expect(() => configurations({ models: [{ model: 'lightgcn', values: { lr: 0 } }] })).toThrowError(
      configProblem('config.value', /default is 0.001/, /lr must be above 0/),
    );
    expect(() => configurations({ models: [{ model: 'itemknn', values: { lr: 1e-3 } }] })).toThrowError(
      configProblem('config.unknown-setting', /Known: /),
    );
    const { notes, budget } = await plan({ models: [{ model: 'lightgcn', values: { lr: 1e-4, batch_size: 512 } }, { model: 'bpr' }] });
    expect(budget).toMatchObject({ learningRate: 1e-3, batchSize: 2048 });
    expect(notes.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        'Not the same learning rate for all models: 0.0001 (LightGCN), 0.001 (BPR); tuned for each model.',
        'Not the same batch for all models: 512 (LightGCN), 2048 (BPR); the budget is not equal.',
      ]),
    );
  });
});

describe('a budget that is unlocked for one model', () => {
  const models = [{ model: 'lightgcn', values: { epochs: 50, patience: 3 } }, { model: 'bpr' }, { model: 'mgcn' }];
  const asked = { models, budget: { epochs: 40 } };

  test('is its own, names its row and leaves the others theirs', () => {
    const found = configurations(asked);
    expect(found.map(({ config: { model, budget } }) => [model, budget.epochs, budget.patience])).toEqual([
      ['lightgcn', 50, 3],
      ['bpr', 40, 20],
      ['mgcn', 40, 20],
    ]);
    expect(found.map(({ differences }) => differences.map(({ key, value }) => `${key} ${value}`).join(', '))).toEqual([
      'epochs 50, patience 3',
      '',
      '',
    ]);
  });

  test('is marked in the plan, which no longer calls it one budget', async () => {
    const { notes } = await plan(asked);
    expect(notes.filter(({ level }) => level === 'unequal').map(({ text }) => text)).toEqual([
      'Not the same epoch limit for all models: 50 (LightGCN), 40 (BPR, MGCN); the budget is not equal.',
      'Not the same patience for all models: 3 (LightGCN), 20 (BPR, MGCN); the budget is not equal.',
    ]);
    expect(notes.some(({ text }) => text.startsWith('One budget'))).toBe(false);
    const same = await plan({ models: [models[0]!, { model: 'bpr', values: { epochs: 50, patience: 3 } }] });
    expect(same.notes.filter(({ level }) => level === 'unequal')).toEqual([]);
  });

  test('is the same after its file and its command', async () => {
    const { sweep, command } = await plan(asked);
    for (const text of [sweep.yaml, sweep.json]) expect(sweepRequest(text, 'file').models).toEqual(parsed(asked).models);
    expect(command).toContain('values: { epochs: 50, patience: 3 }');
    expect((await plan({ models: [models[0]!] })).command).toContain('--set epochs=50 --set patience=3');
  });

  test('is told with its experiment and kept by a clone', () => {
    const experiments = experimentsOf(store);
    const { experimentId, runIds } = experiments.start(parsed(asked), 1);
    expect(experiments.detail(experimentId).summary.unequal).toBe(
      'Unequal budget: epoch limit 50 (LightGCN), 40 (BPR, MGCN); patience 3 (LightGCN), 20 (BPR, MGCN).',
    );
    const common = experiments.find(experimentId).request.budget;
    const [own, other] = [0, 1].map((at) => requestOf(store.runs.config(runIds[at]!)!, cards, common));
    expect(own).toMatchObject({ models: [{ values: { epochs: 50, patience: 3 } }], budget: { epochs: 40, patience: 20 } });
    expect(other).toMatchObject({ models: [{ values: {} }], budget: { epochs: 40, patience: 20 } });
  });
});
