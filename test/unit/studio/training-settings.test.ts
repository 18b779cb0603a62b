import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cards } from '#models/cards.ts';
import { configurationsOf } from '#studio/configurations.ts';
import { planOf } from '#studio/plan.ts';
import type { Store } from '#store/store.ts';
import { openStore, temporaryHome, type Home } from '#test/unit/store/fixture.ts';
import { parsed, plannerOf, putDataset } from './store-fixture.ts';

let home: Home;
let store: Store;
beforeEach(() => {
  home = temporaryHome();
  store = openStore(home.folder);
  putDataset(store, 'demo');
});
afterEach(() => {
  store.close();
  home.remove();
});

const configurations = (request: Parameters<typeof parsed>[0]) => configurationsOf(parsed(request), cards);
const plan = (request: Parameters<typeof parsed>[0]) => planOf(plannerOf(store), parsed(request), 1, home.folder);
const problem = (code: string, fix: RegExp, message = /./) =>
  expect.objectContaining({
    problem: expect.objectContaining({ kind: 'config', code, fix: expect.stringMatching(fix), message: expect.stringMatching(message) }),
  });

describe('how a model is trained', () => {
  const rates = (request: Parameters<typeof parsed>[0]) => configurations(request).map(({ config }) => config.budget.learningRate);

  test('is set and varied for one model; epochs and patience stay those of all', () => {
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
      problem('config.value', /default is 0.001/, /lr must be above 0/),
    );
    expect(() => configurations({ models: [{ model: 'itemknn', values: { lr: 1e-3 } }] })).toThrowError(
      problem('config.unknown-setting', /Known: /),
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
