import type { Scalar } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { HyperValues } from '#contract/model-card.ts';
import type { Dataset } from '#data/dataset.ts';
import { randomStream, randomStreams } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { dispose, mul, sum, tensor2d, tidy, values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import { nearestCodes, ResidualQuantiser, straightThrough } from '#models/bbqrec/quantiser.ts';
import { binOf, jointBin, runningNumbers, unitRows } from '#models/bbqrec/semantic-ids.ts';
import type { Model } from '#models/define-model.ts';
import { modelById } from '#models/registry.ts';
import { lookingOf, packHistories } from '#models/parts/packed-histories.ts';
import { Belongings } from '#models/parts/parameters.ts';
import { contextOf, createModel, drawnBatch, drawnStage } from '#test/fixtures/model-context.ts';
import { sequenceDataset, timed } from '#test/fixtures/sequence-dataset.ts';
import { draw } from '../engine/check.ts';

const dataset = sequenceDataset({ users: 20, items: 24 });
const stages = drawnStage(dataset);

let device: OpenDevice;
beforeAll(async () => {
  device = await openDevice('wasm');
});
afterAll(() => device.close());

describe('the quantiser', () => {
  const [rows, width, levels, codes] = [30, 5, 3, 7];
  const given = Float32Array.from(draw(rows * width, 4));
  const made = (own: Belongings) => new ResidualQuantiser(own, randomStream(9, 'init'), { levels, codes, width, commitment: 0.25 });

  it('takes at each level the nearest code of what the levels before left', () => {
    const own = new Belongings();
    const quantiser = made(own);
    const books = quantiser.codebooks.map((book) => values(book));
    const found = tidy(() => {
      const { values: sums, codes: chosen, distance } = quantiser.quantise(tensor2d(given, [rows, width]));
      return { sums: values(sums), chosen: values(chosen), distance: values(distance) };
    });
    for (let row = 0; row < rows; row++) {
      let rest = [...given.subarray(row * width, (row + 1) * width)];
      let far = 0;
      books.forEach((book, level) => {
        const distances = Array.from({ length: codes }, (_, code) =>
          rest.reduce((all, x, c) => all + (x - book[code * width + c]!) ** 2, 0),
        );
        const nearest = distances.indexOf(Math.min(...distances));
        expect(found.chosen[row * levels + level]).toBe(nearest);
        far += 1.25 * distances[nearest]!;
        rest = rest.map((x, c) => x - book[nearest * width + c]!);
      });
      // What is left over makes the row whole again.
      rest.forEach((x, c) => expect(found.sums[row * width + c]! + x).toBeCloseTo(given[row * width + c]!, 5));
      expect(found.distance[row]).toBeCloseTo(far, 4);
    }
    own.dispose();
  });

  it('gives a row that is a code that very code, and rows of another order the same codes', () => {
    const own = new Belongings();
    const book = made(own).codebooks[0]!;
    const nearest = values(nearestCodes(book, book));
    for (let code = 0; code < codes; code++) for (let c = 0; c < codes; c++) expect(nearest[code * codes + c]).toBe(code === c ? 1 : 0);
    // Two equal codes share their row.
    const twins = tensor2d([1, 0, 1, 0, 0, 1], [3, 2]);
    expect([...values(nearestCodes(tensor2d([2, 0], [1, 2]), twins))]).toEqual([0.5, 0.5, 0]);
    own.dispose();
  });

  it('lets gradients through as if nothing had been quantised, and moves codes by their distance alone', () => {
    const own = new Belongings();
    const quantiser = made(own);
    const y = own.table('y', given, rows, width);
    const weights = tensor2d(draw(rows * width, 8), [rows, width]);
    const { gradients } = lossAndGradients(own.parameters, () => {
      const through = straightThrough(y, quantiser.quantise(y).values);
      return { total: sum(mul(through, weights)) as Scalar, terms: {} };
    });
    expect(values(gradients.get('y')!)).toEqual(values(weights));
    expect(gradients.get('codebook.0') ?? null).toBeNull();
    dispose([...gradients.values()].filter((one) => one !== null));
    const pulled = lossAndGradients(own.parameters, () => ({ total: sum(quantiser.quantise(y).distance) as Scalar, terms: {} }));
    for (const gradient of pulled.gradients.values()) expect(gradient).not.toBeNull();
    dispose([...pulled.gradients.values()].filter((one) => one !== null));
    own.dispose();
  });
});

describe('semantic ids', () => {
  it('number items of equal codes in the order of their ids', () => {
    expect([...runningNumbers([1, 2, 1, 3, 1, 2, 2, 1, 1, 2], 2)]).toEqual([0, 0, 1, 0, 2]);
  });

  it('put similarities into equal bins, one for each modality, and an item with itself into the last', () => {
    expect([-1, -0.76, -0.75, -0.01, 0, 0.24, 0.25, 0.99, 1].map((cosine) => binOf(cosine, 8))).toEqual([0, 0, 1, 3, 4, 4, 5, 7, 7]);
    const modal = [unitRows(Float32Array.of(3, 0, 0, 2, -5, 0), 2), unitRows(Float32Array.of(1, 1, 1, 1, 1, -1), 2)];
    const joint = (a: number, b: number) => jointBin({ modal, width: 2 }, a, b, 8);
    expect(joint(0, 0)).toBe(7 * 8 + 7);
    expect(joint(0, 1)).toBe(4 * 8 + 7);
    expect(joint(0, 2)).toBe(0 * 8 + 4);
    expect(joint(2, 0)).toBe(joint(0, 2));
    const drawn = [unitRows(draw(40 * 6, 3), 6)];
    for (let item = 0; item < 40; item++) expect(jointBin({ modal: drawn, width: 6 }, item, item, 32)).toBe(31);
  });
});

describe('histories in packed rows', () => {
  it('lie whole, side by side and each once, and look back into themselves alone', () => {
    const length = 6;
    const histories = fc.array(fc.array(fc.nat(50), { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 4 }), (drawn, multiple) => {
        const packed = packHistories(
          drawn.map((own) => Int32Array.from(own)),
          length,
          multiple,
        );
        expect(packed.rows % multiple).toBe(0);
        const looks = lookingOf(packed, -1, (looking, seen) => looking - seen);
        drawn.forEach((whole, place) => {
          const own = whole.slice(-length);
          const last = packed.last[place]!;
          const slots = own.map((_, at) => last - (own.length - 1 - at));
          expect(slots.map((slot) => packed.items[slot])).toEqual(own);
          expect(slots.map((slot) => packed.positions[slot])).toEqual(own.map((_, at) => own.length - 1 - at));
          expect(new Set(slots.map((slot) => Math.floor(slot / length))).size).toBe(1);
          for (const slot of slots) {
            const row = Math.floor(slot / length) * length;
            const seen = [...looks.subarray(slot * length, (slot + 1) * length)].flatMap((kind, at) => (kind < 0 ? [] : [row + at]));
            expect(seen).toEqual(slots.filter((other) => other <= slot));
          }
        });
        const used = drawn.reduce((all, own) => all + Math.min(own.length, length), 0);
        expect(packed.owners.filter((owner) => owner >= 0)).toHaveLength(used);
      }),
    );
  });
});

