import { readFileSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { BrokenDataset } from '#contract/dataset.ts';
import { ProblemError, toProblem } from '#contract/problem.ts';
import type { Dataset, ImportedGraph, Modality, Part } from './dataset.ts';
import { diskError } from './file-stream.ts';
import { manifestFormat, manifestSchema, type Manifest } from './manifest.ts';
import { coUserMemory, neighbourMemory } from './neighbour-memory.ts';
import { damagedDataset, StoredArrays } from './stored-arrays.ts';

/** Names of the arrays in a dataset folder; all raw little-endian. */
export const arrayNames = {
  users: (part: PartName) => `${part}.users.i32`,
  items: (part: PartName) => `${part}.items.i32`,
  times: (part: PartName) => `${part}.times.f64`,
  features: (modality: string) => `modality.${modality}.f32`,
  missing: (modality: string) => `modality.${modality}.missing.u8`,
  offsets: (graph: string) => `graph.${graph}.offsets.i32`,
  indices: (graph: string) => `graph.${graph}.indices.i32`,
  values: (graph: string) => `graph.${graph}.values.f32`,
  knowledge: (part: 'heads' | 'kinds' | 'tails') => `knowledge.${part}.i32`,
  itemTable: 'items.jsonl',
  /** JSON list of the users' ids in the source, where they are not the inner numbers. */
  userIds: 'users.json',
} as const;

export const partNames = ['train', 'validation', 'test'] as const;
export type PartName = (typeof partNames)[number];

/** manifest.json of a dataset folder, checked. Throws `dataset.missing`, `dataset.newer` or `dataset.damaged`. */
export async function readManifest(folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(folder, 'manifest.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new ProblemError({
        kind: 'data',
        code: 'dataset.missing',
        message: `There is no dataset in ${folder}.`,
        where: folder,
        fix: 'Import it again, or choose another data folder.',
      });
    }
    throw diskError(error, folder);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damagedDataset(folder, 'manifest.json is not JSON');
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (typeof format === 'string' && format.startsWith('avocet-dataset/') && format !== manifestFormat) {
    throw new ProblemError({
      kind: 'data',
      code: 'dataset.newer',
      message: `The dataset was written in the format ${format}; this version reads ${manifestFormat}.`,
      where: folder,
      fix: 'Open it with the newer Avocet, or import it again.',
    });
  }
  const parsed = v.safeParse(manifestSchema, value);
  if (!parsed.success) throw damagedDataset(folder, `manifest.json: ${v.getDotPath(parsed.issues[0]) ?? ''} ${parsed.issues[0].message}`);
  return parsed.output;
}

/**
 * Opens a dataset folder for a model: every file that may be needed must be there in its size, and what is read must have its stored
 * hash. Features are read when their values are first looked at, and may be read again later: a model without modalities costs
 * neither their time nor their memory, and who has copied them to a device need not keep them. Left out with `features: false`.
 */
export async function openDataset(folder: string, options: { readonly features?: boolean } = {}): Promise<Dataset> {
  const manifest = await readManifest(folder);
  const arrays = new StoredArrays(folder, manifest.arrays);
  const read = (file: string) => arrays.read(file);
  const part = async (name: PartName): Promise<Part> => {
    const users = new Int32Array(await read(arrayNames.users(name)));
    const items = new Int32Array(await read(arrayNames.items(name)));
    if (users.length !== manifest.rows[name] || items.length !== users.length)
      throw damagedDataset(folder, `${name} has ${users.length} rows, not ${manifest.rows[name]}`);
    return manifest.hasTimes ? { users, items, times: new Float64Array(await read(arrayNames.times(name))) } : { users, items };
  };
  const modality = async ({ name, width, sourceType, hash, filledBy }: Manifest['modalities'][number]): Promise<Modality> => {
    const missing = new Uint8Array(await read(arrayNames.missing(name)));
    const file = arrayNames.features(name);
    const bytes = await arrays.expect(file);
    if (bytes !== 4 * manifest.items * width || missing.length !== manifest.items)
      throw damagedDataset(folder, `${name} does not have ${manifest.items} rows of ${width}`);
    let held: WeakRef<Float32Array> | undefined;
    return {
      name,
      width,
      get values() {
        const known = held?.deref();
        if (known !== undefined) return known;
        const values = new Float32Array(arrays.readNow(file));
        held = new WeakRef(values);
        return values;
      },
      sourceType,
      hash,
      missing,
      filledBy,
      neighbours: neighbourMemory(folder, { name, hash, rows: manifest.items }),
    };
  };
  const graph = async (summary: Manifest['graphs'][number]): Promise<ImportedGraph> => ({
    name: summary.name,
    form: summary.form,
    ...(summary.modality === undefined ? {} : { modality: summary.modality }),
    k: summary.k,
    ...(summary.imageWeight === undefined ? {} : { imageWeight: summary.imageWeight }),
    hash: summary.hash,
    matrix: {
      rows: manifest.items,
      columns: manifest.items,
      offsets: new Int32Array(await read(arrayNames.offsets(summary.name))),
      indices: new Int32Array(await read(arrayNames.indices(summary.name))),
      values: new Float32Array(await read(arrayNames.values(summary.name))),
    },
  });
  const [train, validation, test] = await Promise.all([part('train'), part('validation'), part('test')]);
  const modalities = options.features === false ? [] : await Promise.all(manifest.modalities.map(modality));
  const graphs = options.features === false ? [] : await Promise.all(manifest.graphs.map(graph));
  const triples = async (name: 'heads' | 'kinds' | 'tails') => new Int32Array(await read(arrayNames.knowledge(name)));
  const knowledge =
    manifest.knowledge === undefined
      ? undefined
      : { ...manifest.knowledge, heads: await triples('heads'), kinds: await triples('kinds'), tails: await triples('tails') };
  arrays.remember();
  return {
    id: manifest.id,
    name: manifest.name,
    users: manifest.users,
    items: manifest.items,
    train,
    validation,
    test,
    modalities,
    graphs,
    ...(knowledge === undefined ? {} : { knowledge }),
    fingerprint: fingerprintOfManifest(manifest),
    coUsers: coUserMemory(folder, { hash: manifest.fingerprint.splitHash, rows: manifest.users }),
  };
}

