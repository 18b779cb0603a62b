import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DatasetSummary } from '#contract/dataset.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { verifyDataset } from '#test/fixtures/verify-dataset.ts';
import { cardById } from '#models/cards.ts';
import { impossibleOn } from '#studio/impossible.ts';
import { imported } from '#test/fixtures/dataset-folder.ts';
import { folderWith, goodFolder, temporaryFolder, type FileContents } from '#test/fixtures/dataset-files.ts';

async function importedFrom(files: FileContents): Promise<{ folder: string; summary: DatasetSummary }> {
  const root = await temporaryFolder();
  const summary = await imported({ from: 'folder', folder: await folderWith(files), name: 'My Set' }, root);
  return { folder: join(root, summary.id), summary };
}

/** goodFolder with neither brand nor category. */
const plain = () => Object.fromEntries(Object.entries(goodFolder()).filter(([name]) => !name.startsWith('items.')));

describe('a knowledge graph that comes with a folder', () => {
  it('is read from a .kg file: numbers of items are items, other words entities, repeats once', async () => {
    const kg =
      'head_id:token\trelation_id:token\ttail_id:token\n0\tbrand\tAcme\n1\tbrand\tAcme\n\n3\tlike\t0\n3\tlike\t0\nAcme\tpart of\t77\n';
    const { folder, summary } = await importedFrom({ ...plain(), 'set.kg': kg });
    expect(summary.knowledge).toEqual({ triples: 4, entities: 2, relations: ['brand', 'like', 'part of'], origin: 'file' });
    const { knowledge } = await openDataset(folder);
    // Five items: Acme is node 5, and 77, of which there is no item, is node 6.
    expect([...knowledge!.heads]).toEqual([0, 1, 3, 5]);
    expect([...knowledge!.kinds]).toEqual([0, 0, 1, 2]);
    expect([...knowledge!.tails]).toEqual([5, 5, 0, 6]);
    await verifyDataset(folder);
  });

  it('is made of brand and categories where there is no such file', async () => {
    const items = 'itemID\ttitle\tbrand\tcategories\n0\tRed\tAcme\tToys|Games\n1\tBlue\tAcme\t\n2\tGreen\t\tGames\n';
    const { folder, summary } = await importedFrom({ ...plain(), 'items.tsv': items });
    expect(summary.knowledge).toEqual({ triples: 5, entities: 3, relations: ['brand', 'category'], origin: 'item-table' });
    const { knowledge } = await openDataset(folder);
    expect([...knowledge!.heads]).toEqual([0, 0, 0, 1, 2]);
    expect([...knowledge!.tails]).toEqual([5, 6, 7, 5, 7]);
  });

  it.each([
    ['two words', '0\tbrand\tAcme\n1\tbrand\n', 'knowledge.columns', 'set.kg:2'],
    ['nothing', 'head\trelation\ttail\n', 'knowledge.empty', 'set.kg'],
  ])('is refused with its line where it has %s', async (_, kg, code, where) => {
    await expect(importedFrom({ ...plain(), 'set.kg': kg })).rejects.toMatchObject({ problem: { code, where } });
  });

  it('is what a model over one asks for before it starts', async () => {
    const card = cardById('kgattention')!;
    const asked = [{ card, config: { itemGraph: 'computed' } }] as unknown as Parameters<typeof impossibleOn>[1];
    const without = (await importedFrom(plain())).summary;
    expect(impossibleOn(without, asked)).toEqual([
      {
        model: 'kgattention',
        dataset: 'my-set',
        reason: 'KG attention needs a knowledge graph, My Set has none',
      },
    ]);
    expect(impossibleOn((await importedFrom({ ...plain(), 'set.kg': '0\tbrand\tAcme\n' })).summary, asked)).toEqual([]);
  });
});
