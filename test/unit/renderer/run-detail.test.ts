import { describe, expect, it } from 'vitest';
import type { Relative, Verification } from '#contract/lineage.ts';
import type { Series } from '#contract/run.ts';
import { changeWords, familyTree } from '#renderer/state/family-tree.ts';
import { timeShares } from '#renderer/state/time-shares.ts';
import { agrees, differingName, differingValue, verificationLine } from '#renderer/state/verification-words.ts';

const kin = (part: Partial<Relative> & { id: string }): Relative => ({
  changes: [],
  expectation: '',
  outcome: '',
  trashed: false,
  ...part,
});

describe('the family of a run', () => {
  it('is a tree: children below their parent, before its younger siblings, with what they gained', () => {
    const tree = familyTree([
      kin({ id: 'root', value: 0.1 }),
      kin({ id: 'first', parent: 'root', value: 0.15 }),
      kin({ id: 'second', parent: 'root' }),
      kin({ id: 'grandchild', parent: 'first', value: 0.14 }),
      kin({ id: 'orphan', parent: 'gone', value: 0.2 }),
    ]);
    expect(tree.map(({ run, depth }) => [run.id, depth])).toEqual([
      ['root', 0],
      ['first', 1],
      ['grandchild', 2],
      ['second', 1],
      ['orphan', 0],
    ]);
    expect(tree.map(({ gain }) => gain?.toFixed(2))).toEqual([undefined, '0.05', '-0.01', undefined, undefined]);
  });

  it('says what each changed', () => {
    const changes = [
      { key: 'ii_k', from: '5', to: '10' },
      { key: 'mirror', from: '', to: '0.1' },
    ];
    expect(changeWords(kin({ id: 'a', origin: 'clone', changes }))).toBe('ii_k 5 → 10, mirror none → 0.1');
    expect(changeWords(kin({ id: 'a', origin: 'reproduction', changes: [{ key: 'threads', from: '0', to: '1' }] }))).toBe(
      'nothing changed',
    );
  });
});

describe('where the time of a run went', () => {
  const series = (stage: string, key: string, ...values: number[]): [string, Series] => [
    `${stage}/${key}`,
    { key, stage, epochs: Int32Array.from(values.map((_, at) => at + 1)), values: Float64Array.from(values) },
  ];
  const known = new Map([
    series('pretrain', 'train-seconds', 2, 2),
    series('train', 'train-seconds', 3, 3),
    series('train', 'evaluation-seconds', 1, 1),
  ]);

  it('adds up to its work time, and a stage that was reused took none of it', () => {
    const seconds = (reused: readonly string[]) => Object.fromEntries(timeShares(known, 20, reused).map((row) => [row.what, row.seconds]));
    expect(seconds([])).toEqual({ earlier: 4, train: 6, evaluate: 2, rest: 8 });
    expect(seconds(['pretrain'])).toEqual({ train: 6, evaluate: 2, rest: 12 });
    expect(timeShares(known, 20, []).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(timeShares(new Map(), 20, [])).toEqual([]);
  });
});

describe('a verification', () => {
  const found = (part: Partial<Verification>): Verification => ({
    at: Date.UTC(2026, 10, 21, 10, 12),
    how: 'evaluation',
    codeVersion: '0.1.0',
    device: 'wasm',
    values: { equal: 32, of: 32 },
    curves: { equal: 0, of: 0 },
    files: { equal: 6, of: 6 },
    differing: [],
    seconds: 2,
    ...part,
  });

  it('says what was equal of how much, and agrees only where all of it was', () => {
    expect(verificationLine(found({}))).toMatch(/^Verified on .*: 32 of 32 values and 6 of 6 files equal$/);
    const again = found({ how: 'training', curves: { equal: 1199, of: 1200 } });
    expect(verificationLine(again)).toMatch(
      /^Reproduced on .*: 32 of 32 values, 1,199 of 1,200 points of its curves and 6 of 6 files equal$/,
    );
    expect([agrees(found({})), agrees(again)]).toEqual([true, false]);
  });

  it('names what differs with all its digits, and a masked value without', () => {
    expect(differingName({ part: 'validation', key: 'recall@20' })).toBe('Validation Recall@20');
    expect(differingName({ part: 'curve', key: 'train loss 12' })).toMatch(/, epoch 12$/);
    expect(differingValue(0.1 + 0.2, 'validation')).toBe('0.30000000000000004');
    expect(differingValue(undefined, 'test')).toBe('masked');
    expect(differingValue('abcdefghijklmnop', 'file')).toBe('abcdefghijkl');
  });
});
