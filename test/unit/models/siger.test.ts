import { tensor, tensor2d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveHyper } from '#contract/model-card.ts';
import type { HyperValues } from '#contract/model-card.ts';
import { collaborativeGraph } from '#data/co-occurrence.ts';
import { entryRows } from '#data/csr.ts';
import type { CsrMatrix, Dataset } from '#data/dataset.ts';
import { trainEdges } from '#data/graph.ts';
import { randomStream, randomStreams } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { tidy, values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import type { Model } from '#models/define-model.ts';
import { batchRows } from '#models/parts/batch-rows.ts';
import { cosineItemGraph } from '#models/parts/modal-graphs.ts';
import { anchorLoss, jointPairs } from '#models/siger/alignment.ts';
import type { AnchorOptions } from '#models/siger/alignment.ts';
import { card } from '#models/siger/card.ts';
import { infusedGraphs } from '#models/siger/item-graphs.ts';
import { drawnNoise, perturbed } from '#models/siger/perturbation.ts';
import type { Modulus } from '#models/siger/perturbation.ts';
import { createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 40, items: 60 });
const edges = trainEdges(dataset);

function graphs(alpha: number | Readonly<Record<string, number>>, from: Dataset = dataset) {
  const alphaOf = (name: string) => (typeof alpha === 'number' ? alpha : alpha[name]!);
  const shared = { score: 'cosine', atLeast: 1, coK: 5, semanticK: 4, isolated: 'zero', source: 'computed' } as const;
  return infusedGraphs(from, edges, { ...shared, alphaOf });
}

function places(matrix: CsrMatrix): Set<string> {
  const rows = entryRows(matrix);
  return new Set(Array.from(matrix.indices, (column, entry) => `${rows[entry]} ${column}`));
}

/** Reading the held-out parts is an error. */
function trainOnly(from: Dataset): Dataset {
  return Object.defineProperties(
    { ...from },
    { validation: { get: () => expect.fail('validation rows were read') }, test: { get: () => expect.fail('test rows were read') } },
  );
}

describe('SIGER graphs', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  const semantic = () => dataset.modalities.map((modality) => cosineItemGraph({ dataset, source: 'computed', k: 4 }, modality).matrix);
  const collaborative = collaborativeGraph(edges, { score: 'cosine', atLeast: 1, k: 5, isolated: 'zero' });

  it('are the feature graphs at α 0 and the collaborative graph at α 1, for every modality', () => {
    expect(graphs(0).modal.map(({ matrix }) => matrix)).toEqual(semantic());
    expect(graphs(0).collaborative).toBeUndefined();
    expect(graphs(1).modal.map(({ matrix }) => matrix)).toEqual([collaborative, collaborative]);
  });

  it('hold the entries of both graphs in between, each with its share', () => {
    const mixed = graphs(0.3).modal;
    semantic().forEach((own, m) => {
      expect(places(mixed[m]!.matrix)).toEqual(new Set([...places(own), ...places(collaborative)]));
      const total = (matrix: CsrMatrix) => matrix.values.reduce((sum, value) => sum + value, 0);
      expect(total(mixed[m]!.matrix)).toBeCloseTo(0.3 * total(collaborative) + 0.7 * total(own), 4);
    });
  });

  it('take a share for each modality', () => {
    const { modal } = graphs({ image: 0, text: 1 });
    expect(modal[0]!.matrix).toEqual(semantic()[0]);
    expect(modal[1]!.matrix).toEqual(collaborative);
    const model = createModel('siger', { dataset, hyper: { alpha_by: 'modality', alpha_image: 0, alpha_text: 0.9, alpha: 0.4 } });
    expect(model.record['graph.items.image']).toMatch(/^computed k=10/);
    expect(model.record['graph.items.text']).toMatch(/^0.9 collaborative \+ 0.1 \(computed k=10, /);
    model.dispose();
  });

  it('depend on train rows and features only, none on itself by shared users', () => {
    expect(graphs(0.5, trainOnly(dataset)).modal).toEqual(graphs(0.5).modal);
    const model = createModel('siger', { dataset: trainOnly(dataset) });
    expect(model.record['graph.collaborative']).toContain(`k=10, isolated zero, `);
    expect(model.record['graph.collaborative']).toMatch(/sha256 [0-9a-f]{64}$/);
    model.dispose();
    const rows = entryRows(collaborative);
    expect([...collaborative.indices].some((column, entry) => column === rows[entry])).toBe(false);
  });

  it.each([
    { co_score: 'count' },
    { co_score: 'jaccard' },
    { co_min: 2 },
    { co_k: 5 },
    { sem_k: 5 },
    { alpha: 0.5 },
    { co_min: 3, co_isolated: 'self' },
  ] as HyperValues[])('change with %o', (hyper) => {
    const recordOf = (changed: HyperValues) => {
      const model = createModel('siger', { dataset, hyper: changed });
      const { record } = model;
      model.dispose();
      return record['graph.items.image'];
    };
    const hashOf = (record: unknown) => /sha256 ([0-9a-f]+)$/.exec(String(record))![1];
    expect(hashOf(recordOf(hyper))).not.toBe(hashOf(recordOf('co_isolated' in hyper ? { co_min: 3 } : {})));
  });
});

