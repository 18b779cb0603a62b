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
