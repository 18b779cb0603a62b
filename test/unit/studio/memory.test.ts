import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cards } from '#models/cards.ts';
import type { Store } from '#store/store.ts';
import { availableOf, driverMemory, thisMachineMemory, type FreeMemory } from '#studio/machine-memory.ts';
import { MemoryEstimator } from '#studio/memory.ts';
import { planOf } from '#studio/plan.ts';
import { addRun, finished, openStore, sequence, started, temporaryHome, worked, type Home } from '#test/unit/store/fixture.ts';
import { parsed, plannerOf, putDataset, summary } from './store-fixture.ts';

const [kB, MB, GB] = [1e3, 1e6, 1e9];
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

/** A plan on a machine with so much free memory. */
function plan(request: Parameters<typeof parsed>[0], free: { ram?: FreeMemory; gpu?: FreeMemory }, concurrency = 1) {
  const machine = (place: 'ram' | 'gpu') => Promise.resolve(free[place] ?? {});
  const planner = { ...plannerOf(store), memory: { estimator: new MemoryEstimator(store, cards), machine } };
  return planOf(planner, parsed(request), concurrency, home.folder).then(({ memory }) => memory!);
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
    const estimator = new MemoryEstimator(store, cards);
    const budget = { ...parsed({}).budget };
    for (const [model, measured] of [
      ['lightgcn', 332],
      ['freedom', 411],
      ['mgcn', 647],
      ['egra', 653],
    ] as const) {
      const { bytes, low, high, basis } = estimator.run({ model, device: 'wasm', budget }, baby)!;
      expect(Math.abs(bytes / (measured * MB) - 1), model).toBeLessThan(0.2);
      expect(low).toBeLessThan(measured * MB);
      expect(high).toBeGreaterThan(measured * MB);
      expect(basis).toBe('from the model’s size');
    }
  });

  test('is learned from past runs of the model on the dataset, with a range that holds them all', () => {
    for (const [at, peak] of [200, 210, 190].entries()) ran(`run-${at}`, peak * MB);
    const estimator = new MemoryEstimator(store, cards);
    const budget = store.runs.config('run-0')!.budget;
    const found = estimator.run({ model: 'lightgcn', device: 'wasm', budget }, summary('demo'))!;
    expect(found.bytes).toBe(200 * MB);
    expect(found.low).toBeLessThanOrEqual(190 * MB);
    expect(found.high).toBeGreaterThanOrEqual(210 * MB);
    expect(found.basis).toBe('from 3 past runs');
    const wider = estimator.run({ model: 'lightgcn', device: 'wasm', budget: { ...budget, width: 512 } }, summary('demo'))!;
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
    const estimator = new MemoryEstimator({ past: { memory } }, cards);
    const planner = { ...plannerOf(store), memory: { estimator, machine: () => Promise.resolve({ freeBytes: 10 * MB }) } };
    const request = parsed({ models: [{ model: 'lightgcn' }, { model: 'egra' }], seeds: [1, 2, 3] });
    expect((await planOf(planner, request, 2, home.folder)).memory).toMatchObject({ verdict: 'too-much' });
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
