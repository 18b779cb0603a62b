import { tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { contextOf, createModel, drawnBatch, drawnStage } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { plainEgra } from './reference-egra.ts';
import type { EgraCase } from './reference-egra.ts';
import { rowsOf } from './reference-views.ts';
import type { Table } from './reference-views.ts';

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
    for (const [name, variable] of model.parameters) {
      if (name.startsWith('features.')) continue;
      const larger = tensor(
        values(variable).map((value) => 3 * value),
        variable.shape,
        'float32',
      );
      variable.assign(larger);
      larger.dispose();
    }
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
    const tables = new Map<string, Table>(
      dataset.modalities.map((modality) => [`features.${modality.name}`, rowsOf(modality.values, modality.width)]),
    );
    for (const [name, variable] of model.parameters) tables.set(name, rowsOf(values(variable), variable.shape.at(-1)!));
    const plain = plainEgra(tables, reference);
    expect(Object.keys(result.terms).sort()).toEqual(Object.keys(plain.terms).sort());
    for (const [name, value] of Object.entries(result.terms)) expect(value, name).toBeCloseTo(plain.terms[name]!, 5);
    expect(result.total).toBeCloseTo(plain.total, 5);

    for (const [name, gradient] of result.gradients) {
      const table = tables.get(name)!;
      const ours = gradient === null ? new Float32Array(table.length * table[0]!.length) : values(gradient);
      const scale = Math.max(...ours.map(Math.abs), 1e-3);
      table.forEach((row, r) =>
        row.forEach((value, c) => {
          const at = (shift: number) => {
            row[c] = value + shift;
            const { total } = plainEgra(tables, reference, plain.weights);
            row[c] = value;
            return total;
          };
          const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
          expect(Math.abs(ours[r * row.length + c]! - slope), `${name} [${r}, ${c}]`).toBeLessThan(2e-4 * scale);
        }),
      );
      gradient?.dispose();
    }
    model.dispose();
  });
});
