import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryRows } from '#data/csr.ts';
import type { Dataset } from '#data/dataset.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import { randomStream } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { dropProbabilities, droppedView, edgeDropWeights } from '#models/gca/edge-drop.ts';
import { createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = uneven(drawnDataset({ users: 40, items: 30 }));
const edges = trainEdges(dataset);
const count = edges.users.length;
const degree = (of: Int32Array, which: number) => of.filter((one) => one === which).length;

describe('edges that GCA drops', () => {
  const rules = (['degree', 'pagerank', 'eigen', 'uniform'] as const).flatMap((centrality) =>
    (['mean', 'item', 'user'] as const).map((ends) => ({ centrality, ends, most: 0.7 })),
  );

  it.each(rules)('by $centrality of $ends: p or less on average, none above the bound, weights 1 on average', (rule) => {
    const weights = edgeDropWeights(edges, rule);
    expect(weights.reduce((sum, weight) => sum + weight, 0) / count).toBeCloseTo(1, 9);
    for (const p of [0.3, 0.4, 0.95]) {
      const probabilities = dropProbabilities(weights, p, rule.most);
      const mean = probabilities.reduce((sum, one) => sum + one, 0) / count;
      expect(mean).toBeLessThanOrEqual(p + 1e-12);
      expect(mean).toBeGreaterThan(p / 3);
      for (const one of probabilities) {
        expect(one).toBeLessThanOrEqual(0.7);
        expect(one).toBeGreaterThanOrEqual(0);
      }
      if (rule.centrality === 'uniform') expect(new Set(probabilities).size).toBe(1);
      else expect(new Set(probabilities).size).toBeGreaterThan(1);
    }
  });

  it('never more often where degrees are higher', () => {
    for (const ends of ['mean', 'item', 'user'] as const) {
      const probabilities = dropProbabilities(edgeDropWeights(edges, { centrality: 'degree', ends, most: 0.7 }), 0.4, 0.7);
      const central = Float64Array.from(edges.users, (user, e) => {
        const [ofUser, ofItem] = [degree(edges.users, user), degree(edges.items, edges.items[e]!)];
        return { mean: ofUser * ofItem, item: ofItem, user: ofUser }[ends];
      });
      const order = [...central.keys()].sort((a, b) => central[a]! - central[b]!);
      order.slice(1).forEach((e, place) => expect(probabilities[e]!).toBeLessThanOrEqual(probabilities[order[place]!]! + 1e-12));
    }
  });

  it('both ways with one draw, and degrees are counted anew', () => {
    const probabilities = new Float64Array(count).fill(0.4);
    const view = droppedView(edges, probabilities, randomStream(3, 'views'));
    const drawn = randomStream(3, 'views');
    const kept = [...probabilities].map((probability) => drawn.uniform() >= probability);
    const expected = userItemGraph({
      ...edges,
      users: edges.users.filter((_, e) => kept[e]),
      items: edges.items.filter((_, e) => kept[e]),
    });
    const dense = (matrix: typeof view) => {
      const rows = entryRows(matrix);
      const all = new Float32Array(matrix.rows * matrix.columns);
      matrix.indices.forEach((column, e) => (all[rows[e]! * matrix.columns + column] = matrix.values[e]!));
      return all;
    };
    expect(dense(view)).toEqual(dense(expected));
    expect(view.indices).toEqual(userItemGraph(edges).indices);
  });
});

describe('GCA', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  it('contrasts each distinct entity with all others of both views', () => {
    const [tau, batch] = [0.4, drawnBatch(dataset, 30)];
    const model = createModel('gca', { dataset, hyper: { tau, drop_1: 0, drop_2: 0 } });
    model.beforeEpoch!(0);
    const { terms, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
    for (const gradient of gradients.values()) gradient?.dispose();

    // Nothing is dropped: both views are the vectors that are scored with, and a row’s own key is as near as can be.
    const { users, items } = model.represent();
    const width = users.shape[1];
    const table = (name: string) => values(model.parameters.get(name)!);
    const layer = (x: number[], name: string) =>
      x.map((_, out) =>
        x.reduce((sum, one, into) => sum + one * table(`head.${name}.weight`)[into * width + out]!, table(`head.${name}.bias`)[out]!),
      );
    const heads = (of: Float32Array, ids: Int32Array) =>
      [...new Set(ids)].map((id) => {
        const hidden = layer([...of.subarray(id * width, (id + 1) * width)], 'hidden').map((x) => (x > 0 ? x : Math.exp(x) - 1));
        const out = layer(hidden, 'out');
        const norm = Math.hypot(...out);
        return out.map((x) => x / norm);
      });
    const losses = [heads(values(users), batch.users), heads(values(items), batch.positives)].flatMap((rows) =>
      rows.map((row, place) => {
        const power = (other: readonly number[]) => Math.exp(row.reduce((sum, x, c) => sum + x * other[c]!, 0) / tau);
        const all = rows.reduce((sum, other, at) => sum + power(other) + (at === place ? 0 : power(other)), 0);
        return -Math.log(power(row) / all);
      }),
    );
    expect(terms['contrast']).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / losses.length, 4);
    users.dispose();
    items.dispose();
    model.dispose();
  });

  it('draws two views an epoch, new ones in the next, and scores with all edges', () => {
    const model = createModel('gca', { dataset });
    const batch = drawnBatch(dataset, 30);
    const contrast = () => {
      const { terms, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
      for (const gradient of gradients.values()) gradient?.dispose();
      return terms;
    };
    const scored = () => {
      const { users, items } = model.represent();
      const read = [...values(users), ...values(items)];
      users.dispose();
      items.dispose();
      return read;
    };
    const before = scored();
    model.beforeEpoch!(0);
    const first = contrast();
    expect(contrast()).toEqual(first);
    model.beforeEpoch!(1);
    const second = contrast();
    expect(second['contrast']).not.toBe(first['contrast']);
    expect(second['bpr']).toBe(first['bpr']);
    expect(scored()).toEqual(before);
    model.dispose();
  });
});

/** User u keeps 1 + u mod 5 train rows: in a drawn dataset all have as many. */
function uneven(drawn: Dataset): Dataset {
  const had = new Map<number, number>();
  const kept = [...drawn.train.users.keys()].filter((row) => {
    const user = drawn.train.users[row]!;
    const place = had.get(user) ?? 0;
    had.set(user, place + 1);
    return place <= user % 5;
  });
  const { users, items } = drawn.train;
  return { ...drawn, train: { users: Int32Array.from(kept, (row) => users[row]!), items: Int32Array.from(kept, (row) => items[row]!) } };
}
