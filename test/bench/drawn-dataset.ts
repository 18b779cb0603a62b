import { createHash } from 'node:crypto';
import type { Dataset, Modality, Part } from '#data/dataset.ts';
import { fingerprintOf } from '#data/fingerprint.ts';
import { randomStream } from '#data/random.ts';
import type { Random } from '#data/random.ts';

/** What a drawn dataset is as large as. */
export interface DrawnSize {
  readonly name: string;
  readonly users: number;
  readonly items: number;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  /** Columns of each modality's features. */
  readonly widths: Readonly<Record<string, number>>;
}

/** Counts of Amazon Baby in the MMRec split (protocol.md section 3); everything else here is drawn. */
const baby = { users: 19_445, items: 7_050, train: 118_551, validation: 20_559, test: 21_682 };

export const sizes = {
  baby: { name: 'Baby size', ...baby, widths: { image: 128, text: 128 } },
  /** The widths of the features that were published with the Amazon datasets. */
  'baby-wide': { name: 'Baby size, 4096-d and 384-d features', ...baby, widths: { image: 4096, text: 384 } },
  /** Interactions alone: what a graph of one or ten times Baby costs. */
  'baby-plain': { name: 'Baby size without features', ...baby, widths: {} },
  'baby-tenfold': {
    name: 'ten times Baby size',
    users: 10 * baby.users,
    items: 10 * baby.items,
    train: 10 * baby.train,
    validation: 10 * baby.validation,
    test: 10 * baby.test,
    widths: {},
  },
  electronics: {
    name: 'Electronics size',
    users: 192_403,
    items: 63_001,
    train: 1_254_441,
    validation: 211_200,
    test: 223_547,
    widths: { image: 128, text: 128 },
  },
} as const satisfies Record<string, DrawnSize>;
export type SizeId = keyof typeof sizes;

/** A dataset of this size with long-tailed popularity and clustered features, the same for a seed. For timing alone. */
export function drawnDataset(size: DrawnSize, seed = 1): Dataset {
  const random = randomStream(seed, 'bench');
  const { users, items } = size;
  const seen = new Set<number>();
  const draw = (rows: number, everyUser: boolean): Part => {
    const part = { users: new Int32Array(rows), items: new Int32Array(rows) };
    for (let row = 0; row < rows;) {
      const user = everyUser && row < users ? row : random.integer(users);
      const item = Math.floor(items * random.uniform() ** 2);
      const key = user * items + item;
      if (seen.has(key)) continue;
      seen.add(key);
      part.users[row] = user;
      part.items[row] = item;
      row++;
    }
    return part;
  };
  const parts = { train: draw(size.train, true), validation: draw(size.validation, false), test: draw(size.test, false) };
  const modalities = Object.entries(size.widths).map(([name, width]) => clustered(name, { items, width }, random));
  return {
    id: 'drawn',
    name: size.name,
    users,
    items,
    ...parts,
    modalities,
    graphs: [],
    fingerprint: fingerprintOf({ users, items, ...parts }),
  };
}

function clustered(name: string, { items, width }: { items: number; width: number }, random: Random): Modality {
  const centres = Float32Array.from({ length: 200 * width }, () => random.normal());
  const values = new Float32Array(items * width);
  for (let item = 0; item < items; item++) {
    const centre = random.integer(200) * width;
    for (let c = 0; c < width; c++) values[item * width + c] = centres[centre + c]! + 0.7 * random.normal();
  }
  const hash = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
  return { name, width, values, sourceType: 'float32', hash, missing: new Uint8Array(items) };
}
