import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { cards } from '#models/cards.ts';
import type { Store } from '#store/store.ts';
import { availableOf, driverMemory, thisMachineMemory, type FreeMemory } from '#studio/machine-memory.ts';
import { MemoryBook } from '#studio/memory-book.ts';
import { memoryEstimator, MemoryEstimator } from '#studio/memory.ts';
import { toTry } from '#studio/memory-probe.ts';
import { expand, planOf } from '#studio/plan.ts';
import { addRun, finished, sequence, started, worked } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { parsed, plannerOf, putDataset, summary } from './store-fixture.ts';

const [kB, MB, GB] = [1e3, 1e6, 1e9];
let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
});

/** A plan on a machine with so much free memory. */
function plan(request: Parameters<typeof parsed>[0], free: { ram?: FreeMemory; gpu?: FreeMemory }, concurrency = 1) {
  const machine = (place: 'ram' | 'gpu') => Promise.resolve(free[place] ?? {});
  const planner = { ...plannerOf(store), memory: { estimator: memoryEstimator(store, cards), machine } };
  return planOf(planner, parsed(request), concurrency, tmpdir()).then(({ memory }) => memory!);
}

function ran(id: string, peakMemoryBytes: number, model = 'lightgcn'): void {
  addRun(store, { id, model });
  const attempt = store.runs.beginAttempt(id, 9_000);
  store.events.apply(id, attempt, sequence([started(), ...worked(1), finished(1, {}, {}, { peakMemoryBytes })]));
}

describe('the memory of a run', () => {
  test('without any history comes from its size, near to what was measured on Amazon Baby', () => {
    const modality = (name: string, width: number) => ({ ...summary('demo').modalities[0]!, name, width });
    const baby = summary('baby', {
      users: 19445,
      items: 7050,
      train: 118551,
      modalities: [modality('image', 4096), modality('text', 384)],
    });
    const estimator = memoryEstimator(store, cards);
    const budget = { ...parsed({}).budget };
    for (const [model, measured] of [
      ['lightgcn', 332],
      ['freedom', 411],
      ['mgcn', 647],
      ['egra', 653],
    ] as const) {
      const { bytes, low, high, basis } = estimator.run({ model, device: 'wasm', budget, hyper: {} }, { summary: baby, dataHash: 'baby' })!;
      expect(Math.abs(bytes / (measured * MB) - 1), model).toBeLessThan(0.2);
      expect(low).toBeLessThan(measured * MB);
      expect(high).toBeGreaterThan(measured * MB);
      expect(basis).toBe('from the model’s size');
    }
  });

  test('is learned from past runs of the model on the dataset, with a range that holds them all (G21)', () => {
    for (const [at, peak] of [200, 210, 190].entries()) ran(`run-${at}`, peak * MB);
    const estimator = memoryEstimator(store, cards);
    const budget = store.runs.config('run-0')!.budget;
    const found = estimator.run({ model: 'lightgcn', device: 'wasm', budget, hyper: {} }, { summary: summary('demo'), dataHash: 'demo' })!;
    expect(found.bytes).toBe(200 * MB);
    expect(found.low).toBeLessThanOrEqual(190 * MB);
    expect(found.high).toBeGreaterThanOrEqual(210 * MB);
    expect(found.basis).toBe('from 3 past runs');
    const wider = estimator.run(
      { model: 'lightgcn', device: 'wasm', budget: { ...budget, width: 512 }, hyper: {} },
      { summary: summary('demo'), dataHash: 'demo' },
    )!;
    expect(wider.bytes).toBeGreaterThan(found.bytes);
    expect(wider.basis).toBe('from 3 past runs with another batch or width');
  });
});

