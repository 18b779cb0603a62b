import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatasetDetail } from '#contract/dataset.ts';
import { defaultSegments } from '#contract/segments.ts';
import { inSegments } from '#data/segmented-detail.ts';
import { lackingFeatures } from '#data/split-checks.ts';
import { itemLines, readStoredItems } from '#data/stored-items.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'avocet-items-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stored(text: string) {
  writeFileSync(join(folder, 'items.jsonl'), text);
  const hash = createHash('sha256').update(text).digest('hex');
  return { arrays: [{ file: 'items.jsonl', bytes: Buffer.byteLength(text), hash }] };
}

describe('the items of a dataset folder', () => {
  test('come back as they were written, whatever their titles hold', async () => {
    const items = [{ rawId: 'a', title: 'two\nlines “quoted”' }, { rawId: 'b' }];
    const itemOf = await readStoredItems(folder, stored(itemLines(items)));
    expect([itemOf(0), itemOf(1)]).toEqual(items);
  });

  test('are a damaged dataset, by file and line, where a line is torn or missing', async () => {
    const itemOf = await readStoredItems(folder, stored(`${itemLines([{ rawId: 'a' }])}{"rawId":`));
    expect(() => itemOf(1)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'dataset.damaged' }) as object }));
    expect(() => itemOf(2)).toThrow(/items\.jsonl:3 is no item/);
    const known = stored(itemLines([{ rawId: 'a' }]));
    writeFileSync(join(folder, 'items.jsonl'), itemLines([{ rawId: 'b' }]));
    await expect(readStoredItems(folder, known)).rejects.toMatchObject({ problem: { code: 'dataset.damaged' } });
  });
});

test('an item lacks features where any modality misses its row; without modalities nobody can say', () => {
  expect([...lackingFeatures(3, [{ missing: [0, 1, 0] }, { missing: [0, 0, 1] }])!]).toEqual([0, 1, 1]);
  expect(lackingFeatures(3, [])).toBeUndefined();
});

test('counts of an older import get the names of today without a look at its rows', async () => {
  const counted = ['cold', 'sparse', '6-10', '11-20', '21-50', 'over-50'].map((id, count) => ({ id, label: id, count }));
  const detail = { folder, segments: defaultSegments, distributions: { userSegments: counted } } as unknown as DatasetDetail;
  const { userSegments } = (await inSegments(detail)).distributions;
  expect(userSegments.map(({ count }) => count)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(userSegments.map(({ label }) => label).slice(0, 2)).toEqual(['cold, 0', 'sparse, 1 to 5']);
});
