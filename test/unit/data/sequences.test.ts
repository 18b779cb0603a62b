import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '#data/fingerprint.ts';
import { randomStream } from '#data/random.ts';
import { historyOf, isLeaveOneOut, sequenceHashOf, sequencesOf } from '#data/sequences.ts';
import { leaveOneOut, partsOf } from '#data/split.ts';

/** Rows of (user, item, time) in file order. */
const rowsOf = (rows: readonly (readonly [user: number, item: number, time: number])[]) => ({
  users: Int32Array.from(rows, ([user]) => user),
  items: Int32Array.from(rows, ([, item]) => item),
  times: Float64Array.from(rows, ([, , time]) => time),
});

type LogRows = ReturnType<typeof rowsOf>;
const splitOf = (rows: LogRows, users: number) => ({ users, items: 10, ...partsOf(rows, leaveOneOut(rows, users, 'time')) });
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

/** User 0: five rows, three at one time; user 1: three rows out of order; user 2: two rows; user 3: none. */
const log = rowsOf([
  [1, 4, 30],
  [0, 9, 7],
  [0, 1, 5],
  [2, 0, 1],
  [0, 2, 7],
  [1, 5, 10],
  [0, 3, 7],
  [1, 6, 20],
  [0, 4, 6],
  [2, 1, 2],
]);

describe('rows in order of time', () => {
  it('are by time, and by file order where times tie; the last two are held out, of short users none', () => {
    const split = splitOf(log, 4);
    const own = (part: 'train' | 'validation' | 'test') =>
      [0, 1, 2, 3].map((user) => [...historyOf(sequencesOf(split[part], split.users), user)]);
    expect(own('train')).toEqual([[1, 4, 9], [5], [0, 1], []]);
    expect(own('validation')).toEqual([[2], [6], [], []]);
    expect(own('test')).toEqual([[3], [4], [], []]);
  });

  it('keep file order where there are no times', () => {
    const { users, items } = log;
    expect([...historyOf(sequencesOf({ users, items }, 4), 0)]).toEqual([9, 1, 2, 3, 4]);
  });

  it('rise in time for every user of any log', () => {
    const draw = fc.array(fc.tuple(fc.nat(4), fc.nat(9), fc.nat(3)), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(draw, (rows) => {
        const { users, items, times } = rowsOf(rows);
        const numbered = Int32Array.from(rows, (_, row) => row);
        const order = sequencesOf({ users, items: numbered, times }, 5);
        for (let user = 0; user < 5; user++) {
          const own = [...historyOf(order, user)];
          expect([...own].sort((a, b) => a - b)).toEqual([...numbered].filter((row) => users[row] === user));
          own.slice(1).forEach((row, at) => {
            const before = own[at]!;
            expect(times[before]! < times[row]! || (times[before] === times[row] && before < row)).toBe(true);
          });
        }
        expect(items).toHaveLength(rows.length);
      }),
    );
  });
});

describe('the order of a leave-one-out split', () => {
  it('is told from the rows: one validation and one test row a user, after all train rows', () => {
    const split = splitOf(log, 4);
    expect(isLeaveOneOut(split)).toBe(true);
    const { users, items } = log;
    const random = { users: 4, items: 10, ...partsOf(log, leaveOneOut(log, 4, { random: randomStream(2, 'split') })) };
    expect(isLeaveOneOut(random)).toBe(false);
    expect(isLeaveOneOut({ users: 4, ...partsOf({ users, items }, leaveOneOut(log, 4, 'time')) })).toBe(false);
    expect(isLeaveOneOut({ ...split, validation: split.test, test: split.validation })).toBe(false);
    const none = { users: Int32Array.of(), items: Int32Array.of(), times: Float64Array.of() };
    expect(isLeaveOneOut({ ...split, test: none })).toBe(false);
    // A user with a validation row alone, and one with two test rows.
    expect(isLeaveOneOut({ ...split, test: rowsOf([[1, 4, 30]]) })).toBe(false);
    const two = rowsOf([
      [0, 3, 7],
      [1, 4, 30],
      [1, 7, 31],
    ]);
    expect(isLeaveOneOut({ ...split, test: two })).toBe(false);
    // A held-out row at the time of a train row is after it by file order.
    expect(isLeaveOneOut({ users: 1, train: rowsOf([[0, 1, 5]]), validation: rowsOf([[0, 2, 5]]), test: rowsOf([[0, 3, 5]]) })).toBe(true);
  });

  it('has a hash of each user’s items in order, which the split hash does not know', () => {
    const split = splitOf(log, 4);
    const { sequenceHash, splitHash } = fingerprintOf(split);
    expect(sequenceHash).toBe(sha('0\t1,4,9,2,3\n1\t5,6,4\n2\t0,1\n'));
    const turned = splitOf(
      rowsOf([
        [0, 9, 5],
        [0, 4, 6],
        [0, 1, 6],
        [0, 2, 7],
        [0, 3, 7],
        [1, 5, 10],
        [1, 6, 20],
        [1, 4, 30],
        [2, 0, 1],
        [2, 1, 2],
      ]),
      4,
    );
    const other = fingerprintOf(turned);
    expect(other.splitHash).toBe(splitHash);
    expect(other.sequenceHash).toBe(sha('0\t9,4,1,2,3\n1\t5,6,4\n2\t0,1\n'));
  });

  it('has none where the split is another', () => {
    const { users, items } = log;
    const untimed = { users: 4, items: 10, ...partsOf({ users, items }, leaveOneOut(log, 4, 'time')) };
    expect(sequenceHashOf(untimed)).toBeUndefined();
    expect(fingerprintOf(untimed)).not.toHaveProperty('sequenceHash');
  });
});
