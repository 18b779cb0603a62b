import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { importRequestSchema, splitWishSchema } from '#contract/dataset-import.ts';
import { ProblemError } from '#contract/problem.ts';
import { compareDatasets } from '#data/compare-datasets.ts';
import { openDataset, readManifest } from '#data/dataset-folder.ts';
import { verifyDataset } from '#test/fixtures/verify-dataset.ts';
import { ensureDemo } from '#data/demo/demo.ts';
import { foundPage } from '#data/found-page.ts';
import { importDataset } from '#data/import.ts';
import { inSegments } from '#data/segmented-detail.ts';
import { ItemTable } from '#data/item-table.ts';
import { detailOf } from '#data/manifest.ts';
import { changeRemarks, readRemarks } from '#data/remarks.ts';
import { openSplitSource, previewSplit } from '#data/split-source.ts';
import { UserTable } from '#data/user-table.ts';
import { imported } from '#test/fixtures/dataset-folder.ts';
import { everythingBelow, folderWith, temporaryFolder } from '#test/fixtures/dataset-files.ts';

const importedId = async (request: Record<string, unknown>, root: string) => (await imported(request, root)).id;
const wish = (split: Record<string, unknown>, more: Record<string, unknown> = {}) => v.parse(splitWishSchema, { split, ...more });

/** Twelve users with four to nine items each, times rising, and one user with a single row. */
const log = [
  'user,item,time',
  ...Array.from({ length: 12 }, (_, user) =>
    Array.from({ length: 4 + (user % 6) }, (_none, turn) => `u${user},i${(user + turn * 5) % 11},${1_600_000_000 + turn * 86_400 + user}`),
  ).flat(),
  'lonely,i1,1600000000',
  '',
].join('\n');

describe('another split of a dataset', () => {
  it('has the same rows, features and items, its own parts and fingerprint, and names its parent', async () => {
    const root = await temporaryFolder();
    await ensureDemo(root);
    const before = await everythingBelow(join(root, 'demo'));
    const id = await importedId(
      { from: 'dataset', dataset: 'demo', name: 'Demo folds', split: { rule: 'k-fold', fold: 2 }, seed: 3 },
      root,
    );
    const [own, other] = [await readManifest(join(root, 'demo')), await readManifest(join(root, id))];
    expect(await everythingBelow(join(root, 'demo'))).toEqual(expect.arrayContaining(before));
    expect(other).toMatchObject({ parent: 'demo', split: { rule: { rule: 'k-fold', folds: 5, fold: 2 }, seed: 3 }, source: 'demo' });
    expect(other.fingerprint.graphShape).toBe(own.fingerprint.graphShape);
    expect(other.fingerprint.splitHash).not.toBe(own.fingerprint.splitHash);
    expect(other.modalities.map(({ hash }) => hash)).toEqual(own.modalities.map(({ hash }) => hash));
    expect(other.agreement).toEqual(own.agreement);
    const items = (await ItemTable.open(join(root, id))).item(3);
    expect(items?.title).toBe((await ItemTable.open(join(root, 'demo'))).item(3)?.title);
    await verifyDataset(join(root, id));
    // Pictures are the same files, not copies.
    const picture = own.itemTable.samplePictures[0]!;
    const inode = async (folder: string) => (await stat(join(root, folder, 'pictures', `${picture}.svg`))).ino;
    expect(await inode(id)).toBe(await inode('demo'));
    const compared = await compareDatasets(join(root, 'demo'), join(root, id));
    expect(compared.verdict).toBe('other-split');
    const rows = own.rows.train + own.rows.validation + own.rows.test;
    expect(compared.pairs!.flat().reduce((sum, count) => sum + count, 0)).toBe(rows);
    expect(compared.pairs![3]).toEqual([0, 0, 0, 0]);
  });

  it('leaves nothing behind where the rule cannot be met, and where it is cancelled', async () => {
    const root = await temporaryFolder();
    await ensureDemo(root);
    const before = await everythingBelow(root);
    const request = { from: 'dataset', dataset: 'demo', name: 'By time', split: { rule: 'temporal' } };
    await expect(imported(request, root)).rejects.toThrow(ProblemError);
    const stop = new AbortController();
    const events = importDataset(v.parse(importRequestSchema, { ...request, split: { rule: 'ratio-per-user' } }), {
      root,
      signal: stop.signal,
    });
    await expect(async () => {
      for await (const event of events) if (event.type === 'progress' && event.fraction > 0.4) stop.abort();
    }).rejects.toThrow();
    expect((await everythingBelow(root)).filter((path) => !path.includes('checked.json'))).toEqual(before);
  });
});

