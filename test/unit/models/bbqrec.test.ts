import { tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import { resolveHyper } from '#contract/model-card.ts';
import { randomStream } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { DeviceId, OpenDevice } from '#engine/engine.ts';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { card } from '#models/bbqrec/card.ts';
import type { Model } from '#models/define-model.ts';
import { contextOf, createModel, drawnBatch, drawnStage } from '#test/fixtures/model-context.ts';
import { sequenceDataset } from '#test/fixtures/sequence-dataset.ts';
import { probedDevices, orSkipped } from '../engine/check.ts';
import { expectBeside, tablesOf } from './beside-reference.ts';
import { plainBbqrec, Still } from './reference-bbqrec.ts';
import { rowsOf } from './reference-views.ts';

const dataset = sequenceDataset({ users: 8, items: 10, rowsPerUser: 7, width: 4 });
const batch = drawnBatch(dataset, 9);
const stages = drawnStage(dataset);

const cases: { name: string; hyper: HyperValues; devices: readonly DeviceId[] }[] = [
  { name: 'all of it', hyper: { tau: 0.5 }, devices: ['wasm', 'cpu', 'tensorflow', 'webgpu'] },
  { name: 'without behaviour', hyper: { behaviour: 'off', commitment: 0.7 }, devices: ['wasm'] },
  { name: 'without ids', hyper: { semantic_ids: 'off', recon_weight: 0.3, beh_weight: 1 }, devices: ['wasm'] },
  { name: 'with plain attention', hyper: { attention: 'plain', mi_weight: 0, n_layers: 1 }, devices: ['wasm'] },
  { name: 'the sequence model alone', hyper: { semantic_ids: 'off', attention: 'plain', tau: 0.5 }, devices: ['wasm', 'cpu'] },
  { name: 'without reconstruction', hyper: { recon_weight: 0, mi_weight: 1, levels: 3 }, devices: ['wasm'] },
];

/** Moves every parameter a little, those that start at 0 and 1 too. */
function stir(model: Model): void {
  const random = randomStream(3, 'stir');
  for (const table of model.parameters.values()) {
    const moved = tensor(
      values(table).map((value) => value + 0.2 * random.normal()),
      table.shape,
      'float32',
    );
    table.assign(moved);
    moved.dispose();
  }
}

for (const probe of await probedDevices()) {
  const own = cases.filter(({ devices }) => devices.includes(probe.id));
  describe.skipIf(!probe.available)(`BBQRec’s loss on ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    beforeAll(async () => {
      device = await openDevice(probe.id);
    });
    afterAll(() => device.close());

    it.each(own)('$name: value, terms and every slope are those of the definition in double', ({ hyper }) => {
      const chosen = { dataset, stages, width: 4, hyper: { dropout: 0, hidden: 4, codes: 5, ...hyper } };
      const context = contextOf('bbqrec', chosen);
      const model = createModel('bbqrec', chosen);
      stir(model);
      model.beforeEpoch?.(0);
      const inputs = model.inputs(batch, 0) as { shuffled: { rows: Int32Array; partners: Int32Array } };
      const read = { ...resolveHyper(card, undefined, {}), ...context.hyper };
      const number = (key: string) => read[key] as number;
      const given = {
        dataset,
        batch,
        partners: [...inputs.shuffled.partners].map((place) => inputs.shuffled.rows.indexOf(place)),
        beta: read['behaviour'] === 'on' ? rowsOf(context.stages['behaviour']!.items, 4) : undefined,
        layers: number('n_layers'),
        heads: number('n_heads'),
        length: number('max_length'),
        levels: number('levels'),
        bins: number('bins'),
        hasIds: read['semantic_ids'] === 'on',
        isWeighted: read['attention'] === 'similarity',
        weights: {
          tau: number('tau'),
          align: number('align_tau'),
          beh: number('beh_weight'),
          mi: number('mi_weight'),
          recon: number('recon_weight'),
        },
        commitment: number('commitment'),
      };
      const tables = tablesOf(dataset, model);
      const still = new Still();
      const result = lossAndGradients(model.parameters, () => model.loss(inputs));
      expectBeside(result, tables, plainBbqrec(tables, given, still), () => plainBbqrec(tables, given, still).total);
      model.dispose();
      expect(device.fallbacks()).toEqual([]);
    });
  });
}
