import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import { randomStreams, restoreStreams } from '#data/random.ts';
import { Sampler } from '#data/sampler.ts';
import { openDevice } from '#engine/devices/open.ts';
import { probeDevices } from '#engine/devices/probe.ts';
import type { DeviceId, OpenDevice } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { values } from '#engine/ops/basic.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import { models } from '#models/registry.ts';
import { loadParameters } from '#training/train-stage.ts';
import { createModel, drawnStage } from '#test/fixtures/model-context.ts';
import type { Wanted } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { orSkipped } from '../engine/check.ts';

/**
 * Devices that compile steps, with the largest difference of a loss, relative, and of a parameter. Adam turns the rounding of a small
 * gradient into part of a step; on wasm the same kernels run and nothing differs.
 */
const compiling: Partial<Record<DeviceId, { readonly loss: number; readonly parameter: number }>> = {
  tensorflow: { loss: 2e-6, parameter: 2e-5 },
  wasm: { loss: 0, parameter: 0 },
};

const dataset = drawnDataset({ users: 20, items: 24 });
const stages = drawnStage(dataset);
const batchSize = 64;
const epochs = 4;
/** Enough for a second recording of each shape and a second pruned graph: for the many ablations. */
const fewEpochs = 2;

const trained = models.filter(({ card }) => card.trained);

/** Switches that no ablation sets and that bring ops of their own. */
const further = [
  { id: 'egra', name: 'duplicates masked', chosen: { hyper: { nce_duplicates: 'mask', align: 'both' } } },
  {
    id: 'siger',
    name: 'duplicates masked, all perturbed',
    chosen: { hyper: { nce_duplicates: 'mask', pert_on: 'all', mod_rho: 'inv', fus_dir: 'sym' } },
  },
];

/** On few items a neighbourhood of ten is nearly the whole sum that DA-MRS subtracts it from, and rounding all that is left. */
const onFewItems: Readonly<Record<string, HyperValues>> = { damrs: { n_pseudo_neighbours: 3 } };

