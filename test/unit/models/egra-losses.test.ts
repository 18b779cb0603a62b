import { afterAll, beforeAll, describe, it } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { contextOf, createModel, drawnBatch, drawnStage } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { enlarge, expectBeside, tablesOf } from './beside-reference.ts';
import { plainEgra } from './reference-egra.ts';
import type { EgraCase } from './reference-egra.ts';
import { rowsOf } from './reference-views.ts';

const width = 3;
const dataset = drawnDataset({ users: 9, items: 11, rowsPerUser: 5, width: 4 });
const stages = drawnStage(dataset);
const pretrained = stages['pretrain']!;
// Users and items come twice.
const batch = drawnBatch(dataset, 14);
const epoch = 3;

const everything: HyperValues = { lambda_max: 0.5, reg_weight: 0.1, ii_k: 3, mod_k: 4, tau: 0.4, tau_w: 0.5 };
const cases: HyperValues[] = [
  {},
  { ii_norm: 'joint', ii_coef: 0.5, ent_weight: 'linear', anchor_form: 'pair_sum', pre_repr: 'side' },
  { ii_sym: 'none', ii_weight: 'cosine', align: 'both', anchor_form: 'pair_prod', pre_repr: 'behavior' },
  { ii_sym: 'mutual', align: 'direct', fusion: 'mean', mod_graph: 'pretrained', n_mm_layers: 2 },
  { ii_source: 'raw_intersection', ent_weight: 'off', epoch_weight: 'off', mod_graph: 'none', n_ui_layers: 2 },
  { ii_source: 'raw_freedom', align: 'both', lambda0_ratio: 0.1, warm_epochs: 2, feat_trainable: false },
  { ii_source: 'none', mod_graph: 'pretrained', ii_norm: 'joint' },
  { nce_duplicates: 'mask', align: 'both' },
];

describe.each(['wasm', 'cpu'] as const)('the loss of EGRA on %s', (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  it.each(cases)('and all its slopes are those of the formulas in double: %o', (changed) => {
    const hyper = { ...everything, ...changed };
    const wanted = { dataset, stages, hyper, width, batchSize: 16 };
    const model = createModel('egra', wanted);
    enlarge(model);
    const inputs = model.inputs(batch, epoch);
    const result = lossAndGradients(model.parameters, () => model.loss(inputs));

    const vectors = Object.fromEntries(
      [
        ['final', pretrained.items] as const,
        ...['side', 'behavior'].map((form) => [form, pretrained.parts![`items.${form}`]!] as const),
      ].map(([form, table]) => [form, rowsOf(table, pretrained.width)]),
    );
    const given: EgraCase = { dataset, hyper: contextOf('egra', wanted).hyper, batch, batchSize: 16, vectors, t: epoch + 1 };
    // Links of the branch alone come from vectors too.
    const reference = hyper['ii_source'] === 'none' ? { ...given, hyper: { ...given.hyper, ii_source: 'pretrained', ii_coef: 0 } } : given;
    const tables = tablesOf(dataset, model);
    const plain = plainEgra(tables, reference);
    expectBeside(result, tables, plain, () => plainEgra(tables, reference, plain.weights).total);
    model.dispose();
  });
});