function fingerprintOfManifest(manifest: Manifest): Dataset['fingerprint'] {
  const { fileHash, sequenceHash, ...rest } = manifest.fingerprint;
  return { ...rest, ...(fileHash === undefined ? {} : { fileHash }), ...(sequenceHash === undefined ? {} : { sequenceHash }) };
}

/** Datasets below `root` by id, and folders that look like one but cannot be read. */
export async function listDatasets(root: string): Promise<{ manifests: Manifest[]; broken: BrokenDataset[] }> {
  const manifests: Manifest[] = [];
  const broken: BrokenDataset[] = [];
  let names: string[] = [];
  try {
    names = (await readdir(root, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw diskError(error, root);
  }
  for (const name of names.sort()) {
    try {
      manifests.push(await readManifest(join(root, name)));
    } catch (error) {
      broken.push({ id: name, folder: join(root, name), problem: toProblem(error) });
    }
  }
  return { manifests, broken };
}

/** Name prefixes of folders that are no datasets: one being written, one being removed. */
export const temporaryPrefix = '.importing-';
const removingPrefix = '.removing-';

/** Where a dataset is moved before it is removed: a removal cut short leaves no half dataset under its name. */
export function removalFolder(root: string, id: string): string {
  return join(root, `${removingPrefix}${id}`);
}

/**
 * Removes what imports and removals of a killed program left, and returns how many. Only the owner of the data folder may call it,
 * before any import starts.
 */
export async function removeAbandoned(root: string): Promise<number> {
  const names = await readdir(root).catch(() => []);
  const abandoned = names.filter((name) => name.startsWith(temporaryPrefix) || name.startsWith(removingPrefix));
  for (const name of abandoned) await rm(join(root, name), { recursive: true, force: true });
  return abandoned.length;
}

/** Removes what imports under `root` have begun and not ended. Only the owner of the data folder may call it, while none is at work. */
export async function removeUnfinished(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names) if (name.startsWith(temporaryPrefix)) await rm(join(root, name), { recursive: true, force: true });
}

/**
 * Whether cold items alone can be ranked on a dataset: some validation row of a user with train rows names an item that has none. Looked up
 * for a plan, so only these four arrays are read and their hashes are left to the run.
 */
export function hasColdRows(folder: string, { users, items }: Pick<Manifest, 'users' | 'items'>): boolean {
  const read = (name: string) => new Int32Array(new Uint8Array(readFileSync(join(folder, name))).buffer);
  const marked = (name: string, size: number) => {
    const marks = new Uint8Array(size);
    for (const id of read(name)) marks[id] = 1;
    return marks;
  };
  const trained = { users: marked(arrayNames.users('train'), users), items: marked(arrayNames.items('train'), items) };
  const owners = read(arrayNames.users('validation'));
  return read(arrayNames.items('validation')).some((item, row) => trained.items[item] === 0 && trained.users[owners[row]!] === 1);
}
