import type { Dataset, Part as SplitPart } from '#data/dataset.ts';
import { userRows } from '#data/user-rows.ts';
import { tensor2d } from '#engine/ops/basic.ts';
import { roundAsReported } from '#training/early-stopping.ts';
import { Evaluator } from '#training/evaluator.ts';
import { meanValues, scoreLists } from '#training/metrics.ts';
import { bounds, compare, fault, same } from './compare.ts';
import type { Part } from './compare.ts';
import { part, plainDataset } from './vectors.ts';
import type { EvaluatedPart, EvaluatorVectors } from './vectors.ts';

/** Runs the evaluator on a recorded score matrix (users are its rows, items unit vectors) and compares lists and metrics. */
export async function checkEvaluator(vectors: EvaluatorVectors): Promise<Part[]> {
  const [users, items] = vectors.scores.shape as [number, number];
  const dataset: Dataset = {
    ...plainDataset('evaluator', users, items),
    train: pairs(vectors.train_mask),
    validation: pairs(vectors.valid.held_out),
    test: pairs(vectors.test.held_out),
  };
  const evaluator = new Evaluator(dataset);
  const representation = {
    users: tensor2d(Float32Array.from(vectors.scores.values), [users, items]),
    items: tensor2d(unitVectors(items), [items, items]),
  };
  try {
    const parts: Part[] = [];
    for (const name of ['valid', 'test'] as const) {
      parts.push(...(await checkPart(name, vectors, { evaluator, representation, dataset })));
    }
    return parts;
  } finally {
    representation.users.dispose();
    representation.items.dispose();
  }
}

async function checkPart(
  name: 'valid' | 'test',
  vectors: EvaluatorVectors,
  { evaluator, representation, dataset }: { evaluator: Evaluator; representation: Parameters<Evaluator['rank']>[0]; dataset: Dataset },
): Promise<Part[]> {
  const expected: EvaluatedPart = vectors[name];
  const held = name === 'valid' ? 'validation' : 'test';
  const evaluated = evaluator.evaluated[held];
  const lists = await evaluator.rank(representation, evaluated, () => Promise.resolve());
  const parts = [same(`${name}.users`, evaluated, expected.users)];
  for (const key of Object.keys(expected).filter((candidate): candidate is `top${number}` => /^top\d+$/.test(candidate))) {
    const { shape, items } = expected[key]!;
    const width = shape[1]!;
    const ours = Array.from(evaluated, (_, row) => Array.from(lists.items.subarray(row * lists.width, row * lists.width + width))).flat();
    parts.push(same(`${name}.${key}`, ours, candidatesOf(items, width, evaluated, vectors.train_mask)));
  }
  const rows = userRows(dataset[held], dataset.users);
  const cutOffs = [...vectors.topk].sort((a, b) => a - b);
  const perUser = scoreLists(lists, rows, cutOffs);
  const means: Record<string, number> = meanValues(perUser);
  // Pooled recall is not one of our metrics, but follows from hits and rows per user.
  const sizes = Array.from(evaluated, (user) => rows.offsets[user + 1]! - rows.offsets[user]!);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  for (const cutOff of cutOffs) {
    const recall = perUser.get(`recall@${cutOff}`)!;
    means[`recall2@${cutOff}`] = sizes.reduce((sum, size, row) => sum + size * recall[row]!, 0) / total;
  }
  parts.push(compareMetrics(`${name}.metrics`, expected.metrics, (key) => means[key]));
  parts.push(
    compareMetrics(`${name}.rounded`, expected.metrics_rounded4, (key) =>
      means[key] === undefined ? undefined : roundAsReported(means[key]),
    ),
  );
  return parts;
}

/** The reference ranks hidden train items too, last and in no order; our lists end where candidates do, with −1. */
function candidatesOf(items: readonly number[], width: number, users: Int32Array, hidden: EvaluatorVectors['train_mask']): number[] {
  const sets = Array.from(users, (user) => new Set(hidden[String(user)] ?? []));
  return items.map((item, place) => (sets[Math.floor(place / width)]?.has(item) === true ? -1 : item));
}

function compareMetrics(name: string, expected: Readonly<Record<string, number>>, ours: (key: string) => number | undefined): Part {
  const missing = Object.keys(expected).filter((key) => ours(key) === undefined);
  if (missing.length > 0) return fault(name, `${missing.join(', ')} not compared`);
  const keys = Object.keys(expected);
  return compare(
    name,
    keys.map((key) => ours(key)!),
    keys.map((key) => expected[key]!),
    bounds.metric,
  );
}

function pairs(byUser: Readonly<Record<string, number[]>>): SplitPart {
  const rows = Object.entries(byUser).flatMap(([user, items]) => items.map((item) => [Number(user), item] as const));
  return part({ users: rows.map(([user]) => user), items: rows.map(([, item]) => item) });
}

function unitVectors(count: number): Float32Array {
  const values = new Float32Array(count * count);
  for (let i = 0; i < count; i++) values[i * count + i] = 1;
  return values;
}
