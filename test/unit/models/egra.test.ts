import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryRows, graphHash, isSymmetric } from '#data/csr.ts';
import type { CsrMatrix, Dataset } from '#data/dataset.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { tensor } from '@tensorflow/tfjs-core';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import type { Model, StageResult } from '#models/define-model.ts';
import { card } from '#models/egra/card.ts';
import { behaviorGraphs, modalGraphs, stageVectors } from '#models/egra/graphs.ts';
import type { GraphContext } from '#models/egra/graphs.ts';
import { egraStages } from '#models/egra/stages.ts';
import { resolveHyper, stagesOf as plannedStages } from '#contract/model-card.ts';
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

function egraGraphs(context: GraphContext) {
  const vectors = stageVectors(context);
  const { behavior, links } = behaviorGraphs(context, vectors);
  return { behavior, links, modal: modalGraphs(context, links, vectors) };
}

function graphs(hyper: HyperValues, from: Readonly<Record<string, StageResult>> = stages) {
  return egraGraphs(contextOf('egra', { dataset, hyper, stages: from }));
}

/** Largest |λ| of a symmetric matrix, by power iteration on G + 2, whose largest is that of G plus 2 where G's is positive. */
function spectralRadius(matrix: CsrMatrix): number {
  const multiply = (x: Float64Array, shift: number) => {
    const product = x.map((value) => shift * value);
    const rows = entryRows(matrix);
    matrix.indices.forEach((column, entry) => (product[rows[entry]!] = product[rows[entry]!]! + matrix.values[entry]! * x[column]!));
    return product;
  };
  const largest = (shift: number) => {
    let x = Float64Array.from({ length: matrix.rows }, (_, r) => 1 + (r % 7) / 10);
    let length = 1;
    for (let step = 0; step < 500; step++) {
      const next = multiply(x, shift);
      length = Math.hypot(...next);
      x = next.map((value) => value / length);
    }
    return length - Math.abs(shift);
  };
  return Math.max(largest(3), largest(-3));
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

  it.each([
    ['joint', 1],
    ['block', 1],
    ['joint', 0.5],
    ['block', 0.5],
  ] as const)('with ii_sym max are symmetric, their spectral radius at most 1 (joint) or 1 + λ_S (block): %s, %d', (ii_norm, ii_coef) => {
    const { behavior } = graphs({ ii_norm, ii_coef, ii_k: 4 });
    expect(isSymmetric(behavior)).toBe(true);
    const radius = spectralRadius(behavior);
    expect(radius).toBeLessThanOrEqual((ii_norm === 'joint' ? 1 : 1 + ii_coef) + 1e-6);
    expect(radius).toBeGreaterThan(ii_norm === 'joint' ? 0.99 : 1 + ii_coef / 2);
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
    expect(stagesOf({ pre_model: 'LGMRec', pre_repr: 'side' })[0]!.model).toBe('lgmrec');
    expect(stagesOf({ pre_model: 'LightGCN' })[0]!.model).toBe('lightgcn');
    expect(stagesOf({ pre_model: 'SIGER' })).toMatchObject([{ model: 'siger', hyper: { alpha: 0.2, lambda_al: 1e-3 } }]);
    expect(stagesOf({ ii_source: 'none' })).toEqual([]);
    expect(stagesOf({ ii_source: 'raw_freedom' })).toEqual([]);
    expect(stagesOf({ ii_source: 'none', mod_graph: 'pretrained' })).toHaveLength(1);
  });

  it('are EGRA itself without links for a set number of epochs where it is self-pretrained, shared whatever the links will be', () => {
    const [stage] = stagesOf({ ii_source: 'self', self_epochs: 7, ii_k: 5, self_refresh: 3, mod_graph: 'pretrained', lambda_max: 0.1 });
    expect(stage).toMatchObject({
      id: 'warm-up',
      model: 'egra',
      epochs: 7,
      hyper: { ii_source: 'none', mod_graph: 'raw', lambda_max: 0.1 },
    });
    expect(stagesOf({ ii_source: 'self', self_epochs: 7, mod_graph: 'none', ii_coef: 0.1 })[0]!.hyper).toEqual({
      ...stage!.hyper,
      mod_graph: 'none',
      lambda_max: 0.01,
    });
    expect(egraStages(stage!.hyper)).toEqual([]);
  });

  it('are those that the card plans with', () => {
    for (const hyper of [
      {},
      { pre_model: 'FREEDOM' },
      { pre_model: 'LGMRec' },
      { pre_model: 'SIGER', ii_source: 'none', mod_graph: 'pretrained' },
      { ii_source: 'self', mod_graph: 'pretrained', self_epochs: 3 },
      { ii_source: 'raw_freedom' },
    ] as HyperValues[]) {
      const asked = stagesOf(hyper).map(({ id, model, epochs }) => ({ id, model, epochs }));
      expect(plannedStages(card, resolveHyper(card, undefined, hyper)).map(({ id, model, epochs }) => ({ id, model, epochs }))).toEqual(
        asked,
      );
    }
  });

  it('of a warm-up are told apart by every setting that it reads', () => {
    const other = (key: string) => {
      const field = card.hyper[key]!;
      if (field.type === 'choice') return field.values.find((value) => value !== field.default)!;
      if (field.type === 'text') return `${field.default} too`;
      return field.type === 'boolean' ? !field.default : field.default * 0.5 + 1;
    };
    const first = stagesOf({ ii_source: 'self' })[0]!;
    // The branch has raw graphs until there are links.
    const read = Object.keys(card.hyper).filter((key) => {
      const [stage] = stagesOf({ ii_source: 'self', [key]: key === 'mod_graph' ? 'none' : other(key) });
      return key !== 'ii_source' && JSON.stringify(stage) !== JSON.stringify(first);
    });
    const planned = card.stages.find(({ id }) => id === 'warm-up')!.settings;
    expect([...planned].sort()).toEqual(read.sort());
  });

  it('take LightGCN’s vectors for behaviour, and refuse its side before anything is trained', async () => {
    expect(() => stagesOf({ pre_model: 'LightGCN', pre_repr: 'side' })).toThrow('keeps no side item vectors');
    const device = await openDevice('cpu');
    const { parts: _, ...bare } = stages['pretrain']!;
    expect(graphs({ pre_repr: 'behavior' }, { pretrain: bare }).links!.matrix).toEqual(graphs({}).links!.matrix);
    device.close();
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

  it('links by its own vectors after a warm-up, and makes the links anew every so many epochs', () => {
    const from = { 'warm-up': stages['pretrain']! };
    const build = (hyper: HyperValues, width = 5) =>
      createModel('egra', { dataset, stages: from, hyper: { ii_source: 'self', ...hyper }, width });
    const lossOf = (model: Model, epoch: number) => {
      const { total, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(drawnBatch(dataset, 24), epoch)));
      for (const gradient of gradients.values()) gradient?.dispose();
      return total;
    };
    const pretrained = createModel('egra', { dataset, stages, width: 5, hyper: { epoch_weight: 'off' } });
    const once = build({ epoch_weight: 'off' });
    expect(once.record['graph.item-block']).toContain('own (after 20 epochs) final vectors');
    expect(lossOf(once, 0)).toBe(lossOf(pretrained, 0));
    once.beforeEpoch!(10);
    expect(lossOf(once, 10)).toBe(lossOf(pretrained, 0));
    for (const mod_graph of ['raw', 'pretrained']) {
      const refreshed = build({ epoch_weight: 'off', self_refresh: 2, mod_graph });
      const first = lossOf(refreshed, 0);
      for (const epoch of [0, 1]) refreshed.beforeEpoch!(epoch);
      expect(lossOf(refreshed, 1)).toBe(first);
      refreshed.beforeEpoch!(2);
      const second = lossOf(refreshed, 2);
      expect(second).not.toBe(first);
      // What a checkpoint holds brings the same links back.
      const resumed = build({ epoch_weight: 'off', self_refresh: 2, mod_graph });
      copyParameters(refreshed, resumed);
      resumed.beforeEpoch!(3);
      expect(lossOf(resumed, 3)).toBe(second);
      const vectorsOf = (model: Model) => {
        const { users, items } = model.represent();
        const read = [values(users), values(items)];
        users.dispose();
        items.dispose();
        return read;
      };
      expect(vectorsOf(resumed)).toEqual(vectorsOf(refreshed));
      resumed.dispose();
      refreshed.dispose();
    }
    once.dispose();
    pretrained.dispose();
  });

  it('goes on with its alignment weight where the warm-up left it', () => {
    const hyper = { lambda_max: 0.1, lambda0_ratio: 0, warm_epochs: 10, self_epochs: 4 };
    const weightAt = (model: Model, epoch: number) =>
      (model.inputs(drawnBatch(dataset, 24), epoch) as { epochWeight: Float32Array }).epochWeight[0];
    const plain = createModel('egra', { dataset, hyper: { ...hyper, ii_source: 'none' } });
    const self = createModel('egra', { dataset, stages: { 'warm-up': stages['pretrain']! }, hyper: { ...hyper, ii_source: 'self' } });
    expect(weightAt(self, 0)).toBe(weightAt(plain, 4));
    expect(weightAt(self, 3)).toBe(weightAt(plain, 7));
    plain.dispose();
    self.dispose();
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
  for (const [own, others] of [
    [from.parameters, to.parameters],
    [from.kept, to.kept],
  ]) {
    for (const [name, variable] of own ?? []) {
      const copy = tensor(values(variable), variable.shape, 'float32');
      others!.get(name)!.assign(copy);
      copy.dispose();
    }
  }
}
