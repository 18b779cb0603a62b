import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import { trainEdges } from '#data/graph.ts';
import { knowledgeOf } from '#data/knowledge.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { jointGraph } from '#models/kgattention/joint-graph.ts';
import type { Model } from '#models/define-model.ts';
import { createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only, RunOfTest } from '#test/fixtures/training.ts';
import { expectBeside, tablesOf } from './beside-reference.ts';
import type { Table } from './reference-views.ts';

const dataset = drawnDataset({ users: 9, items: 8, rowsPerUser: 5, groups: 3 });
const batch = drawnBatch(dataset, 12);
const width = 4;

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, c) => sum + x * b[c]!, 0);
const times = (x: readonly number[], matrix: Table) =>
  matrix[0]!.map((_, c) =>
    dot(
      x,
      matrix.map((row) => row[c]!),
    ),
  );
const leaky = (x: number) => (x > 0 ? x : 0.01 * x);

interface Edge {
  readonly tail: number;
  readonly kind: number;
  readonly structure: readonly number[];
}

/** A second version in double, node by node from the definition in models.md 3.5, with the graph written down anew. */
class Plain {
  readonly #edges: Edge[][];
  readonly #hyper: HyperValues;

  constructor({ users, items, knowledge, ...rest }: Dataset, hyper: HyperValues) {
    this.#hyper = { n_layers: 3, graph: 'all', attention: 'learnt', structure: true, reg_weight: 1e-5, ...hyper };
    const triples: [number, number, number][] = [];
    const rows = trainEdges({ users, items, train: rest.train });
    rows.users.forEach((user, e) => triples.push([user, 0, users + rows.items[e]!]));
    if (this.#hyper['graph'] === 'all')
      knowledge!.heads.forEach((head, e) => triples.push([users + head, 1 + knowledge!.kinds[e]!, users + knowledge!.tails[e]!]));
    const both = triples.flatMap(([h, r, t]) => [
      [h, 2 * r, t],
      [t, 2 * r + 1, h],
    ]) as [number, number, number][];
    const nodes = Math.max(users + items, ...both.map(([h]) => h + 1));
    const near = Array.from({ length: nodes }, (_, node) => new Set(both.filter(([h]) => h === node).map(([, , t]) => t)));
    this.#edges = near.map((_, node) =>
      both
        .filter(([h]) => h === node)
        .map(([h, kind, tail]) => {
          const shared = [...near[h]!].filter((other) => near[tail]!.has(other)).length;
          return { tail, kind, structure: [near[h]!.size, near[tail]!.size, shared].map((count) => Math.log(1 + count)) };
        }),
    );
  }