describe('the preview of a split', () => {
  it('counts what an import of the same log makes, filter by filter', async () => {
    const source = await folderWith({ 'log.csv': log });
    const root = await temporaryFolder();
    const file = join(source, 'log.csv');
    const mapping = { user: 'user', item: 'item', timestamp: 'time' };
    const open = await openSplitSource({ from: 'log', file, mapping }, undefined);
    for (const split of [{ rule: 'leave-one-out' }, { rule: 'temporal' }, { rule: 'mmrec-ratio' }]) {
      const preview = await previewSplit(open, wish(split, { kCore: { users: 3, items: 2 }, seed: 5 }));
      const id = await importedId({ from: 'log', file, name: split.rule, mapping, split, kCore: { users: 3, items: 2 }, seed: 5 }, root);
      const manifest = await readManifest(join(root, id));
      expect(preview.fingerprint.splitHash).toBe(manifest.fingerprint.splitHash);
      expect([preview.train, preview.validation, preview.test]).toEqual([
        manifest.rows.train,
        manifest.rows.validation,
        manifest.rows.test,
      ]);
      expect(preview.checks.map(({ id: check, count }) => [check, count])).toEqual(
        manifest.checks.map(({ id: check, count }) => [check, count]),
      );
      expect(preview.steps.map(({ step }) => step)).toEqual(['read', 'k-core']);
    }
  });

  it('says who is lost, when parts begin and what becomes of single users', async () => {
    const file = join(await folderWith({ 'log.csv': log }), 'log.csv');
    const open = await openSplitSource({ from: 'log', file, mapping: { user: 'user', item: 'item', timestamp: 'time' } }, undefined);
    const all = await previewSplit(open, wish({ rule: 'leave-one-out' }));
    expect(all).toMatchObject({ users: 13, lostUsers: 0, validation: 12, test: 12, trainOnlyUsers: 1, dropped: 0 });
    expect(all.strips[0]).toMatchObject({ user: 'lonely', parts: [0], rows: 1 });
    expect(all.strips.at(-1)?.parts.slice(-2)).toEqual([1, 2]);
    const core = await previewSplit(open, wish({ rule: 'leave-one-out' }, { kCore: { users: 5 } }));
    // Users 0 and 6 have four rows, the lonely one a single row.
    expect(core).toMatchObject({ users: 10, lostUsers: 3 });
    const cut = await previewSplit(open, wish({ rule: 'temporal' }));
    const { timeline, cuts } = cut;
    expect(cuts!.validationFrom).toBeLessThan(cuts!.testFrom);
    const inTimeline = (['train', 'validation', 'test', 'dropped'] as const).map((part) => timeline![part].reduce((a, b) => a + b, 0));
    expect(inTimeline).toEqual([cut.train, cut.validation, cut.test, cut.dropped]);
    await expect(previewSplit(open, wish({ rule: 'leave-one-out' }, { kCore: { users: 50 } }))).rejects.toThrow('No interaction is left');
    const asTime = openSplitSource({ from: 'log', file, mapping: { user: 'user', item: 'time', timestamp: 'item' } }, undefined);
    await expect(asTime).rejects.toThrow(/Only 0 of .* rows can be read: “i0” is not a time/);
  });
});

describe('what is said of a dataset', () => {
  it('segments are kept with it, change its tables and nothing of its data', async () => {
    const root = await temporaryFolder();
    await ensureDemo(root);
    const folder = join(root, 'demo');
    const manifest = await readFile(join(folder, 'manifest.json'), 'utf8');
    const { segments: usual } = await readRemarks(folder);
    expect(usual).toEqual({ users: [0, 5, 10, 20, 50], items: { by: 'rows', head: 0.8 } });
    await changeRemarks(folder, { segments: { users: [3, 7], items: { by: 'items', tail: 0.1 } }, licence: ' CC BY 4.0 ' });
    const remarks = await readRemarks(folder);
    expect(remarks).toMatchObject({ licence: 'CC BY 4.0' });
    const read = await readManifest(folder);
    const detail = await inSegments(detailOf(read, folder, remarks));
    expect(detail.distributions.userSegments.map(({ label }) => label)).toEqual(['0 to 3', '4 to 7', 'more than 7']);
    expect(detail.distributions.userSegments.reduce((sum, { count }) => sum + count, 0)).toBe(read.users);
    const items = await ItemTable.open(folder);
    const tail = items.page({ dataset: 'demo', offset: 0, limit: 1, search: '', filter: 'tail', order: 'id' }).total;
    const warm = read.items - detail.distributions.itemSegments.find(({ id }) => id === 'cold')!.count;
    expect(tail).toBe(Math.round(warm * 0.1));
    const users = await UserTable.open(folder);
    const few = users.trainRows.findIndex((rows) => rows > 7);
    expect(users.segment(few)).toBe('over-7');
    const [image] = items.coverage(['image']).modalities;
    expect(image!.segments.reduce((sum, { items: own }) => sum + own, 0)).toBe(read.items);
    expect(image!.segments.reduce((sum, { covered }) => sum + covered, 0)).toBe(
      read.modalities.find(({ name }) => name === 'image')!.covered,
    );
    expect(await readFile(join(folder, 'manifest.json'), 'utf8')).toBe(manifest);
    await changeRemarks(folder, { licence: '', archivedAt: 5 });
    expect(await readRemarks(folder)).toEqual({ segments: remarks.segments, archivedAt: 5 });
  });

  it('the rows behind a finding are named by the ids of the source', async () => {
    const root = await temporaryFolder();
    const file = join(await folderWith({ 'log.csv': log }), 'log.csv');
    const mapping = { user: 'user', item: 'item', timestamp: 'time' };
    const id = await importedId(
      {
        from: 'log',
        file,
        name: 'Random',
        mapping,
        split: { rule: 'leave-one-out', order: 'random' },
        seed: 2,
      },
      root,
    );
    const request = { dataset: id, offset: 0, limit: 5 };
    const { checks } = await foundPage(join(root, id), request);
    const late = checks.find((check) => check.id === 'train-after-held-out')!;
    expect(late.count).toBeGreaterThan(0);
    const page = await foundPage(join(root, id), { ...request, check: 'train-after-held-out' });
    expect(page.total).toBe(late.count);
    expect(page.rows[0]).toMatchObject({ part: 'train' });
    expect(page.rows[0]!.user).toMatch(/^u\d+$/);
    expect(page.rows[0]!.item).toMatch(/^i\d+$/);
    const dataset = await openDataset(join(root, id), { features: false });
    expect(dataset.train.times).toContain(page.rows[0]!.time);
  });
});
