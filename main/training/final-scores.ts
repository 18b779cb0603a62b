import type { Tensor2D } from '@tensorflow/tfjs-core';
import { concat, tidy } from '#engine/ops/basic.ts';
import type { Model, Representation } from '#models/define-model.ts';
import type { RunResults } from './artifacts.ts';
import type { Evaluator } from './evaluator.ts';

/**
 * What a model with its best parameters gives: lists of every user, vectors where scores are their products, and both parts scored. One
 * ranking of all users serves both parts, but for next items: there each part is ranked from its own histories, and the lists and vectors of
 * validation are kept beside those of test. `breathe` hears the share that is done.
 */
export async function finalScores(
  model: Model,
  evaluator: Evaluator,
  isNextItem: boolean,
  breathe: (done: number) => Promise<void>,
): Promise<RunResults> {
  const before = isNextItem ? await rankedForValidation(model, evaluator, (done) => breathe(done / 2)) : undefined;
  const after = (done: number) => breathe(isNextItem ? (1 + done) / 2 : done);
  const vectors = model.scorer === undefined ? model.represent('test') : undefined;
  try {
    const lists = await evaluator.rank(vectors ?? model.scorer!(), evaluator.everyone(), after);
    return {
      lists,
      ...(vectors === undefined ? {} : { vectors: read(vectors) }),
      ...(model.itemShares === undefined ? {} : { itemShares: sideBySide(model.itemShares()) }),
      ...(before === undefined ? {} : { before }),
      validation: evaluator.score(before?.lists ?? lists, 'validation'),
      test: evaluator.score(lists, 'test'),
    };
  } finally {
    vectors?.users.dispose();
    vectors?.items.dispose();
  }
}

async function rankedForValidation(
  model: Model,
  evaluator: Evaluator,
  breathe: (done: number) => Promise<void>,
): Promise<NonNullable<RunResults['before']>> {
  const vectors = model.represent('validation');
  try {
    return { lists: await evaluator.rank(vectors, evaluator.everyone(), breathe), users: new Float32Array(vectors.users.dataSync()) };
  } finally {
    vectors.users.dispose();
    vectors.items.dispose();
  }
}

function read({ users, items }: Representation): NonNullable<RunResults['vectors']> {
  return { users: new Float32Array(users.dataSync()), items: new Float32Array(items.dataSync()), width: items.shape[1] };
}

/** Tables [items, width] as one [items, sources × width]; they are disposed. */
function sideBySide(shares: readonly Tensor2D[]): NonNullable<RunResults['itemShares']> {
  const joined = tidy(() => concat([...shares], 1));
  try {
    return { values: new Float32Array(joined.dataSync()), columns: joined.shape[1] };
  } finally {
    for (const table of [...shares, joined]) table.dispose();
  }
}
