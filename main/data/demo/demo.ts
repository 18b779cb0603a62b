import { join } from 'node:path';
import { access } from 'node:fs/promises';
import { ProblemError } from '#contract/problem.ts';
import { writeParts } from '../folder-survey.ts';
import { arrayNames, readManifest } from '../dataset-folder.ts';
import { DatasetWriter, demoId } from '../dataset-writer.ts';
import type { Dataset, Modality } from '../dataset.ts';
import { featureHash, fingerprintOf } from '../fingerprint.ts';
import { finishDataset } from '../finish-dataset.ts';
import { linearHistogram } from '../histogram.ts';
import type { StoredItem } from '../stored-items.ts';
import type { Manifest } from '../manifest.ts';
import { randomStream } from '../random.ts';
import { checkSplit, lackingFeatures } from '../split-checks.ts';
import { madeSplit } from '../split-rule.ts';
import { mmrecRatio, partsOf } from '../split.ts';
import { stockShop, type DemoItem } from './catalogue.ts';
import { encodedSize, encodeImages } from './image-encoder.ts';
import { rasterise, sceneToSvg } from './scene.ts';
import { goShopping } from './shoppers.ts';
import { encodeTexts } from './text-encoder.ts';

export const demoSeed = 7;

const userCount = 800;
const itemCount = 500;
const imageWidth = 64;
const textWidth = 96;

export interface Demo {
  readonly shop: readonly DemoItem[];
  readonly dataset: Dataset;
}

/** The demo in memory: the same seed gives the same bits. About a second. */
export function generateDemo(seed = demoSeed): Demo {
  const shop = stockShop(itemCount, randomStream(seed, 'demo-shop'));
  const purchases = goShopping(shop, userCount, randomStream(seed, 'demo-purchases'));
  const labels = mmrecRatio(purchases, userCount, randomStream(seed, 'split'));
  const parts = partsOf(purchases, labels);
  const pictures = shop.map((item) => (item.scene === undefined ? undefined : rasterise(item.scene, encodedSize)));
  const image = encodeImages(pictures, imageWidth, randomStream(seed, 'demo-image'));
  const text = encodeTexts(
    shop.map((item) => item.text),
    textWidth,
    randomStream(seed, 'demo-text'),
  );
  const split = { users: userCount, items: itemCount, ...parts };
  return {
    shop,
    dataset: {
      id: demoId,
      name: 'Demo',
      ...split,
      modalities: [
        modality(
          'image',
          imageWidth,
          image,
          shop.map((item) => item.scene === undefined),
        ),
        modality(
          'text',
          textWidth,
          text,
          shop.map((item) => item.text === ''),
        ),
      ],
      graphs: [],
      fingerprint: fingerprintOf(split),
    },
  };
}

function modality(name: string, width: number, values: Float32Array, isMissing: readonly boolean[]): Modality {
  const hash = featureHash('float32', values.length / width, width)
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');
  return { name, width, values, sourceType: 'float32', hash, missing: Uint8Array.from(isMissing, Number) };
}

/** Writes the demo below `root` unless it is there, and returns its manifest. Pictures are SVG files in the dataset folder. */
export async function ensureDemo(root: string, options: { readonly seed?: number; readonly now?: number } = {}): Promise<Manifest> {
  const folder = join(root, demoId);
  const isThere = await access(join(folder, 'manifest.json')).then(
    () => true,
    () => false,
  );
  if (isThere) return readManifest(folder);
  const seed = options.seed ?? demoSeed;
  const { shop, dataset } = generateDemo(seed);
  const writer = await DatasetWriter.create(root);
  try {
    await writeParts(writer, dataset);
    for (const { name, values, missing } of dataset.modalities) {
      await writer.write(arrayNames.features(name), values);
      await writer.write(arrayNames.missing(name), missing);
    }
    const items: StoredItem[] = [];
    for (const [id, item] of shop.entries()) {
      const picture = `pictures/${id}.svg`;
      if (item.scene !== undefined) await writer.write(picture, sceneToSvg(item.scene));
      items.push({
        rawId: `${item.kind}-${String(id).padStart(3, '0')}`,
        title: item.title,
        ...(item.text === '' ? {} : { description: item.text }),
        ...(item.scene === undefined ? {} : { picture: { at: 'dataset', location: picture } }),
      });
    }
    const rows = dataset.train.users.length + dataset.validation.users.length + dataset.test.users.length;
    const withoutFeatures = lackingFeatures(shop.length, dataset.modalities);
    const draft = await finishDataset(
      {
        name: 'Demo',
        about: `Drawn by code from seed ${seed}, with a signal in pictures and texts.`,
        source: 'demo',
        seed,
        madeBy: madeSplit({ rule: 'mmrec-ratio' }, seed),
        split: dataset,
        modalities: dataset.modalities.map((own) => health(own)),
        graphs: [],
        items,
        checks: checkSplit({ ...dataset, withoutFeatures }),
        files: [],
        choices: {},
        recipe: [
          {
            step: 'draw',
            text: `${userCount} shoppers with tastes for occasions, colours and makers bought from ${itemCount} items, seed ${seed}`,
            rowsBefore: 0,
            rowsAfter: rows,
            usersAfter: userCount,
            itemsAfter: itemCount,
          },
          { step: 'split', text: 'MMRec ratio 8:1:1 per user, random', rowsBefore: rows, rowsAfter: rows },
        ],
      },
      writer,
    );
    return await writer.commit(demoId, draft, options.now ?? Date.now());
  } catch (error) {
    await writer.discard();
    // Another process was quicker; both draw the same demo.
    if (error instanceof ProblemError && error.problem.code === 'dataset.name-taken') return readManifest(folder);
    throw error;
  }
}

function health({ name, width, values, hash, missing }: Modality): Manifest['modalities'][number] {
  const items = missing.length;
  const norms = Float32Array.from({ length: items }, (_, row) => Math.hypot(...values.subarray(row * width, (row + 1) * width)));
  const present = Array.from(missing.keys()).filter((row) => missing[row] === 0);
  const zeroRows = missing.reduce((sum, one) => sum + one, 0);
  const seen = new Set<string>();
  let duplicateRows = 0;
  for (let row = 0; row < items; row++) {
    if (missing[row] === 1) continue;
    const key = values.subarray(row * width, (row + 1) * width).join();
    if (seen.has(key)) duplicateRows++;
    seen.add(key);
  }
  return {
    name,
    file: 'drawn by code',
    items,
    width,
    sourceType: 'float32',
    hash,
    nanRows: 0,
    infiniteRows: 0,
    zeroRows,
    duplicateRows,
    constantColumns: Array.from({ length: width }, (_, column) => column).filter((column) =>
      present.every((row) => values[row * width + column] === values[present[0]! * width + column]),
    ).length,
    covered: items - zeroRows,
    missing: zeroRows,
    filledBy: zeroRows > 0 ? 'kept' : 'none',
    norms: linearHistogram(norms, 24, 0),
  };
}
