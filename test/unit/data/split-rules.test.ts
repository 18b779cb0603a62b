import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { splitRuleSchema, type SplitRule } from '#contract/split-rule.ts';
import { checkSplit, foundRows } from '#data/split-checks.ts';
import { labelRows } from '#data/split-rule.ts';
import { partsOf, type Rows } from '#data/split.ts';

const rule = (value: Record<string, unknown>): SplitRule => v.parse(splitRuleSchema, value);

/** Every user has items 0 … size−1; times rise from row to row within a user and users take turns. */
function rowsOf(sizes: readonly number[]) {
  const users: number[] = [];
  const items: number[] = [];
  for (let turn = 0; turn < Math.max(0, ...sizes); turn++)
    sizes.forEach((size, user) => {
      if (turn >= size) return;
      users.push(user);
      items.push(turn);
    });
  const rows = { users: Int32Array.from(users), items: Int32Array.from(items), times: Float64Array.from(users, (_, r) => 1000 + r) };
  return { rows, users: sizes.length, items: Math.max(0, ...sizes), given: undefined, where: 'test' };
}

type Input = ReturnType<typeof rowsOf>;
const labelled = (given: SplitRule, input: Input, seed = 7) => labelRows(given, input, seed).labels;
const ofUser = ({ rows }: Input, labels: Uint8Array, user: number) => [...labels].filter((_, row) => rows.users[row] === user);
const ofItem = ({ rows }: Input, labels: Uint8Array, item: number) => [...labels].filter((_, row) => rows.items[row] === item);

describe('rules worked by hand', () => {
  it('leave-one-out by time: last row test, the one before validation, two rows stay in train', () => {
    const input = rowsOf([4, 2, 3]);
    const labels = labelled(rule({ rule: 'leave-one-out' }), input);
    expect(ofUser(input, labels, 0)).toEqual([0, 0, 1, 2]);
    expect(ofUser(input, labels, 1)).toEqual([0, 0]);
    expect(ofUser(input, labels, 2)).toEqual([0, 1, 2]);
  });

  it('ratio over all rows by time: the last tenth is test; a user who came last keeps the first own row', () => {
    const users = Int32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1);
    const rows: Rows = { users, items: Int32Array.from(users.keys()), times: Float64Array.from(users.keys()) };
    const input = { rows, users: 2, items: 10, given: undefined, where: 'test' };
    const labels = labelRows(rule({ rule: 'ratio-global', validation: 0.2, test: 0.1, order: 'time' }), input, 1).labels;
    expect([...labels]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0, 2]);
  });

  it('cold items: the newest fifth of ten items loses all train rows, the older half is validation', () => {
    const input = rowsOf(Array.from({ length: 3 }, () => 10));
    const labels = labelled(rule({ rule: 'cold-item', share: 0.2, choose: 'newest' }), input);
    for (let item = 0; item < 8; item++) expect(ofItem(input, labels, item)).toEqual([0, 0, 0]);
    expect(ofItem(input, labels, 8)).toEqual([1, 1, 1]);
    expect(ofItem(input, labels, 9)).toEqual([2, 2, 2]);
  });

  it('cold users keep their first rows in train; of the rest the first half is validation', () => {
    const input = rowsOf([8, 8, 8, 8]);
    const labels = labelled(rule({ rule: 'cold-user', share: 0.5, support: 3, order: 'time' }), input);
    const users = [0, 1, 2, 3].map((user) => ofUser(input, labels, user).join(''));
    expect(users.filter((own) => own === '00011222')).toHaveLength(2);
    expect(users.filter((own) => own === '00000000')).toHaveLength(2);
  });

  it('refuses what cannot be made, with the way out', () => {
    const { rows, ...rest } = rowsOf([4]);
    const untimed = { rows: { users: rows.users, items: rows.items }, ...rest };
    expect(() => labelRows(rule({ rule: 'cold-item', choose: 'newest' }), untimed, 1)).toThrow('needs times');
    expect(() => labelRows(rule({ rule: 'labels' }), untimed, 1)).toThrow('label column');
    expect(() => labelRows(rule({ rule: 'ratio-global', validation: 0.5, test: 0.5 }), untimed, 1)).toThrow('leave nothing for train');
    expect(() => labelRows(rule({ rule: 'k-fold', folds: 4, fold: 5 }), untimed, 1)).toThrow('no fold 5 of 4');
    expect(() => labelRows(rule({ rule: 'temporal', validationFrom: 5, testFrom: 5 }), { rows, ...rest }, 1)).toThrow('not before');
  });
});

const rules: readonly SplitRule[] = [
  { rule: 'mmrec-ratio' },
  { rule: 'ratio-per-user' },
  { rule: 'ratio-per-user', order: 'time' },
  { rule: 'ratio-global' },
  { rule: 'ratio-global', order: 'time' },
  { rule: 'leave-one-out' },
  { rule: 'leave-one-out', order: 'random' },
  { rule: 'temporal' },
  { rule: 'cold-item', share: 0.3 },
  { rule: 'cold-user', share: 0.3, support: 3 },
  { rule: 'k-fold', folds: 4, fold: 2 },
].map(rule);