interface Trained {
  readonly mode: string;
  readonly replayed: number;
  readonly losses: { total: number; terms: Readonly<Record<string, number>> }[];
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

interface Length {
  readonly stopAfter?: number;
  readonly until?: number;
}

/** Epochs with their short last batches, a new pruned graph and a new λ(t) each. `stopAfter`: goes on as a resumed run does. */
function train(id: string, chosen: Pick<Wanted, 'preset' | 'hyper'>, { stopAfter, until = epochs }: Length = {}): Trained {
  const random = randomStreams(11);
  const losses: Trained['losses'] = [];
  let last: Omit<Trained, 'losses'> | undefined;
  let saved: ReturnType<Adam['save']> | undefined;
  for (const [from, to] of stopAfter === undefined
    ? [[0, until]]
    : [
        [0, stopAfter],
        [stopAfter, until],
      ]) {
    const streams = from === 0 ? random : randomStreams(11);
    const model = createModel(id, {
      dataset,
      stages,
      batchSize,
      width: 8,
      random: streams,
      ...chosen,
      hyper: { ...onFewItems[id], ...chosen.hyper },
    });
    if (last !== undefined) loadParameters(model, last.parameters);
    if (from !== 0) restoreStreams(streams, Object.fromEntries(Object.entries(random).map(([name, stream]) => [name, stream.save()])));
    const sampler = new Sampler(dataset, { batchSize, random: streams });
    const adam = new Adam(model.parameters);
    if (saved !== undefined) adam.restore(saved);
    const step = new TrainStep({ parameters: model.parameters, adam, loss: (inputs) => model.loss(inputs) });
    for (let epoch = from!; epoch < to!; epoch++) {
      model.beforeEpoch?.(epoch);
      for (const batch of sampler.epoch()) losses.push(step.run(model.inputs(batch, epoch), 0.01 * 0.9 ** epoch));
    }
    const parameters = new Map([...model.parameters].map(([name, parameter]) => [name, values(parameter)]));
    last = { mode: step.mode, replayed: step.replayed, parameters };
    saved = adam.save();
    step.dispose();
    adam.dispose();
    model.dispose();
  }
  return { ...last!, losses };
}

const probes = await probeDevices();
for (const probe of probes.filter(({ id }) => id in compiling)) {
  const tolerance = compiling[probe.id]!;
  describe.skipIf(!probe.available)(`compiled steps on ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    const open = async (compile: boolean): Promise<void> => {
      device = await openDevice(probe.id, { compile });
    };
    beforeAll(() => open(true));
    afterAll(() => device.close());

    const cases = trained.flatMap(({ card }) => [
      { id: card.id, name: 'as it is', chosen: {} },
      ...card.ablations.map((ablation) => ({ id: card.id, name: ablation.id, chosen: { preset: ablation.id } })),
    ]);

    it.each([...cases, ...further])('of $id $name do what eager ones do', async ({ id, chosen }) => {
      const length = 'preset' in chosen ? { until: fewEpochs } : {};
      await open(false);
      const eager = train(id, chosen, length);
      await open(true);
      const before = device.memory();
      const compiled = train(id, chosen, length);
      expect(eager.mode).toBe('eager: compiling is switched off');
      expect(compiled.mode).toBe('compiled');
      expect(compiled.replayed).toBe(compiled.losses.length);
      expect(device.memory()).toEqual(before);
      compiled.losses.forEach(({ total, terms }, s) => {
        const other = eager.losses[s]!;
        expect(Math.abs(total / other.total - 1), `loss of step ${s}`).toBeLessThanOrEqual(tolerance.loss);
        expect(Object.keys(terms)).toEqual(Object.keys(other.terms));
        for (const [name, value] of Object.entries(terms)) {
          const most = tolerance.loss * Math.max(1, Math.abs(value));
          expect(Math.abs(value - other.terms[name]!), `${name} of step ${s}`).toBeLessThanOrEqual(most);
        }
      });
      for (const [name, table] of compiled.parameters) {
        const other = eager.parameters.get(name)!;
        const furthest = table.reduce((most, value, place) => Math.max(most, Math.abs(value - other[place]!)), 0);
        expect(furthest, name).toBeLessThanOrEqual(tolerance.parameter);
      }
    });

    if (probe.id === 'tensorflow')
      it('keep to sums in a fixed order where those are asked for', async () => {
        device = await openDevice(probe.id, { compile: false, deterministic: true });
        const eager = train('mgcn', {});
        device = await openDevice(probe.id, { compile: true, deterministic: true });
        expect(device.name).toContain('deterministic');
        const compiled = train('mgcn', {});
        expect(compiled.mode).toBe('compiled');
        compiled.losses.forEach(({ total }, s) => expect(Math.abs(total / eager.losses[s]!.total - 1)).toBeLessThanOrEqual(tolerance.loss));
      });

    if (probe.id === 'wasm')
      it.each(trained.map(({ card }) => card.id))('of %s give the same bits on any number of threads', async (id) => {
        device = await openDevice(probe.id, { compile: false, threads: 1 });
        const eager = train(id, {});
        for (const threads of [1, 2, 3]) {
          device.close();
          device = await openDevice(probe.id, { compile: true, threads });
          const { mode, ...compiled } = train(id, {});
          expect(mode).toBe('compiled');
          expect(compiled).toEqual({ losses: eager.losses, parameters: eager.parameters, replayed: eager.losses.length });
        }
      });

    it.each(['lightgcn', 'freedom', 'mgcn', 'egra', 'siger'])(
      'of %s go on after a stop as if there had been none, bit for bit',
      async (id) => {
        await open(true);
        const whole = train(id, {});
        const resumed = train(id, {}, { stopAfter: 2 });
        expect(resumed.losses).toEqual(whole.losses);
        expect(resumed.parameters).toEqual(whole.parameters);
      },
    );
  });
}
