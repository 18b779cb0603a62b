import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphHash } from '#data/csr.ts';
import type { Dataset } from '#data/dataset.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { tensor } from '@tensorflow/tfjs-core';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import type { Model } from '#models/define-model.ts';
import { card } from '#models/egra/card.ts';
import { egraGraphs, egraStages } from '#models/egra/model.ts';
import { resolveHyper } from '#contract/model-card.ts';
import type { HyperValues } from '#contract/model-card.ts';
import { contextOf, createModel, drawnBatch, drawnStage } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 40, items: 60 });
const stages = drawnStage(dataset);

/** Reading the held-out parts is an error. */
function trainOnly(from: Dataset): Dataset {
  return Object.defineProperties(
    { ...from },
    {
      validation: { get: () => expect.fail('validation rows were read') },
      test: { get: () => expect.fail('test rows were read') },
    },
  );
}

function graphs(hyper: HyperValues, from = stages) {
  return egraGraphs(contextOf('egra', { dataset, hyper, stages: from }));
}

describe('EGRA graphs', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  it('with ii_coef 0 have the plain graph exactly', () => {
    expect(graphs({ ii_coef: 0 }).behavior).toEqual(userItemGraph(trainEdges(dataset)));
    expect(graphs({ ii_source: 'none' }).behavior).toEqual(userItemGraph(trainEdges(dataset)));
  });

  it.each(['block', 'joint'])('with ii_sym max have 2|R| + nnz(S) entries, nnz(S) ≤ 2kN (%s)', (ii_norm) => {
    const { behavior, links } = graphs({ ii_norm, ii_k: 4 });
    const edges = trainEdges(dataset).users.length;
    expect(behavior.indices.length).toBe(2 * edges + links!.matrix.indices.length);
    expect(links!.matrix.indices.length).toBeLessThanOrEqual(2 * 4 * dataset.items);
    expect(links!.matrix.indices.length).toBeGreaterThan(4 * dataset.items);
  });

  it('with ii_sym none hold k links an item, none to itself', () => {
    const { matrix } = graphs({ ii_sym: 'none', ii_k: 4 }).links!;
    expect(matrix.indices.length).toBe(4 * dataset.items);
    for (let r = 0; r < dataset.items; r++) expect(matrix.indices.subarray(matrix.offsets[r], matrix.offsets[r + 1])).not.toContain(r);
    const mutual = graphs({ ii_sym: 'mutual', ii_k: 4 }).links!.matrix;
    expect(mutual.indices.length).toBeLessThan(4 * dataset.items);
  });

  it('depend on train rows, features and pretrained vectors only', () => {
    const context = contextOf('egra', { dataset, stages });
    const apart = egraGraphs({ ...context, dataset: trainOnly(dataset) });
    expect(apart.behavior).toEqual(egraGraphs(context).behavior);
    const model = createModel('egra', { dataset: trainOnly(dataset), stages });
    expect(model.record['graph.item-block']).toContain('pretrained final vectors');
    model.dispose();
  });

  it.each([
    [{ ii_source: 'raw_intersection' }, 'raw intersection'],
    [{ ii_source: 'raw_freedom' }, 'raw mix'],
    [{ pre_repr: 'side' }, 'pretrained side'],
    [{ pre_repr: 'behavior' }, 'pretrained behavior'],
    [{ ii_weight: 'cosine' }, 'cosine'],
    [{ ii_k: 5 }, 'k=5'],
    [{ ii_coef: 0.5 }, 'pretrained final'],
    [{ ii_norm: 'joint' }, 'pretrained final'],
    [{ ii_sym: 'none' }, 'none'],
  ])('change with %o', (hyper, words) => {
    const changed = graphs(hyper);
    expect(changed.links!.record).toContain(words);
    expect(graphHash(changed.behavior)).not.toBe(graphHash(graphs({}).behavior));
  });

  it('of the modality branch follow mod_graph and mod_k', () => {
    const raw = graphs({}).modal.map((graph) => graph!.record);
    expect(raw.every((record) => record.includes('computed k=10'))).toBe(true);
    expect(raw[0]).not.toBe(raw[1]);
    expect(graphs({ mod_k: 3 }).modal[0]!.record).not.toBe(raw[0]);
    expect(graphs({ mod_graph: 'none' }).modal).toEqual([undefined, undefined]);
    const shared = graphs({ mod_graph: 'pretrained' }).modal;
    expect(shared[0]).toEqual(shared[1]);
    expect(shared[0]!.record).toContain('links of the item block');
  });

  it('from raw features follow FREEDOM’s weights', () => {
    const { matrix } = graphs({ ii_source: 'raw_freedom', ii_sym: 'none' }).links!;
    expect([...new Set([...matrix.values].map((value) => value.toFixed(1)))].sort()).toEqual(['0.1', '0.9', '1.0']);
  });
});

