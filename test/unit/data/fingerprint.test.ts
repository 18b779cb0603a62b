import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Answers } from '#data/answers.ts';
import { compareFingerprints, fingerprintOf } from '#data/fingerprint.ts';
import { readInteractions } from '#data/interactions.ts';
import { IssueLog } from '#data/issue-log.ts';

const part = (pairs: readonly (readonly [number, number])[]) => ({
  users: Int32Array.from(pairs, ([user]) => user),
  items: Int32Array.from(pairs, ([, item]) => item),
});
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('fingerprints', () => {
  const rows = {
    users: 2,
    items: 11,
    train: part([
      [1, 10],
      [0, 2],
      [1, 2],
    ]),
    validation: part([[0, 10]]),
    test: part([[1, 0]]),
  };

  it('hash the lines of protocol.md section 3, sorted as integers', () => {
    const { splitHash, splitShape, graphShape } = fingerprintOf(rows);
    expect(splitHash).toBe(sha('0\t0\t2\n0\t1\t2\n0\t1\t10\n1\t0\t10\n2\t1\t0\n'));
    const cold = 'i\t0\t0\t0\n'.repeat(8);
    expect(splitShape).toBe(sha(`u\t1\t1\t0\nu\t2\t0\t1\n${cold}i\t0\t0\t1\ni\t1\t1\t0\ni\t2\t0\t0\n`));
    expect(graphShape).toBe(sha(`u\t2\nu\t3\n${'i\t0\n'.repeat(8)}i\t1\ni\t2\ni\t2\n`));
  });

  it('tell same split, other ids, other split and other data apart', () => {
    const own = fingerprintOf(rows);
    const swap = (side: { users: Int32Array; items: Int32Array }) => ({ users: side.users.map((user) => 1 - user), items: side.items });
    const renumbered = fingerprintOf({ ...rows, train: swap(rows.train), validation: swap(rows.validation), test: swap(rows.test) });
    const exchanged = fingerprintOf({ ...rows, validation: rows.test, test: rows.validation });
    const other = fingerprintOf({
      ...rows,
      train: part([
        [1, 10],
        [0, 2],
      ]),
    });
    expect(compareFingerprints(own, own)).toBe('same-split');
    expect(compareFingerprints(own, renumbered)).toBe('same-split-other-ids');
    expect(compareFingerprints(own, exchanged)).toBe('other-split');
    expect(compareFingerprints(own, other)).toBe('other-data');
  });
});

const shared = '../shared/data';
describe.skipIf(!existsSync(shared))('fingerprints of real splits (skipped: no ../shared)', () => {
  const read = (name: string) =>
    readInteractions(`${shared}/${name}/${name}.inter`, new IssueLog(), new Answers({}, true, () => undefined));

  it('Baby of MMRec, and its LATTICE-family exchange of parts keeps the graph shape', async () => {
    const baby = await read('baby');
    const { splitHash, splitShape, graphShape } = fingerprintOf(baby);
    expect(splitHash).toBe('ce6fb74455eeb278e71cb1167d01a2d3026e94146c52436aa80eaa214649a8df');
    expect(splitShape.slice(0, 16)).toBe('ca369dd55867b413');
    expect(graphShape.slice(0, 16)).toBe('81fc9a8ca5675d81');
  });

  it('TikTok of DiffMM, and with validation and test exchanged', async () => {
    const tiktok = await read('tiktok');
    expect(fingerprintOf(tiktok)).toMatchObject({ splitHash: '7bcd4c4ece045804d4280688dc79c2860ba3af0301c835f8c694a5051d9cadc8' });
    const exchanged = fingerprintOf({ ...tiktok, validation: tiktok.test, test: tiktok.validation });
    expect(exchanged.splitHash).toBe('2b10c06f6beae0d4c1117a6d929fba825be7f60520fce393f6ff49ea4c20eceb');
    expect(exchanged.splitShape.slice(0, 16)).toBe('1f0872eb27fcab9a');
    expect(exchanged.graphShape).toBe(fingerprintOf(tiktok).graphShape);
    expect(exchanged.graphShape.slice(0, 16)).toBe('3f1485014a37a96b');
  });
});
