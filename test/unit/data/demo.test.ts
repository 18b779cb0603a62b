import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset, readManifest } from '#data/dataset-folder.ts';
import { verifyDataset } from '#test/fixtures/verify-dataset.ts';
import { colourways, drawItem, kinds } from '#data/demo/drawings.ts';
import { ensureDemo, generateDemo } from '#data/demo/demo.ts';
import { demoId } from '#data/dataset-writer.ts';
import { encodedSize, encodeImages } from '#data/demo/image-encoder.ts';
import { rasterise, sceneToSvg } from '#data/demo/scene.ts';
import { encodeTexts } from '#data/demo/text-encoder.ts';
import { ItemTable } from '#data/item-table.ts';
import { randomStream } from '#data/random.ts';
import { distributionsOf } from '#data/statistics.ts';
import { everythingBelow, temporaryFolder } from '#test/fixtures/dataset-files.ts';

const plain = { tall: 1, wide: 1, finish: 0 } as const;

function cosine(values: Float32Array, width: number, a: number, b: number): number {
  let [dot, first, second] = [0, 0, 0];
  for (let c = 0; c < width; c++) {
    dot += values[a * width + c]! * values[b * width + c]!;
    first += values[a * width + c]! ** 2;
    second += values[b * width + c]! ** 2;
  }
  return dot / Math.sqrt(first * second);
}

