import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset, Modality, Part } from '../dataset.ts';
import { writeNpy } from '../formats/npy-writer.ts';
import type { OriginalIds } from './ids.ts';

/** Form of the folder; another form has another folder, so that nothing old is ever taken for new. */
const format = 'avocet-handover/1';

/**
 * The folder that a command is given: train and validation interactions, ids and features in plain files, and never the test rows.
 * Written once per data under `cacheFolder` and shared by all runs; read-only, so that one command cannot change it for the next.
 * Returns its path.
 */
export async function handOver(dataset: Dataset, original: OriginalIds, cacheFolder: string): Promise<string> {
  const facts = {
    format,
    name: dataset.name,
    split: dataset.fingerprint.splitHash,
    users: dataset.users,
    items: dataset.items,
    train: dataset.train.users.length,
    validation: dataset.validation.users.length,
    features: dataset.modalities.map(({ name, width, hash, missing }) => ({
      name,
      file: fileOf(name),
      shape: [dataset.items, width],
      missing: missing.reduce((sum, value) => sum + value, 0),
      hash,
    })),
  };
  const key = createHash('sha256')
    .update(JSON.stringify([facts, original]))
    .digest('hex')
    .slice(0, 16);
  const root = join(cacheFolder, 'handover');
  const folder = join(root, key);
  if (await exists(join(folder, 'dataset.json'))) return folder;
  await mkdir(root, { recursive: true });
  const temporary = await mkdtemp(join(root, '.writing-'));
  try {
    await writeFile(join(temporary, 'README.txt'), explanation);
    await writePart(join(temporary, 'train.tsv'), dataset.train);
    await writePart(join(temporary, 'validation.tsv'), dataset.validation);
    await writeIds(join(temporary, 'users.tsv'), 'user', original.users ?? numbers(dataset.users));
    await writeIds(join(temporary, 'items.tsv'), 'item', original.items);
    await mkdir(join(temporary, 'features'));
    for (const modality of dataset.modalities) await writeFeatures(temporary, modality, dataset.items);
    await writeFile(join(temporary, 'dataset.json'), `${JSON.stringify(facts, null, 2)}\n`);
    await makeReadOnly(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    // Another run of the same data was faster.
    if (await exists(join(folder, 'dataset.json'))) return folder;
    throw error;
  }
  return folder;
}

const explanation = `What a command that Avocet runs is given. Files are UTF-8, columns stand between tabs, ids are inner ones: 0, 1, 2, ...

train.tsv, validation.tsv   user, item, and timestamp where the dataset has times. Test rows are not here: Avocet scores them.
users.tsv, items.tsv        inner id, id in the files that the dataset was imported from
features/NAME.npy           float32 [items, width], row r for the item with the inner id r
features/NAME.missing.npy   uint8 [items], 1 where the source had no row and the dataset's rule filled it
dataset.json                counts, shapes and the hash of the split
`;

async function writePart(path: string, { users, items, times }: Part): Promise<void> {
  const lines = function* (): Generator<string> {
    yield times === undefined ? 'user\titem\n' : 'user\titem\ttimestamp\n';
    for (let row = 0; row < users.length; row++) {
      yield times === undefined ? `${users[row]!}\t${items[row]!}\n` : `${users[row]!}\t${items[row]!}\t${times[row]!}\n`;
    }
  };
  await writeLines(path, lines());
}

async function writeIds(path: string, what: 'user' | 'item', ids: readonly string[]): Promise<void> {
  const lines = function* (): Generator<string> {
    yield `${what}\toriginal\n`;
    for (const [id, original] of ids.entries()) yield `${id}\t${original.replace(/[\t\r\n]/g, ' ')}\n`;
  };
  await writeLines(path, lines());
}

async function writeFeatures(folder: string, { name, width, values, missing }: Modality, items: number): Promise<void> {
  await writeFile(join(folder, fileOf(name)), writeNpy(values, [items, width]));
  await writeFile(join(folder, fileOf(`${name}.missing`)), writeNpy(missing, [items]));
}

const fileOf = (name: string) => `features/${name.replace(/[^\w.-]/g, '_')}.npy`;
const numbers = (count: number) => Array.from({ length: count }, (_, id) => String(id));

/** Lines in blocks: a million rows are not one string. */
async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = await open(path, 'w');
  try {
    let block = '';
    for (const line of lines) {
      block += line;
      if (block.length > 1 << 20) {
        await file.write(block);
        block = '';
      }
    }
    await file.write(block);
  } finally {
    await file.close();
  }
}

async function makeReadOnly(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadOnly(path);
    else await chmod(path, 0o444);
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
