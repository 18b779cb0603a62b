import { describe, expect, test } from 'vitest';
import type { Calibration } from '#contract/task.ts';
import { editDistance, nearest } from '#studio/nearest.ts';
import { expand } from '#studio/plan.ts';
import { cards } from '#models/cards.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import type { Store } from '#store/store.ts';
import { RunView } from '#studio/run-view.ts';
import {
  configProblem,
  configurations,
  experimentsOf,
  finishAll,
  parsed,
  planned,
  plannerOf,
  putDataset,
  speedsOf,
} from './store-fixture.ts';

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
});

const plan = (request: Parameters<typeof parsed>[0], atOnce?: number) => planned(store, request, atOnce);

describe('names that do not exist', () => {
  test('are told with the known ones and the nearest', () => {
    expect(() => configurations({ models: [{ model: 'ligtgcn' }] })).toThrowError(
      configProblem('config.unknown-model', new RegExp(`Did you mean lightgcn\\? Known: ${cards.map(({ id }) => id).join(', ')}\\.`)),
    );
    expect(() => configurations({ models: [{ model: 'transformer' }] })).toThrowError(configProblem('config.unknown-model', /^Known: /));
    expect(() => configurations({ models: [{ model: 'lightgcn', preset: 'babby' }] })).toThrowError(
      configProblem('config.unknown-preset', /Did you mean baby\?/),
    );
    expect(() => configurations({ models: [{ model: 'lightgcn', values: { n_layer: 2 } }] })).toThrowError(
      configProblem(
        'config.unknown-setting',
        /Did you mean n_layers\? Known: n_layers, reg_weight, lr, lr_decay, epochs, batch_size, patience, width\./,
      ),
    );
    expect(() => configurations({ models: [{ model: 'lightgcn', vary: { layers: [1] } }] })).toThrowError(
      configProblem('config.unknown-setting', /Known: /),
    );
    expect(() => expand(plannerOf(store), parsed({ datasets: ['dmeo'] }))).toThrowError(
      configProblem('config.unknown-dataset', /Did you mean demo\?/),
    );
  });

  test('a dataset may be asked for by its name, and by both it is one', () => {
    const { datasets } = expand(plannerOf(store), parsed({ datasets: ['Demo', 'demo'] }));
    expect(datasets.map(({ summary }) => summary.id)).toEqual(['demo']);
  });

  test('values out of range say what would be right', () => {
    expect(() => configurations({ models: [{ model: 'lightgcn', values: { n_layers: 9 } }] })).toThrowError(
      configProblem('config.value', /default is 3/, /n_layers must be at least 1 and at most 8, found 9/),
    );
    expect(() => configurations({ models: [{ model: 'lightgcn', vary: { n_layers: [2, 2.5] } }] })).toThrowError(
      configProblem('config.value', /./, /whole number, found 2.5/),
    );
  });

  test('distance counts single changes', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(nearest('mgnc', ['mgcn', 'egra'])).toBe('mgcn');
    expect(nearest('zzz', ['mgcn', 'egra'])).toBeUndefined();
  });
});

