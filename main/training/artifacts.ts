import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { metricKeys, type Artifact } from '#contract/run.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';
import type { PartScores } from './evaluator.ts';
import type { RankedLists } from './metrics.ts';
import { replaceFile, writeFully } from './sealed-file.ts';

/** What every finished run leaves besides its best checkpoint. Row = dense user or item id, but for the per-user files. */
export interface RunResults {
  /** Lists of all users. */
  readonly lists: RankedLists;
  /** Absent for models whose scores are no dot products of vectors. */
  readonly vectors?: { readonly users: Float32Array; readonly items: Float32Array; readonly width: number };
  /** Where the model tells it: each item's vector as a sum, [items, sources × width] (Model.itemShares). */
  readonly itemShares?: { readonly values: Float32Array; readonly columns: number };
  /** Of a model of next items: what validation was ranked by; the lists and vectors above are those of test. */
  readonly before?: { readonly lists: RankedLists; readonly users: Float32Array };
  readonly validation: PartScores;
  readonly test: PartScores;
}

/**
 * Writes the result files of a run, each as a whole: top50.npy int32 [users, 50] (−1: no candidate left), top50-scores.npy float32
 * beside it (−Infinity there), users.npy and items.npy float32 [n, width] whose dot products are the scores (where there are such), per-user-<part>.npy float64 [evaluated users, 1 + metrics]
 * with the user id first and the metrics in the order of {@link metricKeys}, and item-shares.npy float32
 * [items, sources × width] where the model says what each source adds to items.npy. Next items: top50-validation.npy and users-validation.npy too.
 */
export async function writeResults(folder: string, results: RunResults): Promise<Artifact[]> {
  const written: Artifact[] = [];
  for (const [name, bytes] of resultFiles(results)) {
    const file = `${name}.npy`;
    await replaceFile(join(folder, file), async (handle) => await writeFully(handle, bytes));
    written.push({ name, file, bytes: bytes.length, sha256: sha256Of(bytes) });
  }
  return written;
}

/** What {@link writeResults} would write, by name. */
export function resultHashes(results: RunResults): { readonly name: string; readonly sha256: string }[] {
  return resultFiles(results).map(([name, bytes]) => ({ name, sha256: sha256Of(bytes) }));
}

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function resultFiles(results: RunResults): (readonly [name: string, bytes: Uint8Array])[] {
  const { lists, vectors, itemShares, before } = results;
  const tables: [string, Float32Array][] =
    vectors === undefined
      ? []
      : [
          ['users', vectors.users],
          ['items', vectors.items],
        ];
  return [
    ['top50', writeNpy(lists.items, [lists.users.length, lists.width])],
    ...(lists.scores === undefined
      ? []
      : [['top50-scores', writeNpy(lists.scores, [lists.users.length, lists.width])] satisfies [string, Uint8Array]]),
    ...tables.map(([name, values]): [string, Uint8Array] => [name, writeNpy(values, [values.length / vectors!.width, vectors!.width])]),
    ...(itemShares === undefined
      ? []
      : [
          ['item-shares', writeNpy(itemShares.values, [itemShares.values.length / itemShares.columns, itemShares.columns])] satisfies [
            string,
            Uint8Array,
          ],
        ]),
    ...(before === undefined
      ? []
      : ([
          ['top50-validation', writeNpy(before.lists.items, [before.lists.users.length, before.lists.width])],
          ['users-validation', writeNpy(before.users, [before.lists.users.length, before.users.length / before.lists.users.length])],
        ] as const)),
    ['per-user-validation', perUserNpy(results.validation)],
    ['per-user-test', perUserNpy(results.test)],
  ];
}

function perUserNpy({ users, perUser }: PartScores): Uint8Array {
  const columns = metricKeys.length + 1;
  const table = new Float64Array(users.length * columns);
  for (let row = 0; row < users.length; row++) {
    table[row * columns] = users[row]!;
    metricKeys.forEach((key, column) => {
      table[row * columns + 1 + column] = perUser.get(key)![row]!;
    });
  }
  return writeNpy(table, [users.length, columns]);
}

/** A file that lies in the run folder already, e.g. a checkpoint; undefined where it does not. */
export async function artifactOf(folder: string, name: string, file: string): Promise<Artifact | undefined> {
  try {
    const path = join(folder, file);
    const { size } = await stat(path);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return { name, file, bytes: size, sha256: hash.digest('hex') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
