import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { modelById, models } from '#models/registry.ts';
import { contextOf, createModel, drawnBatch, drawnStage } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 40, items: 60 });
const stages = drawnStage(dataset);

/** What an ablation may change: graphs, trained tables, loss, pretraining. */
function traits(id: string, preset?: string): string {
  const wanted = { dataset, stages, ...(preset === undefined ? {} : { preset }), width: 6 };
  const model = createModel(id, wanted);
  model.beforeEpoch?.(0);
  const { total, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(drawnBatch(dataset, 24), 0)));
  for (const gradient of gradients.values()) gradient?.dispose();
  const trained = [...model.parameters.keys()];
  const { record } = model;
  model.dispose();
  const wantedStages = modelById(id).stages?.(contextOf(id, wanted).hyper) ?? [];
  return JSON.stringify({ total, trained, record, wantedStages });
}

describe('ablation presets', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  const all = models.flatMap(({ card }) => card.ablations.map((ablation) => ({ id: card.id, preset: ablation.id })));

  // With FREEDOM's default λ 0 the raw features are not used by the loss, trained or not.
  it.each(all.filter(({ preset }) => preset !== 'freedom-features-frozen'))(
    '$preset changes a graph, a table, the loss or the pretraining',
    ({ id, preset }) => {
      expect(traits(id, preset)).not.toBe(traits(id));
    },
  );

  it('are those of the reference, as far as their pretrained model exists', () => {
    expect(modelById('egra').card.ablations.map(({ id }) => id)).toEqual([
      'egra-no-item-block',
      'egra-raw-intersection',
      'egra-raw-freedom',
      'egra-pre-freedom',
      'egra-pre-lgmrec',
      'egra-pre-lightgcn',
      'egra-pre-siger',
      'egra-self-pretrained',
      'egra-self-refreshed',
      'egra-pre-side',
      'egra-pre-behavior',
      'egra-no-entity-weight',
      'egra-no-epoch-weight',
      'egra-uniform',
      'egra-direct',
      'egra-direct-uniform',
      'egra-no-align',
      'egra-mod-pretrained',
      'egra-mod-none',
    ]);
  });
});
