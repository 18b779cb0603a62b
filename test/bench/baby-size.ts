import { createHash } from 'node:crypto';
import type { Dataset, Modality, Part } from '#data/dataset.ts';
import { fingerprintOf } from '#data/fingerprint.ts';
import { randomStream, type Random } from '#data/random.ts';

/** Sizes of Amazon Baby in the MMRec split (protocol.md section 3); everything else here is drawn. */
export const babySize = { users: 19_445, items: 7_050, train: 118_551, validation: 20_559, test: 21_682, width: 128 } as const;

/** A dataset of Baby's size with a long-tailed popularity and clustered features, the same for a seed. For timing alone. */
export function babySizeDataset(seed = 1): Dataset {
  const random = randomStream(seed, 'bench');
  const { users, items } = babySize;
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
  const parts = { train: draw(babySize.train, true), validation: draw(babySize.validation, false), test: draw(babySize.test, false) };
  const modalities = ['image', 'text'].map((name) => clustered(name, random));
  return {
    id: 'baby-size',
    name: 'Baby size, drawn',
    users,
    items,
    ...parts,
    modalities,
    graphs: [],
    fingerprint: fingerprintOf({ users, items, ...parts }),
  };
}

function clustered(name: string, random: Random): Modality {
  const { items, width } = babySize;
  const centres = Float32Array.from({ length: 200 * width }, () => random.normal());
  const values = new Float32Array(items * width);
  for (let item = 0; item < items; item++) {
    const centre = random.integer(200) * width;
    for (let c = 0; c < width; c++) values[item * width + c] = centres[centre + c]! + 0.7 * random.normal();
  }
  const hash = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
  return { name, width, values, sourceType: 'float32', hash, missing: new Uint8Array(items) };
}