describe.each(['wasm', 'cpu'] as const)('SIGER on %s', (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  const batch = drawnBatch(dataset, 24);
  const rows = batchRows(batch, dataset);
  const width = 6;

  function perturb(modulus: Modulus, epsilon: number) {
    const entities = rows.users;
    const random = randomStream(4, 'embeddings');
    const drawn = Float32Array.from({ length: entities.ids.length * width }, () => random.normal());
    const noise = drawnNoise(randomStream(5, 'noise'), rows, width).users;
    const views = tidy(() => perturbed(tensor2d(drawn, [entities.ids.length, width]), entities, noise, { modulus, epsilon }));
    const [first, second] = views.map((view) => values(view));
    for (const view of views) view.dispose();
    const rowOf = (table: Float32Array, row: number) => [...table.subarray(row * width, (row + 1) * width)];
    const length = (row: number[]) => Math.hypot(...row);
    const moved = Array.from({ length: entities.live }, (_, row) => ({
      row: rowOf(drawn, row),
      first: rowOf(first!, row),
      norm: length(rowOf(drawn, row)),
      shift: length(rowOf(first!, row).map((value, c) => value - drawn[row * width + c]!)),
    }));
    const mean = [...batch.users.keys()].reduce((sum, r) => sum + moved[entities.indexOf[r]!]!.norm, 0) / batch.users.length;
    return { drawn, first: first!, second: second!, moved, mean };
  }

  it('makes equal views at ε 0, and two different ones else', () => {
    const still = perturb('norm', 0);
    expect(still.first).toEqual(still.drawn);
    expect(still.second).toEqual(still.drawn);
    const { first, second } = perturb('norm', 0.1);
    expect(first).not.toEqual(second);
  });

  it.each(['norm', 'mean', 'rel', 'const', 'inv'] as const)('moves by ε·ρ without a change of sign (%s)', (modulus) => {
    const { moved, mean } = perturb(modulus, 0.2);
    for (const { row, first, norm, shift } of moved) {
      const rho = { norm, mean, rel: norm / mean, const: 1, inv: mean / norm }[modulus];
      expect(shift / (0.2 * rho)).toBeCloseTo(1, 4);
      expect(first.map(Math.sign)).toEqual(row.map(Math.sign));
    }
  });

  it('draws its noise from the dropout stream alone, anew for each batch, and none without contrast', () => {
    const streams = randomStreams(3);
    const model = createModel('siger', { dataset, random: streams });
    const states = () => Object.entries(streams).map(([name, stream]) => [name, stream.save()] as const);
    const before = states();
    const first = model.inputs(batch, 0);
    expect(
      states()
        .filter(([, state], s) => String(state) !== String(before[s]![1]))
        .map(([name]) => name),
    ).toEqual(['dropout']);
    expect(model.inputs(batch, 0)).not.toEqual(first);
    model.dispose();
    const quiet = createModel('siger', { dataset, random: streams, hyper: { lambda_cl: 0 } });
    const after = states();
    expect(quiet.inputs(batch, 0)).toMatchObject({ noise: [] });
    expect(states()).toEqual(after);
    quiet.dispose();
  });

  it.each([
    { form: 'joint', maskSelf: true },
    { form: 'joint', maskSelf: false },
    { form: 'separate', maskSelf: true },
    { form: 'triplet', maskSelf: true },
  ] as const)('has an anchor loss that falls as a view moves toward behaviour (%o)', (form) => {
    const entities = rows.users;
    const random = randomStream(8, 'views');
    const draw = () => Float32Array.from({ length: entities.ids.length * width }, () => random.normal());
    const [b, own, other] = [draw(), draw(), draw()];
    const options: AnchorOptions = { ...form, detachAnchor: false, temperature: 0.2, duplicates: 'keep' };
    const lossAt = (share: number) => {
      // The first user's view of the first modality alone.
      const moved = own.map((value, place) => (place < width ? (1 - share) * value + share * b[place]! : value));
      const loss = tidy(() => {
        const unit = (table: Float32Array) => normaliseRows(tensor2d(table, [entities.ids.length, width]));
        return anchorLoss(unit(b), [unit(moved), unit(other)], entities, jointPairs(entities, 2), options);
      });
      const read = values(loss)[0]!;
      loss.dispose();
      return read;
    };
    const series = [0, 0.2, 0.4, 0.6, 0.8, 1].map(lossAt);
    if (form.form !== 'triplet') series.slice(1).forEach((loss, step) => expect(loss).toBeLessThan(series[step]!));
    expect(series.at(-1)!).toBeLessThan(series[0]!);
  });

  it('sets modality against modality in the triplet form: nothing with one, the mean over pairs with more', () => {
    const entities = rows.users;
    const random = randomStream(9, 'views');
    const draw = () => Float32Array.from({ length: entities.ids.length * width }, () => random.normal());
    const [b, ...views] = [draw(), draw(), draw(), draw()];
    const lossOf = (form: 'separate' | 'triplet', anchor: Float32Array, of: readonly Float32Array[]) => {
      const loss = tidy(() => {
        const unit = (table: Float32Array) => normaliseRows(tensor2d(table, [entities.ids.length, width]));
        return anchorLoss(unit(anchor), of.map(unit), entities, undefined, {
          form,
          maskSelf: true,
          detachAnchor: false,
          temperature: 0.3,
          duplicates: 'keep',
        });
      });
      const read = values(loss)[0]!;
      loss.dispose();
      return read;
    };
    expect(lossOf('triplet', b!, views.slice(0, 1))).toBe(lossOf('separate', b!, views.slice(0, 1)));
    const [x, y, z] = views;
    const between = [lossOf('separate', x!, [y!]), lossOf('separate', x!, [z!]), lossOf('separate', y!, [z!])];
    const added = lossOf('triplet', b!, views) - lossOf('separate', b!, views);
    expect(added).toBeCloseTo(between.reduce((sum, loss) => sum + loss, 0) / 3, 4);
  });

  it('has MGCN’s loss and gradients where it is MGCN', () => {
    const mgcn = createModel('mgcn', { dataset, hyper: { cl_loss: 0.05, reg_weight: 0.01 } });
    const siger = createModel('siger', {
      dataset,
      seed: 99,
      hyper: { alpha: 0, lambda_cl: 0, anc_form: 'off', fus_dir: 'f2b', fusion: 'mgcn', n_ui_layers: 2, lambda_al: 0.05, reg_weight: 0.01 },
    });
    expect([...siger.parameters.keys()]).toEqual([...mgcn.parameters.keys()]);
    copyParameters(mgcn, siger);
    const [a, b] = [mgcn, siger].map((model) => lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0))));
    expect(Math.abs(a!.total - b!.total)).toBeLessThan(1e-6);
    for (const [name, gradient] of a!.gradients) {
      const [ours, theirs] = [values(gradient!), values(b!.gradients.get(name)!)];
      ours.forEach((value, place) => expect(Math.abs(value - theirs[place]!)).toBeLessThan(1e-6));
    }
    for (const { gradients } of [a!, b!]) for (const gradient of gradients.values()) gradient?.dispose();
    mgcn.dispose();
    siger.dispose();
  });

  it.each([
    [{ lambda_cl: 0 }, ['anchor', 'fused']],
    [{ anc_form: 'off' }, ['contrast', 'fused']],
    [{ fus: 'off' }, ['contrast', 'anchor']],
    [{ lambda_al: 0 }, ['contrast']],
  ] as [HyperValues, string[]][])('with %o has the loss terms that are left', (hyper, left) => {
    const model = createModel('siger', { dataset, hyper });
    const { terms, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
    for (const gradient of gradients.values()) gradient?.dispose();
    expect(Object.keys(terms)).toEqual(['bpr', 'reg', ...left]);
    model.dispose();
  });

  it.each([
    ['mod_rho', ['norm', 'mean', 'rel', 'const', 'inv'], 'contrast'],
    ['pert_on', ['semantic', 'fused', 'behavior', 'all'], 'contrast'],
    ['eps', [0.05, 0.1, 0.2], 'contrast'],
    ['tau', [0.1, 0.2], 'contrast'],
    ['anc_form', ['joint', 'separate', 'triplet'], 'anchor'],
    ['anc_mask_self', [true, false], 'anchor'],
    ['nce_duplicates', ['keep', 'mask'], 'fused'],
    ['fus_dir', ['b2f', 'f2b', 'sym'], 'fused'],
    ['fusion', ['mean', 'mgcn'], 'bpr'],
    ['sem_input', ['gated_id', 'projected'], 'bpr'],
    ['n_mm_layers', [1, 2], 'bpr'],
    ['n_ui_layers', [2, 3], 'bpr'],
  ] as [string, (string | number | boolean)[], string][])('has another loss for every value of %s', (key, settings, term) => {
    const losses = settings.map((value) => {
      const model = createModel('siger', { dataset, hyper: { [key]: value } });
      const { terms, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
      for (const gradient of gradients.values()) gradient?.dispose();
      model.dispose();
      return terms[term];
    });
    expect(new Set(losses).size).toBe(settings.length);
  });

  it('keeps the anchor still where it is detached', () => {
    const behaviourGradient = (anchor_detach: boolean) => {
      // Projected features and the anchor loss alone: ids then get a gradient through behaviour only.
      const hyper = { anchor_detach, lambda_cl: 0, fus: 'off', sem_input: 'projected', lambda_al: 1, reg_weight: 0 };
      const model = createModel('siger', { dataset, hyper });
      const inputs = model.inputs(batch, 0);
      const { gradients } = lossAndGradients(model.parameters, () => {
        const { terms } = model.loss(inputs);
        return { total: terms['anchor']!, terms: {} };
      });
      const read = gradients.get('nodes');
      const isMoved = read !== null && read !== undefined && values(read).some((value) => value !== 0);
      for (const gradient of gradients.values()) gradient?.dispose();
      model.dispose();
      return isMoved;
    };
    expect(behaviourGradient(false)).toBe(true);
    expect(behaviourGradient(true)).toBe(false);
  });

  it('ranks by the vectors it exports, which are the sum of both views', () => {
    const model = createModel('siger', { dataset });
    const { users, items } = model.represent();
    const parts = model.parts!();
    for (const [name, final] of Object.entries({ users, items })) {
      const [b, f] = [values(parts[`${name}.behavior`]!), values(parts[`${name}.side`]!)];
      values(final).forEach((value, place) => expect(value).toBeCloseTo(b[place]! + f[place]!, 6));
    }
    for (const part of [users, items, ...Object.values(parts)]) part.dispose();
    model.dispose();
  });
});