describe('the demo dataset', () => {
  const { dataset, shop } = generateDemo();

  it('is about as large as promised, split by the MMRec ratio, with a long tail', () => {
    expect([dataset.users, dataset.items]).toEqual([800, 500]);
    const rows = dataset.train.users.length + dataset.validation.users.length + dataset.test.users.length;
    expect(rows).toBeGreaterThan(7000);
    expect(rows).toBeLessThan(10_000);
    const { popularity, usersPerItem } = distributionsOf(dataset);
    expect(usersPerItem.max).toBeGreaterThan(3.5 * usersPerItem.median);
    // Without a tail 80 % of the rows would take 80 % of the items.
    expect(popularity.headItems).toBeLessThan(0.65 * dataset.items);
  });

  it('is the same for one seed to the last bit, and another for another', () => {
    const again = generateDemo();
    expect(again.dataset.fingerprint).toEqual(dataset.fingerprint);
    expect(again.dataset.modalities.map(({ hash }) => hash)).toEqual(dataset.modalities.map(({ hash }) => hash));
    expect(generateDemo(8).dataset.fingerprint.splitHash).not.toBe(dataset.fingerprint.splitHash);
  });

  it('has features for all but a few items: their rows are zero', () => {
    const [image, text] = dataset.modalities;
    expect([image!.width, text!.width]).toEqual([64, 96]);
    const zeroRows = (values: Float32Array, width: number) =>
      shop.map((_, i) => i).filter((i) => values.subarray(i * width, (i + 1) * width).every((value) => value === 0));
    expect(zeroRows(image!.values, 64)).toEqual(shop.flatMap((item, i) => (item.scene === undefined ? [i] : [])));
    expect(zeroRows(image!.values, 64)).toHaveLength(4);
    expect(zeroRows(text!.values, 96)).toHaveLength(1);
    expect([...image!.values, ...text!.values].every(Number.isFinite)).toBe(true);
  });

  it('plants complements that look different and look-alikes that are not bought together', () => {
    const bought = new Map<number, Set<number>>();
    dataset.train.users.forEach((user, r) => bought.set(user, (bought.get(user) ?? new Set()).add(dataset.train.items[r]!)));
    const together = new Float64Array(dataset.items * dataset.items);
    for (const items of bought.values()) for (const a of items) for (const b of items) if (a !== b) together[a * dataset.items + b]! += 1;
    const image = dataset.modalities[0]!;
    const mean = { complement: [0, 0, 0], lookAlike: [0, 0, 0] };
    for (let a = 0; a < dataset.items; a++) {
      for (let b = 0; b < a; b++) {
        const [first, second] = [shop[a]!, shop[b]!];
        if (first.scene === undefined || second.scene === undefined || first.kind === second.kind || first.colourway !== second.colourway)
          continue;
        const similarity = cosine(image.values, 64, a, b);
        const sum = first.occasion === second.occasion ? mean.complement : similarity > 0.5 ? mean.lookAlike : undefined;
        if (sum === undefined) continue;
        sum[0]! += 1;
        sum[1]! += similarity;
        sum[2]! += together[a * dataset.items + b]!;
      }
    }
    const [pairs, looks, joint] = mean.complement as [number, number, number];
    const [likePairs, likeLooks, likeJoint] = mean.lookAlike as [number, number, number];
    expect(pairs).toBeGreaterThan(100);
    expect(likePairs).toBeGreaterThan(100);
    expect(looks / pairs).toBeLessThan(likeLooks / likePairs);
    expect(joint / pairs).toBeGreaterThan(5 * (likeJoint / likePairs));
  });

  it('computes image features from pixels: same drawing, same row; other colours or another kind, another', () => {
    const pixels = (kind: (typeof kinds)[number], colour: number) => rasterise(drawItem(kind, colourways[colour]!, plain), encodedSize);
    const rows = encodeImages(
      [pixels('mug', 0), pixels('mug', 0), pixels('mug', 6), pixels('lamp', 0), pixels('chair', 3), undefined],
      4,
      randomStream(1, 'test'),
    );
    expect([...rows.slice(0, 4)]).toEqual([...rows.slice(4, 8)]);
    expect(cosine(rows, 4, 0, 1)).toBeCloseTo(1, 6);
    expect(cosine(rows, 4, 0, 2)).toBeLessThan(0.9);
    expect(cosine(rows, 4, 0, 3)).toBeLessThan(0.9);
    expect([...rows.slice(20)]).toEqual([0, 0, 0, 0]);
  });

  it('computes text features from words', () => {
    const rows = encodeTexts(['oak chair by Alder', 'oak chair by Alder', 'steel bottle by Dune', ''], 3, randomStream(1, 'test'));
    expect(cosine(rows, 3, 0, 1)).toBeCloseTo(1, 6);
    expect(Math.abs(cosine(rows, 3, 0, 2))).toBeLessThan(0.5);
    expect([...rows.slice(9)]).toEqual([0, 0, 0]);
  });

  it('draws the same shapes as SVG and as pixels', () => {
    const scene = { background: '#ffffff', shapes: [{ form: 'rect', x: 24, y: 24, width: 48, height: 24, fill: '#000000' }] } as const;
    const pixels = rasterise(scene, 48);
    const dark = pixels.filter((value, at) => at % 3 === 0 && value < 0.5).length;
    expect(dark).toBe(24 * 12);
    expect(sceneToSvg(scene)).toContain('<rect x="24" y="24" width="48" height="24" fill="#000000"/>');
    for (const kind of kinds)
      expect(sceneToSvg(drawItem(kind, colourways[0]!, { tall: 1.1, wide: 0.9, finish: 2 }))).not.toMatch(/NaN|undefined/);
  });

  it('is written once as an ordinary dataset with a picture for all but four items', async () => {
    const root = await temporaryFolder();
    const first = await ensureDemo(root);
    expect(await ensureDemo(root)).toEqual(first);
    const folder = join(root, demoId);
    await verifyDataset(folder);
    expect(await openDataset(folder)).toMatchObject(dataset);
    const manifest = await readManifest(folder);
    expect(manifest).toMatchObject({
      id: 'demo',
      source: 'demo',
      split: { rule: { rule: 'mmrec-ratio' }, seed: 7 },
      itemTable: { titled: 500, pictured: 496 },
    });
    expect((await everythingBelow(join(folder, 'pictures'))).length).toBe(496);
    const table = await ItemTable.open(folder);
    const page = table.page({ dataset: 'demo', offset: 0, limit: 60, search: '', filter: 'no-picture', order: 'id' });
    expect(page.total).toBe(4);
    const pictured = table.item(manifest.itemTable.samplePictures[0]!)!;
    expect(await readFile(join(folder, pictured.picture!.location), 'utf8')).toMatch(/^<svg /);
    expect(existsSync(join(root, 'demo', 'manifest.json'))).toBe(true);
  });
});
