import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryRows } from '#data/csr.ts';
import { trainEdges } from '#data/graph.ts';
import { randomStream } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { tensor2d, tidy, values } from '#engine/ops/basic.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { sharedUsersGraph } from '#models/damrs/graphs.ts';
import { agreement, denoisedBpr } from '#models/damrs/losses.ts';
import { pseudoNeighbours } from '#models/damrs/neighbours.ts';
import { createModel } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const random = randomStream(2, 'damrs');
const draw = (rows: number, width: number) =>
  tensor2d(
    Float32Array.from({ length: rows * width }, () => random.normal()),
    [rows, width],
  );

/** DA-MRS (models.md 2.17) beside its formulas. */
describe('DA-MRS', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  it('takes n neighbours that all views find near, then n that one alone does, never the same', () => {
    const count = 3;
    const items = Int32Array.from([4, 0, 9]);
    const units = tidy(() => [draw(12, 4), draw(12, 4)].map((view) => normaliseRows(view)));
    const tables = units.map((unit) => values(unit));
    const chances = (g: number, item: number) => {
      const powers = Array.from({ length: 12 }, (_, other) => {
        let cosine = 0;
        for (let c = 0; c < 4; c++) cosine += tables[g]![item * 4 + c]! * tables[g]![other * 4 + c]!;
        return Math.exp(cosine);
      });
      const total = powers.reduce((sum, power) => sum + power, 0);
      return powers.map((power) => power / total);
    };
    const found = pseudoNeighbours(units, items, count);
    const best = (score: number[], without: readonly number[]) =>
      Array.from(score.keys())
        .filter((id) => !without.includes(id))
        .sort((a, b) => score[b]! - score[a]!)
        .slice(0, count);
    found.forEach(({ shared, own }, g) => {
      items.forEach((item, row) => {
        const all = [chances(0, item), chances(1, item)];
        const first = best(
          all[g]!.map((chance, id) => all[0]![id]! + all[1]![id]! + chance),
          [],
        );
        expect([...shared.subarray(row * count, (row + 1) * count)]).toEqual(first);
        expect([...own.subarray(row * count, (row + 1) * count)]).toEqual(best(all[g]!, first));
      });
    });
    for (const unit of units) unit.dispose();
  });

  it('weighs a row by what views agree on, and turns it round where they find the positive unlikely', () => {
    const positive = [0.9, 0.9, 0.9, 0.2, 0.3, 0.7];
    const loss = tidy(() => {
      const one = (x: number[]) => tensor2d(x, [2, 1]);
      const chances = { positive: tensor2d(positive, [2, 3]), negative: tensor2d(new Array<number>(6).fill(0.5), [2, 3]) };
      return denoisedBpr(one([1, 1]), { positive: one([2, 3]), negative: one([0, 0]) }, chances).dataSync()[0]!;
    });
    // Row 1: mean .9, no variance, w⁺ .9. Row 2: mean .4 < .5, so w⁻ = .7 − .5; variance .07.
    const softplus = (x: number) => Math.log1p(Math.exp(x));
    const second = 0.4 * Math.exp(-0.14) * softplus(-3) + 0.2 * softplus(3);
    expect(loss).toBeCloseTo((0.9 * softplus(-2) + second) / 2, 6);
  });

  it('adds both directions of the difference between ids and views, over live pairs alone', () => {
    const [users, x, y] = [draw(3, 4), draw(2, 4), draw(2, 4)];
    const result = tidy(() => {
      const shares = { users: tensor2d([0.5, 0.5, 0], [3, 1]), items: tensor2d([0.5, 0.5], [2, 1]) };
      const { total, forward, backward } = agreement(users, x, y, shares);
      return [total, forward, backward].map((scalar) => scalar.dataSync()[0]!);
    });
    const [u, a, b] = [users, x, y].map((table) => values(table));
    const chance = (user: number, items: Float32Array, item: number) => {
      let product = 0;
      for (let c = 0; c < 4; c++) product += u![user * 4 + c]! * items[item * 4 + c]!;
      return 1 / (1 + Math.exp(-product));
    };
    let [forward, backward] = [0, 0];
    for (const user of [0, 1]) {
      for (const item of [0, 1]) {
        const [p, q] = [chance(user, a!, item), chance(user, b!, item)];
        forward += (p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))) / 4;
        backward += (q * Math.log(q / p) + (1 - q) * Math.log((1 - q) / (1 - p))) / 4;
      }
    }
    expect(result[0]).toBeCloseTo(forward + backward, 5);
    expect(result[1]).toBeCloseTo(forward, 5);
    expect(result[2]).toBeCloseTo(backward, 5);
    for (const table of [users, x, y]) table.dispose();
  });

  it('links an item with itself and with those it shares enough users with', () => {
    const train = { users: Int32Array.from([0, 0, 1, 1, 2, 2]), items: Int32Array.from([0, 1, 0, 1, 1, 2]) };
    const { matrix } = sharedUsersGraph(trainEdges({ users: 3, items: 3, train }), { k: 2, atLeast: 2 });
    expect([...entryRows(matrix)]).toEqual([0, 0, 1, 1, 2]);
    expect([...matrix.indices]).toEqual([0, 1, 0, 1, 2]);
    [0.5, 0.5, 0.5, 0.5, 1].forEach((value, entry) => expect(matrix.values[entry]).toBeCloseTo(value, 6));
  });

  it('says that it needs features where graphs are imported', () => {
    expect(() => createModel('damrs', { dataset: drawnDataset(), itemGraph: 'imported' })).toThrow('compares all pairs of items');
  });
});
