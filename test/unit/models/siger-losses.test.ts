import { afterAll, beforeAll, describe, it } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { contextOf, createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { enlarge, expectBeside, tablesOf } from './beside-reference.ts';
import { plainSiger } from './reference-siger.ts';
import type { SigerCase } from './reference-siger.ts';

const width = 3;
const dataset = drawnDataset({ users: 9, items: 11, rowsPerUser: 5, width: 4 });
// Users and items come twice: an entity that occurs twice counts twice.
const batch = drawnBatch(dataset, 14);

const everything: HyperValues = { lambda_cl: 0.3, lambda_al: 0.4, reg_weight: 0.1, sem_k: 4, co_k: 3, eps: 0.3, tau: 0.4 };
const cases: HyperValues[] = [
  {},
  { n_ui_layers: 2, n_mm_layers: 2, alpha: 0.6, co_score: 'count', sem_input: 'projected' },
  { fusion: 'mgcn', pert_on: 'all', mod_rho: 'mean', co_score: 'jaccard', co_min: 2, co_isolated: 'self' },
  { mod_rho: 'rel', pert_on: 'fused', anc_form: 'separate', fus_dir: 'f2b' },
  { mod_rho: 'const', pert_on: 'behavior', anc_form: 'triplet', fus_dir: 'sym', anchor_detach: true },
  { mod_rho: 'inv', anc_mask_self: false, anchor_detach: true, alpha_by: 'modality', alpha_image: 0.1, alpha_text: 0.8 },
  { lambda_cl: 0, anc_form: 'off', fus: 'on', alpha: 0 },
  { lambda_cl: 0, fus: 'off', anc_mask_self: true, alpha: 1, tau: 0.1 },
  { lambda_al: 0, feat_trainable: false },
  { nce_duplicates: 'mask' },
  { nce_duplicates: 'mask', anc_mask_self: false, fus_dir: 'sym' },
  { nce_duplicates: 'mask', anc_form: 'triplet', pert_on: 'all' },
];

interface Inputs {
  readonly views: {
    readonly rows: { readonly users: { ids: Int32Array; live: number }; readonly positives: { ids: Int32Array; live: number } };
  };
  readonly noise: readonly Record<'users' | 'positives', { first: Float32Array; second: Float32Array }>[];
}

/** The noise of the model's own draws, found by the entity's id. */
function noiseOf({ views, noise }: Inputs): SigerCase['noise'] {
  return (table, side, view, id) => {
    const key = side === 'users' ? 'users' : 'positives';
    const { ids, live } = views.rows[key];
    const row = ids.subarray(0, live).indexOf(id);
    const drawn = noise[table]![key][view === 0 ? 'first' : 'second'];
    return [...drawn.subarray(row * width, (row + 1) * width)];
  };
}

describe.each(['wasm', 'cpu'] as const)('the loss of SIGER on %s', (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  it.each(cases)('and all its slopes are those of the formulas in double: %o', (changed) => {
    const hyper = { ...everything, ...changed };
    const wanted = { dataset, hyper, width, batchSize: 16 };
    const model = createModel('siger', wanted);
    enlarge(model);
    const inputs = model.inputs(batch, 0);
    const result = lossAndGradients(model.parameters, () => model.loss(inputs));

    const given: SigerCase = { dataset, hyper: contextOf('siger', wanted).hyper, batch, batchSize: 16, noise: noiseOf(inputs as Inputs) };
    const tables = tablesOf(dataset, model);
    const plain = plainSiger(tables, given);
    expectBeside(result, tables, plain, () => plainSiger(tables, given, plain.frozen).total);
    model.dispose();
  });
});