describe.each(rules.map((own) => [`${own.rule}${'order' in own ? ` ${own.order}` : ''}`, own] as const))('%s', (_, own) => {
  const logs = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 2, maxLength: 8 }).map(rowsOf);

  it('puts every row into one part, is the same for the same seed, and passes its own checks', () => {
    fc.assert(
      fc.property(logs, fc.nat(1000), (input, seed) => {
        const size = input.rows.users.length;
        // Two cut times need two different times.
        if (own.rule === 'temporal' && size < 12) return;
        const labels = labelled(own, input, seed);
        expect(labels).toHaveLength(size);
        expect(labels).toEqual(labelled(own, input, seed));
        const parts = partsOf(input.rows, labels);
        const dropped = [...labels].filter((label) => label === 3).length;
        expect(parts.train.users.length + parts.validation.users.length + parts.test.users.length + dropped).toBe(size);
        const split = { ...parts, users: input.users, items: input.items, rule: own };
        expect(foundRows('pairs-in-two-parts', split)).toEqual([]);
        const ids = checkSplit(split).filter(({ id, state }) => state === 'blocking' && id !== 'evaluated-users');
        expect(ids).toEqual([]);
        if (own.rule !== 'cold-item' && own.rule !== 'temporal') expect(foundRows('users-without-train', split)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('folds', () => {
  it('hold each row of users with three or more rows in test exactly once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 3, max: 7 }),
        (sizes, folds) => {
          const input = rowsOf(sizes);
          const tested = new Int32Array(input.rows.users.length);
          for (let fold = 1; fold <= folds; fold++)
            labelled(rule({ rule: 'k-fold', folds, fold }), input).forEach((label, row) => (tested[row]! += label === 2 ? 1 : 0));
          tested.forEach((times, row) => expect(times).toBe(sizes[input.rows.users[row]!]! >= 3 ? 1 : 0));
        },
      ),
    );
  });
});

describe('leakage that was planted', () => {
  const pairs = (list: readonly (readonly [user: number, item: number, time: number])[]) => ({
    users: Int32Array.from(list, ([user]) => user),
    items: Int32Array.from(list, ([, item]) => item),
    times: Float64Array.from(list, ([, , time]) => time),
  });
  const split = {
    users: 3,
    items: 4,
    train: pairs([
      [0, 0, 1],
      [0, 1, 9],
      [1, 0, 2],
      [1, 0, 3],
    ]),
    validation: pairs([
      [0, 2, 5],
      [2, 0, 6],
    ]),
    test: pairs([
      [0, 1, 7],
      [1, 3, 8],
    ]),
    withoutFeatures: Uint8Array.of(0, 0, 0, 1),
    filledByMean: 1,
  };
  const states = (more: Partial<typeof split> & { rule?: SplitRule }) =>
    Object.fromEntries(checkSplit({ ...split, ...more }).map(({ id, state, count }) => [id, `${state} ${count}`]));

  it('is counted, and blocks what the rule of the split promised', () => {
    expect(states({})).toEqual({
      'pairs-in-two-parts': 'blocking 1',
      'repeated-pairs': 'note 1',
      'users-without-train': 'note 1',
      'items-outside-train': 'note 2',
      'test-items-without-features': 'note 1',
      'fill-saw-held-out': 'note 1',
      'train-after-held-out': 'note 1',
      'evaluated-users': 'ok 2',
    });
    expect(states({ rule: rule({ rule: 'leave-one-out' }) })).toMatchObject({
      'train-after-held-out': 'blocking 1',
      'held-out-before-train': 'note 4',
    });
    expect(states({ rule: rule({ rule: 'temporal' }) })).toMatchObject({ 'held-out-before-train': 'blocking 4' });
    expect(states({ rule: rule({ rule: 'cold-item' }) })).toMatchObject({ 'items-outside-train': 'ok 2' });
  });

  it('is found again row by row', () => {
    expect(foundRows('pairs-in-two-parts', split)).toEqual([{ part: 'test', row: 0, user: 0, item: 1 }]);
    expect(foundRows('repeated-pairs', split)).toEqual([{ part: 'train', row: 3, user: 1, item: 0 }]);
    expect(foundRows('users-without-train', split).map(({ user }) => user)).toEqual([2]);
    expect(foundRows('items-outside-train', split).map(({ item }) => item)).toEqual([2, 3]);
    expect(foundRows('fill-saw-held-out', split).map(({ item }) => item)).toEqual([2]);
    expect(foundRows('train-after-held-out', split)).toEqual([{ part: 'train', row: 1, user: 0, item: 1 }]);
    expect(foundRows('held-out-before-train', split).map(({ part, row }) => `${part} ${row}`)).toEqual([
      'validation 0',
      'validation 1',
      'test 0',
      'test 1',
    ]);
  });
});
