import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kCore } from '#data/k-core.ts';
import { randomStream } from '#data/random.ts';
import { leaveOneOut, mmrecRatio, partsOf, quantileCuts, ratioPerUser, temporal } from '#data/split.ts';

/** Rows of users with the given numbers of interactions, items counting up, users taking turns. */
function rowsOf(sizes: readonly number[]) {
  const users: number[] = [];
  const items: number[] = [];
  for (let turn = 0; turn < Math.max(...sizes); turn++) {
    sizes.forEach((size, user) => {
      if (turn >= size) return;
      users.push(user);
      items.push(turn);
    });
  }
  return { users: Int32Array.from(users), items: Int32Array.from(items), times: Float64Array.from(users, (_, r) => 1000 + r) };
}

function countsOf(rows: { users: Int32Array }, labels: Uint8Array, users: number): number[][] {
  const counts = Array.from({ length: users }, () => [0, 0, 0, 0]);
  labels.forEach((label, r) => (counts[rows.users[r]!]![label]! += 1));
  return counts.map((own) => own.slice(0, 3));
}

describe('splits', () => {
  it('MMRec ratio gives each user the counts of protocol.md section 2', () => {
    const sizes = [1, 2, 3, 9, 10, 14, 15, 25];
    const rows = rowsOf(sizes);
    const labels = mmrecRatio(rows, sizes.length, randomStream(5, 'split'));
    expect(countsOf(rows, labels, sizes.length)).toEqual([
      [1, 0, 0],
      [2, 0, 0],
      [1, 1, 1],
      [7, 1, 1],
      [8, 1, 1],
      [12, 1, 1],
      [12, 1, 2],
      [20, 2, 3],
    ]);
  });

  it('is the same for the same seed and another for another', () => {
    const rows = rowsOf([30, 30, 30]);
    const split = (seed: number) => mmrecRatio(rows, 3, randomStream(seed, 'split'));
    expect(split(1)).toEqual(split(1));
    expect(split(1)).not.toEqual(split(2));
  });

  it('ratio per user keeps a train row, any shares', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        (sizes, validation, test) => {
          const rows = rowsOf(sizes);
          for (const [train] of countsOf(
            rows,
            ratioPerUser(rows, sizes.length, { validation, test }, { random: randomStream(1, 'split') }),
            sizes.length,
          ))
            expect(train).toBeGreaterThanOrEqual(1);
        },
      ),
    );
  });

  it('by time holds out the latest rows', () => {
    const rows = { users: Int32Array.of(0, 0, 0, 0, 0), items: Int32Array.of(0, 1, 2, 3, 4), times: Float64Array.of(50, 10, 40, 20, 30) };
    expect([...ratioPerUser(rows, 1, { validation: 0.2, test: 0.2 }, 'time')]).toEqual([2, 0, 1, 0, 0]);
    expect([...leaveOneOut(rows, 1, 'time')]).toEqual([2, 0, 1, 0, 0]);
  });

  it('leave-one-out takes the later of two rows at one time by file order, and needs three rows', () => {
    const rows = { users: Int32Array.of(0, 0, 0, 1, 1), items: Int32Array.of(0, 1, 2, 0, 1), times: Float64Array.of(7, 7, 7, 1, 2) };
    expect([...leaveOneOut(rows, 2, 'time')]).toEqual([0, 1, 2, 0, 0]);
  });

  it('temporal cuts are for all users; unseen users and items are dropped or kept', () => {
    const rows = {
      users: Int32Array.of(0, 0, 1, 0, 1, 2),
      items: Int32Array.of(0, 1, 1, 2, 0, 0),
      times: Float64Array.of(1, 2, 3, 4, 5, 6),
    };
    const cuts = { validationFrom: 4, testFrom: 5 };
    expect([...temporal(rows, cuts, 'keep').labels]).toEqual([0, 0, 0, 1, 2, 2]);
    const { labels, unseenRows } = temporal(rows, cuts, 'drop');
    expect([...labels]).toEqual([0, 0, 0, 3, 2, 3]);
    expect(unseenRows).toBe(2);
    const parts = partsOf(rows, labels);
    expect([...parts.test.users]).toEqual([1]);
    expect([...parts.test.times!]).toEqual([5]);
  });

  it('quantile cuts leave the given shares before them', () => {
    const times = Float64Array.from({ length: 100 }, (_, i) => 99 - i);
    expect(quantileCuts(times, 0.8, 0.9)).toEqual({ validationFrom: 80, testFrom: 90 });
  });
});

describe('k-core', () => {
  const users = Int32Array.of(0, 0, 0, 1, 1, 2, 2, 3);
  const items = Int32Array.of(0, 1, 2, 0, 1, 0, 2, 3);

  it('repeats until nothing changes', () => {
    // Item 3 and user 3 fall at once; every other user and item then has two rows or more.
    expect(kCore(users, items, { users: 4, items: 4 }, { users: 2, items: 2, rounds: 0 })).toMatchObject({
      rows: 7,
      users: 3,
      items: 3,
      rounds: 1,
    });
    // Three rows each: user 0 alone has three, its items fall below three without the others.
    expect(kCore(users, items, { users: 4, items: 4 }, { users: 3, items: 3, rounds: 0 })).toMatchObject({ rows: 0, users: 0, items: 0 });
  });

  it('stops after the given rounds, and may leave one side alone', () => {
    expect(kCore(users, items, { users: 4, items: 4 }, { users: 3, items: 3, rounds: 1 })).toMatchObject({ rows: 1, rounds: 1 });
    expect(kCore(users, items, { users: 4, items: 4 }, { users: 3, items: 0, rounds: 0 })).toMatchObject({ rows: 3, users: 1, items: 3 });
  });

  it('leaves no one below the bound, and nothing that could stay out', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.nat(7), fc.nat(7)), { minLength: 1, maxLength: 50, selector: ([u, i]) => u * 8 + i });
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (rows, userBound, itemBound) => {
        const { keep } = kCore(
          Int32Array.from(rows, ([u]) => u),
          Int32Array.from(rows, ([, i]) => i),
          { users: 8, items: 8 },
          { users: userBound, items: itemBound, rounds: 0 },
        );
        // The k-core is unique: peeling one row at a time must end at the same rows.
        let left = rows.map((_, r) => r);
        for (;;) {
          const bad = left.find(
            (r) =>
              left.filter((o) => rows[o]![0] === rows[r]![0]).length < userBound ||
              left.filter((o) => rows[o]![1] === rows[r]![1]).length < itemBound,
          );
          if (bad === undefined) break;
          left = left.filter((r) => r !== bad);
        }
        expect(rows.map((_, r) => r).filter((r) => keep[r] === 1)).toEqual(left);
      }),
    );
  });
});
