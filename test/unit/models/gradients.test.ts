import { tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { tidy, values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import type { Model } from '#models/define-model.ts';
import { createModel, drawnBatch, drawnStage } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 30, items: 40 });
const batch = drawnBatch(dataset, 20);
const stages = drawnStage(dataset);

// Weights without a gradient are off: a difference would see them move.
const settings: { id: string; hyper: HyperValues; step?: number }[] = [
  { id: 'bpr', hyper: {} },
  { id: 'lightgcn', hyper: { reg_weight: 0.1 } },
  { id: 'vbpr', hyper: { reg_weight: 0.1 } },
  { id: 'freedom', hyper: { reg_weight: 0 } },
  { id: 'freedom', hyper: { reg_weight: 0.5, n_mm_layers: 2 } },
  { id: 'freedom', hyper: { reg_weight: 0.5, dropout: 0, feat_trainable: 'false' } },
  { id: 'layergcn', hyper: { reg_weight: 0.1, n_layers: 3 } },
  { id: 'mmgcf', hyper: { fusion_mode: 'concat', weighting: 'equal', feat_embed_dim: 5 } },
  { id: 'mmgcf', hyper: { fusion_mode: 'sum', weighting: 'normalized' } },
  { id: 'mmgcf', hyper: { fusion_mode: 'mean', weighting: 'alpha' } },
  { id: 'dragon', hyper: { user_graph_k: 5, n_mm_layers: 2 } },
  { id: 'dualgnn', hyper: { user_graph_k: 5, user_views: 'released' } },
  { id: 'dualgnn', hyper: { user_graph_k: 5, user_views: 'corrected' } },
  { id: 'grcn', hyper: { reg_weight: 0.1, latent_embedding: 5 } },
  { id: 'grcn', hyper: { reg_weight: 0.1, routing: 'corrected' } },
  { id: 'lgmrec', hyper: { reg_weight: 0.1, cl_weight: 0.01, n_hyper_layer: 2, hyper_num: 3, alpha: 1 } },
  { id: 'smore', hyper: { cl_loss: 0.5, reg_weight: 0.1, n_layers: 2, image_knn_k: 4, text_knn_k: 5 } },
  { id: 'gume', hyper: { bm_loss: 0.5, um_loss: 0.2, vt_loss: 0.3, reg_weight_1: 0.1, um_temp: 0.5 } },
  { id: 'pgl', hyper: { reg_weight: 0.5, n_mm_layers: 2 } },
  // Noise takes the signs of vectors, which jump.
  { id: 'mentor', hyper: { mask_weight_g: 0, mask_weight_f: 0, align_weight: 0.5, n_mm_layers: 2 } },
  { id: 'mentor', hyper: { mask_weight_g: 0, feature_mask: 'corrected', align_weight: 0 } },
  { id: 'gca', hyper: { cl_weight: 0.5, reg_weight: 0.1 } },
  { id: 'gca', hyper: { cl_weight: 0.5, centrality: 'pagerank', edge_agg: 'item', tau: 0.2 } },
  { id: 'slmrec', hyper: { ssl_alpha: 0.5, weight_decay: 1e-3 } },
  // Many kinks lie close together: a short step.
  { id: 'mmgcn', hyper: { reg_weight: 0.1, untrained_tables: 'corrected' }, step: 5e-4 },
  { id: 'mgcn', hyper: { cl_loss: 0.5, reg_weight: 0.1 } },
  { id: 'mgcn', hyper: { cl_loss: 0.5, n_layers: 2, feat_trainable: 'false' } },
  { id: 'egra', hyper: { ent_weight: 'off', lambda_max: 0.5 } },
  { id: 'egra', hyper: { ent_weight: 'off', lambda_max: 0.5, align: 'both', anchor_form: 'pair_sum', ii_norm: 'joint', ii_sym: 'none' } },
  {
    id: 'egra',
    hyper: {
      ent_weight: 'off',
      lambda_max: 0.5,
      anchor_form: 'pair_prod',
      fusion: 'mean',
      mod_graph: 'none',
      ii_source: 'raw_intersection',
    },
  },
  {
    id: 'egra',
    hyper: { ent_weight: 'off', lambda_max: 0.5, align: 'direct', mod_graph: 'pretrained', ii_weight: 'cosine', feat_trainable: false },
  },
];

describe.each(['wasm', 'cpu'] as const)('gradients on %s', (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  it.each(settings)('of $id $hyper are its slopes', ({ id: model, hyper, step: given }) => {
    const made = createModel(model, { dataset, stages, hyper });
    enlarge(made);
    made.beforeEpoch?.(0);
    // The same inputs throughout: some models draw.
    const inputs = made.inputs(batch, 0);
    const { gradients } = lossAndGradients(made.parameters, () => made.loss(inputs));
    for (const [name, gradient] of gradients) {
      expect(gradient, name).not.toBeNull();
      const direction = values(gradient!);
      gradient!.dispose();
      const norm = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
      expect(norm, name).toBeGreaterThan(0);
      // Along its own direction the slope is the gradient's length.
      const step = given ?? Math.min(Math.max(2e-3 / norm, 1e-3), 0.05);
      const slope = (lossAt(made, inputs, name, direction, step / norm) - lossAt(made, inputs, name, direction, -step / norm)) / (2 * step);
      expect(Math.abs(slope - norm), `${name}: slope ${slope}, gradient ${norm}`).toBeLessThan(0.02 * norm + 4e-7 / step);
    }
    made.dispose();
  });
});

/** Starting values are tiny; larger ones give slopes that stand out of float32. */
function enlarge(model: Model): void {
  for (const [name, variable] of model.parameters) {
    if (name.startsWith('features.')) continue;
    const larger = tensor(
      values(variable).map((value) => 2 * value),
      variable.shape,
      'float32',
    );
    variable.assign(larger);
    larger.dispose();
  }
}

/** Loss with one table moved by `scale · direction`, put back afterwards. */
function lossAt(model: Model, inputs: object, name: string, direction: Float32Array, scale: number): number {
  const variable = model.parameters.get(name)!;
  const start = values(variable);
  const put = (next: Float32Array) => {
    const moved = tensor(next, variable.shape, 'float32');
    variable.assign(moved);
    moved.dispose();
  };
  put(start.map((value, place) => value + scale * direction[place]!));
  const loss = tidy(() => model.loss(inputs).total.dataSync()[0]!);
  put(start);
  return loss;
}