describe('the grid', () => {
  test('expands in grid order, the last field fastest, and says what differs from the defaults', () => {
    const found = configurations({
      models: [{ model: 'lightgcn', vary: { n_layers: [2, 3], reg_weight: [1e-4, 1e-3] } }, { model: 'bpr' }],
    });
    expect(found.map(({ card, config }) => [card.id, config.hyper['n_layers'], config.hyper['reg_weight']])).toEqual([
      ['lightgcn', 2, 1e-4],
      ['lightgcn', 2, 1e-3],
      ['lightgcn', 3, 1e-4],
      ['lightgcn', 3, 1e-3],
      ['bpr', undefined, 0.1],
    ]);
    expect(found.map(({ differences }) => differences.map(({ key, value }) => `${key} ${value}`).join(' '))).toEqual([
      'n_layers 2',
      'n_layers 2 reg_weight 0.001',
      '',
      'reg_weight 0.001',
      '',
    ]);
  });

  test('equal configurations are one, whatever they are called', () => {
    const found = configurations({
      models: [{ model: 'lightgcn', preset: 'baby' }, { model: 'lightgcn' }, { model: 'lightgcn', vary: { n_layers: [3, 3] } }],
    });
    expect(found).toHaveLength(1);
  });

  test('the name of a configuration does not hang on seed, device or threads, but on everything that changes the numbers', () => {
    const key = (request: Parameters<typeof parsed>[0]) => configurations(request)[0]!.key;
    const base = key({});
    expect(key({ seeds: [9], device: 'cpu', threads: 4, name: 'x' })).toBe(base);
    for (const change of [
      { budget: { epochs: 7 } },
      { protocol: 'mmrec' as const },
      { itemGraph: 'imported' as const },
      { models: [{ model: 'lightgcn', values: { n_layers: 2 } }] },
    ])
      expect(key(change)).not.toBe(base);
  });

  test('one budget for all: the largest min_epochs of any model holds for each', () => {
    const found = configurations({ models: [{ model: 'lightgcn' }, { model: 'egra' }] });
    expect(found.map(({ config }) => config.budget.minEpochs)).toEqual([40, 40]);
    expect(configurations({ models: [{ model: 'lightgcn' }] })[0]!.config.budget.minEpochs).toBe(0);
    expect(configurations({ models: [{ model: 'egra' }], budget: { minEpochs: 60 } })[0]!.config.budget.minEpochs).toBe(60);
  });

  test('a grid beyond all reason is refused before it is built', () => {
    const many = Array.from({ length: 60 }, (_unused, index) => index / 1000);
    expect(() =>
      configurations({ models: [{ model: 'egra', vary: { lambda_max: many, tau: many.map((value) => value + 0.01) } }] }),
    ).toThrowError(expect.objectContaining({ problem: expect.objectContaining({ code: 'experiment.too-large' }) }));
  });
});

const calibrated: Calibration = {
  device: 'wasm',
  threads: 2,
  name: 'WebAssembly',
  version: '1',
  compile: 'eager',
  layers: 3,
  edges: 80_000,
  width: 64,
  batchSize: 2048,
  parameters: 192_000,
  secondsPerStep: 0.01,
  secondsPerMultimodalStep: 0.03,
  secondsPerMillionScores: 0.05,
  startSeconds: 1,
};