describe('before a start', () => {
  test('what fits says so beside what is free', async () => {
    const memory = await plan({}, { ram: { freeBytes: 8 * GB, totalBytes: 16 * GB } });
    expect(memory).toMatchObject({ place: 'ram', verdict: 'fits', fixes: [], atOnce: 1, freeBytes: 8 * GB });
    expect(memory.largest).toContain('LightGCN on ');
    expect(memory.bytes).toBe(memory.run.bytes);
  });

  test('several at once that do not fit are offered as fewer at once', async () => {
    const request = { seeds: [1, 2, 3] };
    const one = (await plan(request, {})).run;
    const memory = await plan(request, { ram: { freeBytes: one.high * 1.5 } }, 3);
    expect(memory).toMatchObject({ atOnce: 3, verdict: 'too-much' });
    expect(memory.bytes).toBeCloseTo(3 * one.bytes, 0);
    expect(memory.fixes[0]).toEqual({ kind: 'at-once', value: 1 });
  });

  test('a batch that does not fit on a simulated graphics processor is offered smaller, until the upper end of its range fits', async () => {
    const request = { device: 'webgpu' as const, models: [{ model: 'siger' }], budget: { batchSize: 65536, width: 512 } };
    const small = await plan({ ...request, budget: { batchSize: 4096, width: 512 } }, {});
    const gpu = { freeBytes: small.run.high * 1.01, totalBytes: 8 * GB };
    const memory = await plan(request, { ram: { freeBytes: 64 * GB }, gpu });
    expect(memory).toMatchObject({ place: 'gpu', totalBytes: 8 * GB });
    expect(memory.verdict === 'too-much' || memory.verdict === 'tight').toBe(true);
    const fix = memory.fixes.find(({ kind }) => kind === 'batch')!;
    expect(fix.value).toBeLessThan(65536);
    const fixed = await plan({ ...request, budget: { batchSize: fix.value, width: 512 } }, { gpu });
    expect(fixed.verdict).toBe('fits');
  });

  test('asks for the past of a model on a dataset and device once, however many seeds and batches it looks at', async () => {
    const asked: string[] = [];
    const memory: Store['past']['memory'] = (...key) => {
      asked.push(key.join(' '));
      return store.past.memory(...key);
    };
    const estimator = new MemoryEstimator({ past: { memory }, book: new MemoryBook(store.preferences, '') }, cards);
    const planner = { ...plannerOf(store), memory: { estimator, machine: () => Promise.resolve({ freeBytes: 10 * MB }) } };
    const request = parsed({ models: [{ model: 'lightgcn' }, { model: 'egra' }], seeds: [1, 2, 3] });
    expect((await planOf(planner, request, 2, tmpdir())).memory).toMatchObject({ verdict: 'too-much' });
    expect(asked.sort()).toEqual(['egra demo wasm', 'lightgcn demo wasm', 'mgcn demo wasm']);
  });

  test('one that fits with no setting is offered none, and a machine that does not say is no fault', async () => {
    expect(await plan({}, { ram: { freeBytes: 10 * MB } })).toMatchObject({ verdict: 'too-much', fixes: [] });
    expect(await plan({ device: 'webgpu' }, {})).toMatchObject({ place: 'gpu', verdict: 'unknown', fixes: [] });
  });
});

describe('what the machine says', () => {
  test('is read from the system’s and the driver’s own words', async () => {
    expect(availableOf('MemTotal:       16316412 kB\nMemFree:          812 kB\nMemAvailable:    9000 kB\n')).toBe(9000 * 1024);
    expect(availableOf('MemTotal: 1 kB')).toBeUndefined();
    expect(driverMemory('22000, 24564\n100, 200\n')).toEqual({ freeBytes: 22000 * 1024 ** 2, totalBytes: 24564 * 1024 ** 2 });
    expect(driverMemory('[N/A], [N/A]\n')).toEqual({});
    expect(driverMemory('')).toEqual({});
    const { freeBytes, totalBytes } = await thisMachineMemory()('ram');
    expect(freeBytes).toBeGreaterThan(kB);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes!);
  });
});

describe('a probe', () => {
  const config = () => ({ ...parsedConfig(), model: 'lightgcn', device: 'wasm' as const, hyper: { n_layers: 2 } });
  const parsedConfig = () => {
    addRun(store, { id: 'run-for-config', model: 'lightgcn' });
    return store.runs.config('run-for-config')!;
  };

  test('counts beside the formula, before runs with another batch and after runs alike, and stays in the store', () => {
    const asked = config();
    const data = { summary: summary('demo'), dataHash: 'data' };
    const before = memoryEstimator(store, cards, 'here');
    const { bytes: bySize } = before.run(asked, data)!;
    before.book.keep({ ...asked, dataset: 'demo' }, 'data', 300 * MB, 7);
    const found = memoryEstimator(store, cards, 'here').run(asked, data)!;
    expect(found.basis).toBe('from a probe');
    expect(found.bytes).toBeCloseTo(1.15 * 300 * MB, -3);
    expect(found.sources).toEqual({ size: bySize, probe: { bytes: found.bytes, at: 7 } });
    // Other settings, other data and another machine are not what was tried.
    const estimator = memoryEstimator(store, cards, 'here');
    expect(estimator.run({ ...asked, hyper: { n_layers: 3 } }, data)!.basis).toBe('from the model’s size');
    expect(estimator.run(asked, { ...data, dataHash: 'other' })!.basis).toBe('from the model’s size');
    expect(memoryEstimator(store, cards, 'elsewhere').run(asked, data)!.basis).toBe('from the model’s size');
    expect(estimator.run({ ...asked, budget: { ...asked.budget, batchSize: 4096 } }, data)!.basis).toBe(
      'from a probe with another batch or width',
    );
    ran('run-alike', 400 * MB);
    const learned = estimator.run(asked, data)!;
    expect(learned).toMatchObject({ bytes: 400 * MB, basis: 'from 1 past run' });
    expect(learned.sources).toMatchObject({ history: { bytes: 400 * MB, runs: 1 }, probe: { at: 7 } });
  });

  test('tries each model on each dataset once, whatever the seeds, and nothing that is not computed on the processor', () => {
    const planner = plannerOf(store);
    const cells = expand(planner, parsed({ models: [{ model: 'lightgcn', vary: { n_layers: [2, 3] } }], seeds: [1, 2, 3] })).cells;
    expect(cells).toHaveLength(6);
    expect(toTry(cells).map(({ config: { hyper, seed } }) => [hyper['n_layers'], seed])).toEqual([
      [2, 1],
      [3, 1],
    ]);
    expect(toTry(cells.map((cell) => ({ ...cell, config: { ...cell.config, device: 'webgpu' as const } })))).toEqual([]);
  });
});
