import { tensor2d } from '@tensorflow/tfjs-core';
import { basename } from 'node:path';
import type { Artifact } from '#contract/run.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Dataset } from '#data/dataset.ts';
import type { OriginalIds } from '#data/external/ids.ts';
import { readRankedRows } from '#data/external/ranked-rows.ts';
import { readVectors } from '#data/external/vectors.ts';
import { writeResults } from '../artifacts.ts';
import { breathe } from '../control.ts';
import { listWidth } from '../evaluator.ts';
import type { Evaluator, PartScores } from '../evaluator.ts';
import type { RankedLists } from '../metrics.ts';
import { shortLists, topLists } from './top-lists.ts';

/** What a model of the researcher's own left, ready to be scored: vectors whose inner products rank all items, or finished lists. */
export type ExternalResult =
  | { readonly kind: 'vectors'; readonly users: Float32Array; readonly items: Float32Array; readonly width: number }
  | { readonly kind: 'lists'; readonly lists: RankedLists };

export interface ReadResult {
  readonly result: ExternalResult;
  /** What a person should know of it, though it is no fault. */
  readonly remarks: readonly string[];
  /** SHA-256 of the files by their role. */
  readonly hashes: Readonly<Record<string, string>>;
}

export type ResultFiles = { readonly users: string; readonly items: string } | { readonly lists: string };

/** Reads vectors or lists for a dataset; ids in lists are inner ones unless `original` is given. Throws data problems. */
export async function readResult(files: ResultFiles, evaluator: Evaluator, dataset: Dataset, original?: OriginalIds): Promise<ReadResult> {
  return 'lists' in files ? await readLists(files.lists, evaluator, dataset, original) : await readBoth(files, dataset);
}

async function readBoth(files: { readonly users: string; readonly items: string }, dataset: Dataset): Promise<ReadResult> {
  const users = await readVectors(files.users, dataset.users, 'users');
  const items = await readVectors(files.items, dataset.items, 'items');
  if (users.width !== items.width) {
    throw new ProblemError({
      kind: 'data',
      code: 'vectors.width',
      message: `The vectors of users have ${users.width} columns, those of items ${items.width}.`,
      where: `${basename(files.users)}, ${basename(files.items)}`,
      fix: 'Scores are inner products: both need the same width.',
    });
  }
  const rounded = [users.sourceType, items.sourceType].includes('float64');
  return {
    result: { kind: 'vectors', users: users.values, items: items.values, width: users.width },
    remarks: rounded ? ['The vectors are float64; scores are computed from them in float32.'] : [],
    hashes: { users: users.sha256, items: items.sha256 },
  };
}

async function readLists(path: string, evaluator: Evaluator, dataset: Dataset, original: OriginalIds | undefined): Promise<ReadResult> {
  const rows = await readRankedRows(path, { users: dataset.users, items: dataset.items, ...(original === undefined ? {} : { original }) });
  const { lists, masked } = topLists(rows, dataset, listWidth, basename(path));
  const { without, short } = shortLists(lists, evaluator.usersOf(['validation', 'test']));
  const users = (count: number) => `${count} evaluated ${count === 1 ? 'user' : 'users'}`;
  return {
    result: { kind: 'lists', lists },
    remarks: [
      ...(masked === 0 ? [] : [`${masked} rows name an item that the user has in train; they are left out, as in every run.`]),
      ...(without === 0 ? [] : [`${users(without)} have no list: all their held-out items count as missed.`]),
      ...(short === 0
        ? []
        : [`${users(short)} have fewer than ${listWidth} items left, the largest cut-off: the missing ranks count as missed.`]),
    ],
    hashes: { lists: rows.sha256 },
  };
}

/** Lists of these users: vectors are ranked over all items with train items masked; lists are what they are. */
export async function rankResult(evaluator: Evaluator, result: ExternalResult, users: Int32Array): Promise<RankedLists> {
  if (result.kind === 'lists') return result.lists;
  const { width } = result;
  const vectors = {
    users: tensor2d(result.users, [result.users.length / width, width]),
    items: tensor2d(result.items, [result.items.length / width, width]),
  };
  try {
    return await evaluator.rank(vectors, users, breathe);
  } finally {
    vectors.users.dispose();
    vectors.items.dispose();
  }
}

export interface Concluded {
  readonly validation: PartScores;
  readonly test: PartScores;
  readonly artifacts: readonly Artifact[];
}

/** Scores a result once on both parts from one ranking of all users, and leaves the files that every run leaves. */
export async function conclude(runFolder: string, evaluator: Evaluator, result: ExternalResult): Promise<Concluded> {
  const lists = await rankResult(evaluator, result, evaluator.everyone());
  const validation = evaluator.score(lists, 'validation');
  const test = evaluator.score(lists, 'test');
  const vectors = result.kind === 'lists' ? {} : { vectors: result };
  return { validation, test, artifacts: await writeResults(runFolder, { lists, ...vectors, validation, test }) };
}