describe('the plan', () => {
  test('counts runs per dataset, configuration and seed, and models that cannot run with the reason', async () => {
    putDataset(store, 'plain', { modalities: [] });
    const found = await plan({ datasets: ['demo', 'plain'], models: [{ model: 'lightgcn' }, { model: 'mgcn' }], seeds: [1, 2, 2] });
    expect(found.runs).toBe(6);
    expect(found.impossible).toEqual([
      { model: 'mgcn', dataset: 'plain', reason: 'MGCN needs features of at least one modality; plain has none' },
    ]);
    expect(found.matrix.cells.map((cell) => `${cell.dataset} ${cell.model} ${cell.seed} ${cell.state}`)).toEqual([
      'demo lightgcn 1 planned',
      'demo lightgcn 2 planned',
      'demo mgcn 1 planned',
      'demo mgcn 2 planned',
      'plain lightgcn 1 planned',
      'plain lightgcn 2 planned',
    ]);
    expect(found.matrix.rows.map((row) => row.title)).toEqual(['LightGCN', 'MGCN']);
  });

  test('what runs nowhere is told with its reason alone, and a floor of epochs is said', async () => {
    const { notes } = await plan({
      models: [{ model: 'lightgcn', values: { lr: 0.01 } }, { model: 'bpr' }, { model: 'bbqrec' }],
      budget: { epochs: 90, minEpochs: 60 },
    });
    const texts = notes.map(({ text }) => text);
    expect(texts).toContain('One budget for all models: at most 90 epochs, patience 20, and misses count after epoch 60.');
    expect(texts.filter((text) => text.includes('BBQRec'))).toEqual([expect.stringMatching(/^BBQRec needs .*\.$/)]);
    expect(texts.filter((text) => text.startsWith('Not the same learning rate'))).toHaveLength(1);
  });

  test('nothing that can run is a blocking note, and starting it a problem', async () => {
    putDataset(store, 'plain', { modalities: [] });
    const found = await plan({ datasets: ['plain'], models: [{ model: 'mgcn' }] });
    expect(found).toMatchObject({ runs: 0, notes: expect.arrayContaining([expect.objectContaining({ level: 'blocking' })]) });
    expect(() => experimentsOf(store).start(parsed({ datasets: ['plain'], models: [{ model: 'mgcn' }] }), 1)).toThrowError(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'experiment.impossible' }) }),
    );
    const imported = await plan({ models: [{ model: 'mgcn' }], itemGraph: 'imported' });
    expect(imported.impossible[0]!.reason).toMatch(/without item graphs/);
  });

  test('finished runs with the same data, settings and seed are known; other data, or "run again", are not', async () => {
    const { experimentId } = experimentsOf(store).start(parsed({ seeds: [1] }), 1);
    finishAll(store, experimentId, [[{ validation: 0.1, test: 0.1 }]]);
    expect(await plan({ seeds: [1, 2, 3] })).toMatchObject({ runs: 2, known: 1 });
    expect((await plan({ seeds: [1] })).matrix.cells[0]).toMatchObject({ state: 'known', runId: expect.stringMatching(/^run-/) });
    expect(await plan({ seeds: [1], runKnown: true })).toMatchObject({ runs: 1, known: 0 });
    expect(await plan({ seeds: [1], budget: { epochs: 5 } })).toMatchObject({ known: 0 });
    store.datasets.put({ ...store.datasets.get('demo')!, dataHash: 'another split' });
    expect(await plan({ seeds: [1] })).toMatchObject({ known: 0 });
  });

  test('runs that wait or work already are taken up instead of being queued again, until they fail or go to the trash', async () => {
    const first = experimentsOf(store).start(parsed({ seeds: [1, 2] }), 1);
    const [working, waiting] = first.runIds as [string, string];
    store.runs.setState(working, 'running');
    const again = await plan({ seeds: [1, 2, 3] });
    expect(again).toMatchObject({ runs: 1, known: 0, underway: 2 });
    expect(again.matrix.cells.map(({ state, reason, runId }) => [state, reason, runId])).toEqual([
      ['known', 'already running', working],
      ['known', 'already queued', waiting],
      ['planned', undefined, undefined],
    ]);
    expect(await plan({ seeds: [1, 2], runKnown: true })).toMatchObject({ runs: 2, underway: 0 });
    expect(experimentsOf(store).start(parsed({ seeds: [1, 2] }), 2).runIds).toEqual([working, waiting]);
    expect(store.runs.count()).toBe(2);
    store.runs.setState(working, 'failed');
    store.trash.move([waiting], 3);
    expect(await plan({ seeds: [1, 2] })).toMatchObject({ runs: 2, underway: 0 });
  });

  test('a finished run is known rather than the one that repeats it', async () => {
    const { experimentId } = experimentsOf(store).start(parsed({ seeds: [1] }), 1);
    const repeat = experimentsOf(store).start(parsed({ seeds: [1], runKnown: true }), 2);
    finishAll(store, repeat.experimentId, [[{ validation: 0.1, test: 0.1 }]]);
    expect(store.experiments.cells(experimentId)[0]!.runId).not.toBe(repeat.runIds[0]);
    expect((await plan({ seeds: [1] })).matrix.cells).toMatchObject([{ state: 'known', runId: repeat.runIds[0] }]);
  });

  test('pretraining is counted once per seed and settings, however many runs share it', async () => {
    const egra = (values: Record<string, string | number>) => ({ model: 'egra', values });
    const shared = await plan({ models: [egra({}), egra({ ii_k: 5 }), egra({ ii_source: 'none' })], seeds: [1, 2] });
    expect(shared.pretraining.stages).toBe(2);
    const asked = { models: [egra({})], seeds: [1, 2] };
    expect((await plan(asked, 2)).pretraining.seconds).toBeCloseTo((await plan(asked)).pretraining.seconds / 2);
    expect(shared.runs).toBe(6);
    expect(
      (await plan({ models: [egra({}), egra({ pre_cl_loss: 0.1 }), egra({ pre_model: 'FREEDOM' })], seeds: [1] })).pretraining.stages,
    ).toBe(3);
    expect((await plan({ models: [egra({ ii_source: 'none' })], seeds: [1] })).pretraining.stages).toBe(0);
    // A warm-up is the run's own model, which no finished run stands in for; links made of it differ, it does not.
    const self = { ii_source: 'self' };
    const warmed = await plan({
      models: [egra({}), egra(self), egra({ ...self, ii_k: 5 }), egra({ ...self, self_epochs: 5 })],
      seeds: [1],
    });
    expect(warmed.pretraining.stages).toBe(3);
  });

  test('an MGCN with the settings of the pretraining supplies it where it comes first', async () => {
    const stages = async (models: { model: string; values?: Record<string, number> }[]) =>
      (await plan({ models, seeds: [1, 2] })).pretraining.stages;
    expect(await stages([{ model: 'mgcn' }, { model: 'egra' }])).toBe(0);
    expect(await stages([{ model: 'egra' }, { model: 'mgcn' }])).toBe(2);
    expect(await stages([{ model: 'mgcn', values: { cl_loss: 0.1 } }, { model: 'egra' }])).toBe(2);
    expect(
      await stages([
        { model: 'mgcn', values: { cl_loss: 0.1 } },
        { model: 'egra', values: { pre_cl_loss: 0.1 } },
      ]),
    ).toBe(0);
  });

  test('time comes from past runs where there are any, else from this machine, else it says that it is estimating', async () => {
    expect((await plan({})).time).toMatchObject({ seconds: 0, basis: 'estimating' });
    speedsOf(store).keep({ device: 'wasm', threads: 2 }, calibrated, 1);
    const first = (await plan({ seeds: [1, 2] })).time;
    expect(first.basis).toBe('from this machine’s speed');
    expect(first.low).toBeLessThan(first.seconds);
    expect(first.high).toBeGreaterThan(first.seconds);
    expect((await plan({ seeds: [1, 2] }, 2)).time.seconds).toBeCloseTo(first.seconds / 2, 9);
    const { experimentId } = experimentsOf(store).start(parsed({ seeds: [1] }), 1);
    finishAll(store, experimentId, [[{ validation: 0.1, test: 0.1 }]]);
    const later = (await plan({ seeds: [5] })).time;
    expect(later.basis).toBe('from 1 past run');
    expect(store.runs.summaries(store.experiments.cells(experimentId).map((cell) => cell.runId))[0]!.estimatedSeconds).toBeCloseTo(
      first.seconds / 2,
      9,
    );
  });

  test('past runs on another number of threads count by how the measured speeds differ, and not where that is not known', () => {
    const { estimator } = plannerOf(store);
    const { config } = configurations({})[0]!;
    const { summary: demo } = store.datasets.get('demo')!;
    const { experimentId } = experimentsOf(store).start(parsed({ threads: 1 }), 1);
    finishAll(store, experimentId, [[{ validation: 0.1, test: 0.1 }]]);
    const one = estimator.pace({ ...config, threads: 1 }, demo)!;
    expect(one.basis).toBe('from 1 past run');
    // Nothing is measured: the run is all there is to go by.
    expect(estimator.pace({ ...config, threads: 2 }, demo)).toMatchObject({
      secondsPerEpoch: one.secondsPerEpoch,
      spread: 2,
      basis: 'from 1 past run on other threads',
    });
    const twice = { ...calibrated, secondsPerStep: calibrated.secondsPerStep / 4 };
    speedsOf(store).keep({ device: 'wasm', threads: 2 }, { ...twice, threads: 2 }, 1);
    expect(plannerOf(store).estimator.pace({ ...config, threads: 2 }, demo)).toMatchObject({
      basis: 'from this machine’s speed',
      epochs: one.epochs,
    });
    speedsOf(store).keep({ device: 'wasm', threads: 1 }, { ...calibrated, threads: 1 }, 1);
    const two = plannerOf(store).estimator.pace({ ...config, threads: 2 }, demo)!;
    expect(two.basis).toBe('from 1 past run on other threads');
    const [before, after] = [calibrated, twice].map((speed) => speed.secondsPerStep + speed.secondsPerMultimodalStep);
    expect(two.secondsPerEpoch).toBeCloseTo((one.secondsPerEpoch * after!) / before!, 12);
    // No number asked for is the usual two.
    expect(plannerOf(store).estimator.pace({ ...config, threads: 0 }, demo)).toEqual(two);
  });

  test('a run about to start is estimated from what finished since its plan, pretraining counted until something supplies it', async () => {
    const view = new RunView(plannerOf(store), () => '');
    speedsOf(store).keep({ device: 'wasm', threads: 2 }, calibrated, 1);
    const experiments = experimentsOf(store);
    const first = experiments.start(parsed({ seeds: [1] }), 1);
    const later = experiments.start(parsed({ seeds: [2] }), 1);
    const planned = view.atStart(later.runIds[0]!)!;
    expect(planned).toEqual(expect.objectContaining({ basis: 'from this machine’s speed' }));
    finishAll(store, first.experimentId, [[{ validation: 0.1, test: 0.1 }]]);
    expect(view.atStart(later.runIds[0]!)).toMatchObject({ basis: 'from 1 past run' });

    const egra = experiments.start(parsed({ models: [{ model: 'egra' }] }), 1).runIds[0]!;
    const alone = view.atStart(egra)!.seconds;
    const mgcn = experiments.start(parsed({ models: [{ model: 'mgcn' }], budget: { minEpochs: 40 } }), 1);
    expect(view.atStart(egra)!.seconds).toBe(alone);
    const own = plannerOf(store).estimator.run(store.runs.config(egra)!, store.datasets.get('demo')!.summary)!.seconds;
    expect(alone).toBeGreaterThan(own);
    finishAll(store, mgcn.experimentId, [[{ validation: 0.1, test: 0.1 }]]);
    expect(view.atStart(egra)!.seconds).toBeCloseTo(own, 9);
  });

  test('one early stop moves the expected length only part of the way', () => {
    const { estimator } = plannerOf(store);
    speedsOf(store).keep({ device: 'wasm', threads: 2 }, calibrated, 1);
    const config = configurations({})[0]!.config;
    const { summary: demo } = store.datasets.get('demo')!;
    const typical = estimator.pace(config, demo)!.epochs;
    const { experimentId } = experimentsOf(store).start(parsed({}), 1);
    finishAll(store, experimentId, [[{ validation: 0.1, test: 0.1 }]]);
    // It ended after one epoch; the limit below is where patience can run out at all.
    const after = estimator.pace(config, demo)!.epochs;
    expect(after).toBeLessThan(typical);
    expect(after).toBe(Math.max(21, Math.round(typical ** (2 / 3))));
  });

  test('the command repeats the experiment', async () => {
    expect(
      (await plan({ models: [{ model: 'egra', preset: 'egra-direct', values: { ii_k: 5 } }], seeds: [1, 2], budget: { epochs: 30 } }))
        .command,
    ).toBe('npm run -s avocet -- run --dataset demo --model egra --preset egra-direct --set ii_k=5 --seeds 1,2 --epochs 30');
    expect((await plan({ models: [{ model: 'lightgcn', vary: { n_layers: [1, 2] } }, { model: 'egra' }] })).command).toBe(
      [
        "npm run -s avocet -- sweep - <<'YAML'",
        'datasets: [demo]',
        'models:',
        '  - model: lightgcn',
        '    vary: { n_layers: [1, 2] }',
        '  - model: egra',
        'seeds: [1]',
        'budget: { min_epochs: 40 }',
        'YAML',
      ].join('\n'),
    );
  });
});