describe('EGRA stages', () => {
  const stagesOf = (hyper: HyperValues) => egraStages(resolveHyper(card, undefined, hyper));

  it('pretrain MGCN with contrast 0.01 unless set', () => {
    expect(stagesOf({})).toMatchObject([{ id: 'pretrain', model: 'mgcn', hyper: { cl_loss: 0.01, n_layers: 1 } }]);
    expect(stagesOf({ pre_cl_loss: 0.001 })[0]!.hyper['cl_loss']).toBe(0.001);
  });

  it('pretrain what pre_model names, and nothing where no graph needs vectors', () => {
    expect(stagesOf({ pre_model: 'FREEDOM' })[0]!.model).toBe('freedom');
    expect(stagesOf({ pre_model: 'LightGCN' })[0]!.model).toBe('lightgcn');
    expect(stagesOf({ ii_source: 'none' })).toEqual([]);
    expect(stagesOf({ ii_source: 'raw_freedom' })).toEqual([]);
    expect(stagesOf({ ii_source: 'none', mod_graph: 'pretrained' })).toHaveLength(1);
  });

  it('ask for a representation that the pretrained model keeps', async () => {
    const device = await openDevice('cpu');
    const { parts: _, ...bare } = stages['pretrain']!;
    expect(() => graphs({ pre_repr: 'side' }, { pretrain: bare })).toThrow('keeps no side item vectors');
    device.close();
  });
});

describe.each(['wasm', 'cpu'] as const)('EGRA on %s', (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  it('has MGCN’s loss and gradients where it is MGCN', () => {
    const batch = drawnBatch(dataset, 24);
    const mgcn = createModel('mgcn', { dataset, hyper: { cl_loss: 0.05, reg_weight: 0.01 } });
    const egra = createModel('egra', {
      dataset,
      seed: 99,
      hyper: {
        ii_source: 'none',
        n_ui_layers: 2,
        align: 'direct',
        ent_weight: 'off',
        epoch_weight: 'off',
        lambda_max: 0.05,
        reg_weight: 0.01,
      },
    });
    expect([...egra.parameters.keys()]).toEqual([...mgcn.parameters.keys()]);
    copyParameters(mgcn, egra);
    const [a, b] = [mgcn, egra].map((model) => lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0))));
    expect(Math.abs(a!.total - b!.total)).toBeLessThan(1e-6);
    for (const [name, gradient] of a!.gradients) {
      const [ours, theirs] = [values(gradient!), values(b!.gradients.get(name)!)];
      ours.forEach((value, place) => expect(Math.abs(value - theirs[place]!)).toBeLessThan(1e-6));
    }
    for (const { gradients } of [a!, b!]) for (const gradient of gradients.values()) gradient?.dispose();
    mgcn.dispose();
    egra.dispose();
  });

  it('ranks by the vectors it exports, which are the sum of both views', () => {
    const model = createModel('egra', { dataset, stages });
    const { users, items } = model.represent();
    const parts = model.parts!();
    for (const [name, final] of Object.entries({ users, items })) {
      const [b, z] = [values(parts[`${name}.behavior`]!), values(parts[`${name}.side`]!)];
      values(final).forEach((value, place) => expect(value).toBeCloseTo(b[place]! + z[place]!, 6));
    }
    users.dispose();
    items.dispose();
    for (const part of Object.values(parts)) part.dispose();
    model.dispose();
  });

  it('grows its alignment weight over epochs', () => {
    const model = createModel('egra', { dataset, stages, hyper: { lambda_max: 0.1, lambda0_ratio: 0.5, warm_epochs: 10 } });
    const batch = drawnBatch(dataset, 24);
    const at = (epoch: number) => {
      const { total, terms, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, epoch)));
      for (const gradient of gradients.values()) gradient?.dispose();
      return { total, align: terms['align']! };
    };
    expect(at(10).total - at(0).total).toBeCloseTo(0.05 * at(0).align, 4);
    expect(at(30).total).toBe(at(10).total);
    model.dispose();
  });
});

function copyParameters(from: Model, to: Model): void {
  for (const [name, variable] of from.parameters) {
    const copy = tensor(values(variable), variable.shape, 'float32');
    to.parameters.get(name)!.assign(copy);
    copy.dispose();
  }
}