  /** Weights α of a node's edges. */
  weights(tables: ReadonlyMap<string, Table>, vectors: Table, node: number, layer: number): number[] {
    const edges = this.#edges[node]!;
    if (this.#hyper['attention'] === 'uniform') return edges.map(() => 1 / edges.length);
    const project = tables.get(`layer ${layer}.project`)!;
    const weigh = tables.get(`layer ${layer}.weigh`)!.map((row) => row[0]!);
    const powers = edges.map(({ tail, kind, structure }) => {
      const seen = [...times(vectors[node]!, project), ...times(vectors[tail]!, project), ...tables.get('relations')![kind]!];
      return Math.exp(leaky(dot(this.#hyper['structure'] === true ? [...seen, ...structure] : seen, weigh)));
    });
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  }

  vectors(tables: ReadonlyMap<string, Table>): Table {
    let now: Table = tables.get('nodes')!;
    const joined = now.map((row) => [...row]);
    for (let layer = 0; layer < (this.#hyper['n_layers'] as number); layer++) {
      const next = now.map((row, node) => {
        const weights = this.weights(tables, now, node, layer);
        const gathered = row.map(
          (x, c) =>
            x +
            this.#edges[node]!.reduce(
              (sum, { tail, kind }, e) => sum + weights[e]! * now[tail]![c]! * tables.get('relations')![kind]![c]!,
              0,
            ),
        );
        return times(gathered, tables.get(`layer ${layer}.gather`)!).map(leaky);
      });
      next.forEach((row, node) => joined[node]!.push(...row));
      now = next;
    }
    return joined;
  }

  loss(tables: ReadonlyMap<string, Table>, { users, positives, negatives }: Batch, batchSize: number) {
    const all = this.vectors(tables);
    const ids = tables.get('nodes')!;
    const item = (id: number) => dataset.users + id;
    let [entropy, squares] = [0, 0];
    users.forEach((user, r) => {
      const sigma = (other: number) => 1 / (1 + Math.exp(-dot(all[user]!, all[other]!)));
      entropy -= Math.log(sigma(item(positives[r]!))) + Math.log(1 - sigma(item(negatives[r]!)));
      for (const node of [user, item(positives[r]!), item(negatives[r]!)]) squares += dot(ids[node]!, ids[node]!);
    });
    const terms = { entropy: entropy / (2 * users.length), reg: squares / 2 / batchSize };
    return { terms, total: terms.entropy + (this.#hyper['reg_weight'] as number) * terms.reg };
  }
}

describe('KG attention', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  const make = (hyper: HyperValues, from: Dataset = dataset): Model =>
    createModel('kgattention', { dataset: from, hyper, width, batchSize: 16 });

  it.each<HyperValues>([
    { reg_weight: 0.1 },
    { n_layers: 1, structure: false, reg_weight: 0.1 },
    { n_layers: 2, attention: 'uniform', reg_weight: 0.1 },
    { n_layers: 2, graph: 'interactions', reg_weight: 0.1 },
  ])('with %o has the loss and the slopes of a second version in double', (hyper) => {
    const model = make(hyper);
    const plain = new Plain(dataset, hyper);
    const result = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
    const tables = tablesOf({ ...dataset, modalities: [] }, model);
    expectBeside(result, tables, plain.loss(tables, batch, 16), () => plain.loss(tables, batch, 16).total);
    const { users, items } = model.represent();
    const ours = [...values(users), ...values(items)];
    const theirs = plain
      .vectors(tables)
      .slice(0, dataset.users + dataset.items)
      .flat();
    expect(ours).toHaveLength(theirs.length);
    ours.forEach((value, place) => expect(value).toBeCloseTo(theirs[place]!, 5));
    users.dispose();
    items.dispose();
    model.dispose();
  });

  it('does not see validation and test rows', () => {
    const scored = (from: Dataset) => {
      const model = make({}, from);
      const { users, items } = model.represent();
      const read = [...values(users), ...values(items)];
      for (const tensor of [users, items]) tensor.dispose();
      model.dispose();
      return read;
    };
    const other = { users: Int32Array.of(0), items: Int32Array.of(0) };
    expect(scored({ ...dataset, validation: other, test: other })).toEqual(scored(dataset));
    const { knowledge } = dataset;
    expect(
      scored({ ...dataset, knowledge: { ...knowledge!, tails: knowledge!.tails.map((tail) => (tail === 8 ? 9 : tail)) } }),
    ).not.toEqual(scored(dataset));
  });

  it('runs from data to result files, and not without a knowledge graph', async () => {
    const budget = { epochs: 2, patience: 5, batchSize: 16, width: 8 };
    const config = trainConfig('kgattention', { budget });
    const newRun = async (on: Dataset) => {
      const made = await RunOfTest.new({ config, dataset: on, device });
      onTestFinished(() => rmSync(made.folder, { recursive: true, force: true }));
      return made;
    };
    const run = await newRun(dataset);
    const events = await run.go();
    expect(only(events, 'finished')).toMatchObject([{ epochs: 2, leakedTensors: 0 }]);
    expect(only(events, 'prepared')[0]!.provenance.model['graph.knowledge']).toMatch(/^19 triples from the file, sha256 /);
    const { knowledge: _knowledge, ...without } = dataset;
    const [failed] = only(await (await newRun(without)).go(), 'failed');
    expect(failed!.problem).toMatchObject({
      code: 'dataset.no-knowledge',
      message: 'KG attention needs a knowledge graph, drawn 1 has none',
    });
    expect(failed!.problem.fix).toMatch(/\.kg file/);
  });

  it('trains for each ablation what it names and nothing else', () => {
    const names = (hyper: HyperValues) => {
      const model = make(hyper);
      const found = Object.fromEntries([...model.parameters].map(([name, { shape }]) => [name, shape.join(' × ')]));
      model.dispose();
      return found;
    };
    const all = names({ n_layers: 1 });
    const entities = dataset.knowledge!.entities;
    expect(all).toEqual({
      nodes: `${9 + 8 + entities} × 4`,
      relations: '8 × 4',
      'layer 0.gather': '4 × 4',
      'layer 0.project': '4 × 4',
      'layer 0.weigh': '15 × 1',
    });
    expect(names({ n_layers: 1, structure: false })).toEqual({ ...all, 'layer 0.weigh': '12 × 1' });
    const { 'layer 0.project': _project, 'layer 0.weigh': _weigh, ...unweighed } = all;
    expect(names({ n_layers: 1, attention: 'uniform' })).toEqual(unweighed);
    expect(names({ n_layers: 1, graph: 'interactions' })).toEqual({ ...all, nodes: '17 × 4', relations: '2 × 4' });
  });

  it('survives exponents that float32 does not hold', () => {
    const model = make({});
    for (const variable of model.parameters.values()) {
      const start = values(variable);
      start.forEach((value, place) => (start[place] = 60 * value));
      const larger = variable.clone();
      (larger.dataSync() as Float32Array).set(start);
      variable.assign(larger);
      larger.dispose();
    }
    const { users } = model.represent();
    expect(values(users).every(Number.isFinite)).toBe(true);
    model.dispose();
  });
});

describe('the joint graph', () => {
  it('has every row and triple both ways, with degrees and common neighbours counted by hand', () => {
    // Users 0, 1; items 2, 3; entity 4. User 0 has items 2 and 3, user 1 has item 3; both items are of brand 4, and 2 is like 3.
    const train = { users: Int32Array.of(0, 0, 1), items: Int32Array.of(0, 1, 1) };
    const knowledge = knowledgeOf(
      [
        { head: 0, relation: 'brand', tail: 'Acme' },
        { head: 1, relation: 'brand', tail: 'Acme' },
        { head: 0, relation: 'like', tail: 1 },
        { head: 0, relation: 'like', tail: 1 },
      ],
      2,
      'file',
    )!;
    expect(knowledge).toMatchObject({ entities: 1, relations: ['brand', 'like'] });
    const graph = jointGraph({ ...dataset, users: 2, items: 2, train, knowledge }, true);
    expect([graph.nodes, graph.relations]).toEqual([5, 6]);
    const rows = [...graph.heads].map((head, e) => [
      head,
      graph.kinds[e],
      graph.tails[e],
      ...[...graph.structure.subarray(3 * e, 3 * e + 3)].map((value) => Math.round(Math.expm1(value))),
    ]);
    expect(rows).toEqual([
      // User 0 and item 2 share item 3; user 0 and item 3 share item 2; user 1 and item 3 share nobody.
      [0, 0, 2, 2, 3, 1],
      [2, 1, 0, 3, 2, 1],
      [0, 0, 3, 2, 4, 1],
      [3, 1, 0, 4, 2, 1],
      [1, 0, 3, 1, 4, 0],
      [3, 1, 1, 4, 1, 0],
      // Items and brand share the other item; the items share user 0 and the brand.
      [2, 2, 4, 3, 2, 1],
      [4, 3, 2, 2, 3, 1],
      [3, 2, 4, 4, 2, 1],
      [4, 3, 3, 2, 4, 1],
      [2, 4, 3, 3, 4, 2],
      [3, 5, 2, 4, 3, 2],
    ]);
  });
});
