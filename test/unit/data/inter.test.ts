import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { InterParser, type InterRows } from '#data/formats/inter.ts';
import { IssueLog } from '#data/issue-log.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(text: string, cuts: readonly number[] = []): { rows: InterRows; issues: IssueLog } {
  const issues = new IssueLog();
  const parser = new InterParser('x.inter', issues);
  const all = bytes(text);
  let at = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if (cut <= at || cut >= all.length) continue;
    parser.push(all.subarray(at, cut));
    at = cut;
  }
  parser.push(all.subarray(at));
  return { rows: parser.finish(), issues };
}

describe('.inter', () => {
  it('takes columns in any order, rating and time optional, line ends of any system', () => {
    const { rows, issues } = parse('x_label\ttimestamp\titemID\trating\tuserID\r\n2\t1400000000\t7\t4.5\t3\r\n0\t1400000001000\t1\t5\t0');
    expect(issues.isBlocked).toBe(false);
    expect([...rows.users]).toEqual([3, 0]);
    expect([...rows.items]).toEqual([7, 1]);
    expect([...rows.labels]).toEqual([2, 0]);
    expect([...rows.times!]).toEqual([1_400_000_000_000, 1_400_000_001_000]);
    expect([...rows.lines]).toEqual([2, 3]);
    expect(rows.hasRating).toBe(true);
  });

  it('reads integers that pandas wrote as floats', () => {
    expect([...parse('userID\titemID\tx_label\n12.0\t3.0\t1.0\n').rows.users]).toEqual([12]);
  });

  const row = fc.record({ user: fc.nat(99_999_999), item: fc.nat(99_999_999), label: fc.integer({ min: 0, max: 2 }) });

  it('reads every table back, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.array(fc.nat(600), { maxLength: 8 }), (table, cuts) => {
        const text = `userID\titemID\tx_label\n${table.map(({ user, item, label }) => `${user}\t${item}\t${label}\n`).join('')}`;
        const { rows, issues } = parse(text, cuts);
        expect(issues.findings()).toEqual([]);
        expect([...rows.users]).toEqual(table.map(({ user }) => user));
        expect([...rows.items]).toEqual(table.map(({ item }) => item));
        expect([...rows.labels]).toEqual(table.map(({ label }) => label));
      }),
    );
  });

  it('only ever reads or names a problem', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 200 }),
          fc.string({ maxLength: 80 }).map((tail) => `userID\titemID\tx_label\n${tail}`),
        ),
        fc.array(fc.nat(200), { maxLength: 4 }),
        (text, cuts) => {
          try {
            parse(text, cuts);
          } catch (error) {
            expect(error).toBeInstanceOf(ProblemError);
            expect((error as ProblemError).problem.code).toMatch(/^inter\./);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});