describe('the card of SIGER', () => {
  it('has the defaults, grids and presets of the reference', () => {
    expect(resolveHyper(card, undefined, {})).toEqual({
      ...{ sem_k: 10, co_score: 'cosine', co_min: 1, co_k: 10, co_isolated: 'zero', alpha: 0.2, alpha_by: 'all' },
      ...{ alpha_image: 0.2, alpha_text: 0.2, alpha_audio: 0.2, n_ui_layers: 3, n_mm_layers: 1, sem_input: 'gated_id', fusion: 'mean' },
      ...{ feat_trainable: true, mod_rho: 'norm', eps: 0.1, pert_on: 'semantic', anc_form: 'joint', anc_mask_self: true },
      ...{
        anchor_detach: false,
        fus: 'on',
        fus_dir: 'b2f',
        lambda_cl: 1e-3,
        lambda_al: 1e-3,
        tau: 0.2,
        reg_weight: 1e-4,
        nce_duplicates: 'keep',
      },
    });
    const grids = Object.fromEntries(Object.entries(card.hyper).flatMap(([key, { grid }]) => (grid === undefined ? [] : [[key, grid]])));
    expect(grids).toMatchObject({
      ...{ sem_k: [5, 10, 15, 20], co_min: [1, 2, 3], co_k: [5, 10, 15, 20], n_ui_layers: [2, 3, 4], n_mm_layers: [1, 2] },
      ...{ eps: [0.01, 0.05, 0.1, 0.2], lambda_cl: [1e-4, 1e-3, 1e-2], lambda_al: [1e-4, 1e-3, 1e-2], tau: [0.1, 0.2, 0.4] },
    });
    expect([...card.presets, ...card.ablations].map((preset) => preset.id)).toEqual([
      'siger',
      'siger-no-infusion',
      'siger-collab-only',
      'siger-no-contrast',
      'siger-flat-noise',
      'siger-no-anchor',
      'siger-plain-infonce',
      'siger-no-fused',
      'siger-no-align',
    ]);
    const { fus, ...rest } = card.hyper;
    expect(fus!.mark).toBe('published');
    for (const field of Object.values(rest)) expect(field.mark).toBe('inferred');
    expect(card).toMatchObject({ lrDecay: 0.96, minEpochs: 40, inferred: true });
  });
});

function copyParameters(from: Model, to: Model): void {
  for (const [name, variable] of from.parameters) {
    const copy = tensor(values(variable), variable.shape, 'float32');
    to.parameters.get(name)!.assign(copy);
    copy.dispose();
  }
}