describe('BBQRec', () => {
  const vectors = (model: Model, part: 'validation' | 'test') => {
    const { users, items } = model.represent(part);
    const read = { users: values(users), items: values(items) };
    dispose([users, items]);
    return read;
  };

  it('ranks validation from train rows and test from these with the validation row, as a user with that history would be', () => {
    const hyper: HyperValues = { dropout: 0 };
    const model = createModel('bbqrec', { dataset, stages, hyper });
    const [validation, test] = [vectors(model, 'validation'), vectors(model, 'test')];
    expect(test.items).toEqual(validation.items);
    expect(test.users).not.toEqual(validation.users);
    const both = (part: 'users' | 'items') => Int32Array.from([...dataset.train[part], ...dataset.validation[part]]);
    const grown: Dataset = timed({ ...dataset, train: { users: both('users'), items: both('items') } });
    const later = createModel('bbqrec', { dataset: grown, stages, hyper });
    const expected = vectors(later, 'validation').users;
    test.users.forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 5));
    // User 0 has no row at all.
    expect([...test.users.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
    model.dispose();
    later.dispose();
  });

  it('reads the order of a history, its latest items alone, and nothing after them', () => {
    const wanted = { stages, hyper: { max_length: 3, dropout: 0 } };
    const seen = (items: readonly number[]) => {
      const train = { users: new Int32Array(items.length).fill(1), items: Int32Array.from(items) };
      const model = createModel('bbqrec', { dataset: timed({ ...dataset, train }), ...wanted });
      const state = [...vectors(model, 'validation').users.subarray(6, 12)];
      model.dispose();
      return state;
    };
    const close = (a: readonly number[], b: readonly number[]) => a.every((value, at) => Math.abs(value - b[at]!) < 1e-5);
    expect(close(seen([9, 1, 2, 3]), seen([4, 1, 2, 3]))).toBe(true);
    expect(close(seen([1, 2, 3]), seen([2, 1, 3]))).toBe(false);
  });

  it('starts with the plain attention: γ is 0', () => {
    const states = (hyper: HyperValues) => {
      const model = createModel('bbqrec', { dataset, stages, hyper: { semantic_ids: 'off', dropout: 0, ...hyper } });
      const found = vectors(model, 'validation').users;
      model.dispose();
      return found;
    };
    const [weighted, plain] = [states({}), states({ attention: 'plain' })];
    expect(weighted).toEqual(plain);
  });

  it('asks for LightGCN’s vectors only where something is bound to them', () => {
    const asked = (hyper: HyperValues) =>
      (modelById('bbqrec').stages?.(contextOf('bbqrec', { dataset, hyper }).hyper) ?? []).map(({ model }) => model);
    expect(asked({})).toEqual(['lightgcn']);
    expect(asked({ behaviour: 'off' })).toEqual([]);
    expect(asked({ semantic_ids: 'off' })).toEqual(['lightgcn']);
    expect(asked({ semantic_ids: 'off', attention: 'plain' })).toEqual([]);
  });

  it('refuses a width that its heads do not divide', () => {
    expect(() => createModel('bbqrec', { dataset, stages, hyper: { n_heads: 4 } })).toThrow('n_heads must divide the width 6');
  });

  it('trains on a batch in which nobody has a history', () => {
    const model = createModel('bbqrec', { dataset, stages });
    const first = [...dataset.train.users.keys()].filter((row) => dataset.train.users[row] !== dataset.train.users[row - 1]).slice(0, 4);
    const of = (part: 'users' | 'items') => Int32Array.from(first, (row) => dataset.train[part][row]!);
    const inputs = model.inputs({ users: of('users'), positives: of('items'), negatives: new Int32Array(0) }, 0);
    const { terms, gradients } = lossAndGradients(model.parameters, () => model.loss(inputs));
    expect(terms['sequence']).toBe(0);
    expect(terms['quantise']).toBeGreaterThan(0);
    dispose([...gradients.values()].filter((one) => one !== null));
    model.dispose();
  });

  it('learns histories by heart: each user’s next item ranks first of all, unmasked; and repeats itself bit for bit', () => {
    const count = 16;
    const drawn = sequenceDataset({ users: count, items: count, rowsPerUser: 5 });
    const random = randomStream(2, 'histories');
    // Three items and a fourth that follows them; first items and their fellows differ from user to user.
    const rows = Array.from({ length: count }, (_, user) => {
      const order = Int32Array.from({ length: count }, (__, item) => item);
      random.shuffle(order);
      return [user, ...order.filter((item) => item !== user).slice(0, 3)];
    });
    const whole = timed({ ...drawn, train: partOf(rows) });
    const before = timed({ ...drawn, train: partOf(rows.map((own) => own.slice(0, -1))) });
    const tensors = device.memory().tensors;
    const hyper: HyperValues = { dropout: 0, codes: 8, hidden: 16 };
    const learn = (most: number) => {
      const wanted = { stages: drawnStage(drawn), hyper, width: 16, batchSize: 64 };
      const model = createModel('bbqrec', { dataset: whole, random: randomStreams(7), ...wanted });
      const reader = createModel('bbqrec', { dataset: before, random: randomStreams(7), ...wanted });
      const adam = new Adam(model.parameters);
      const step = new TrainStep({ parameters: model.parameters, adam, loss: (inputs) => model.loss(inputs) });
      const { users, items } = whole.train;
      const losses: number[] = [];
      let recall = 0;
      for (let s = 0; s < most && recall < 1; s++) {
        model.beforeEpoch?.(s);
        losses.push(step.run(model.inputs({ users, positives: items, negatives: new Int32Array(0), isLast: true }, s), 0.01).total);
        if (s % 10 === 9) recall = firstRanked(model, reader, rows);
      }
      step.dispose();
      adam.dispose();
      model.dispose();
      reader.dispose();
      return { losses, recall };
    };
    const first = learn(600);
    expect(first.recall).toBe(1);
    expect(first.losses.at(-1)!).toBeLessThan(first.losses[0]!);
    expect(learn(10).losses).toEqual(first.losses.slice(0, 10));
    expect(device.memory().tensors).toBe(tensors);
    expect(device.fallbacks()).toEqual([]);
  });

  function partOf(rows: readonly (readonly number[])[]) {
    return { users: Int32Array.from(rows.flatMap((own, user) => own.map(() => user))), items: Int32Array.from(rows.flat()) };
  }

  /** Share of users whose last item comes first after the items before it; `reader` knows those alone. */
  function firstRanked(model: Model, reader: Model, rows: readonly (readonly number[])[]): number {
    for (const [name, table] of [...reader.parameters, ...reader.kept!])
      table.assign((model.parameters.get(name) ?? model.kept!.get(name))!);
    const { users, items } = vectors(reader, 'validation');
    const width = users.length / rows.length;
    const hits = rows.filter((own, user) => {
      const scores = Array.from({ length: items.length / width }, (_, item) => {
        let score = 0;
        for (let c = 0; c < width; c++) score += users[user * width + c]! * items[item * width + c]!;
        return score;
      });
      return scores.indexOf(Math.max(...scores)) === own.at(-1);
    });
    return hits.length / rows.length;
  }

  it.each([
    ['bbqrec-backbone', ['block', 'end', 'items', 'positions'], ['sequence']],
    ['bbqrec-no-ids', undefined, ['sequence', 'behaviour', 'mutual', 'fit', 'quantise', 'reconstruct']],
    ['bbqrec-no-behaviour', undefined, ['sequence', 'mutual', 'fit', 'quantise', 'reconstruct']],
    ['bbqrec-no-mi', undefined, ['sequence', 'behaviour', 'quantise', 'reconstruct']],
    ['bbqrec-no-reconstruction', undefined, ['sequence', 'behaviour', 'mutual', 'fit', 'quantise']],
    ['bbqrec-plain-attention', undefined, ['sequence', 'behaviour', 'mutual', 'fit', 'quantise', 'reconstruct']],
  ] as const)('%s takes out what it names and nothing else', (preset, tables, terms) => {
    const model = createModel('bbqrec', { dataset, stages, preset });
    const names = new Set([...model.parameters.keys()].map((name) => name.split('.')[0]!));
    const found = tidy(() => Object.keys(model.loss(model.inputs(drawnBatch(dataset, 24), 0)).terms));
    expect(found).toEqual(terms);
    if (tables !== undefined) expect([...names].sort()).toEqual([...tables].sort());
    else {
      expect(names.has('gamma')).toBe(preset !== 'bbqrec-plain-attention');
      expect(names.has('extra')).toBe(preset !== 'bbqrec-no-ids');
      expect(names.has('bound')).toBe(preset !== 'bbqrec-no-mi');
      expect(names.has('back')).toBe(preset !== 'bbqrec-no-reconstruction');
    }
    model.dispose();
  });
});
