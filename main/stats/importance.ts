/** Which settings a metric depends on: a forest of random regression trees, and how much worse it predicts with one setting shuffled (Breiman 2001). */

export interface Importance {
  /** Mean over repeated shuffles of the rise in squared error, over the variance of the values; about 0 where a setting does not matter. */
  readonly mean: number;
  readonly sd: number;
}

/** Fewer runs than this say nothing about importance. */
export const leastRuns = 10;
const trees = 60;
const repeats = 10;
const leastLeaf = 2;

interface Node {
  readonly value: number;
  readonly feature?: number;
  readonly limit?: number;
  readonly low?: Node;
  readonly high?: Node;
}

/**
 * Importance of each column of `rows` (numbers; categories as any numbers) for `values`, on runs that a tree did not see. `uniform` draws
 * from [0, 1). Undefined for fewer than {@link leastRuns} runs or values that are all the same.
 */
export function permutationImportance(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  uniform: () => number,
): readonly Importance[] | undefined {
  const n = rows.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  // Equal values may have a mean that is not quite theirs.
  if (n < leastRuns || values.every((value) => value === values[0])) return undefined;
  const features = rows[0]!.length;
  const draw = (below: number) => Math.floor(uniform() * below);
  const rises = Array.from({ length: features }, () => new Float64Array(repeats));
  let seen = 0;
  for (let tree = 0; tree < trees; tree++) {
    const bag = Array.from({ length: n }, () => draw(n));
    const inside = new Set(bag);
    const outside = Array.from({ length: n }, (_, run) => run).filter((run) => !inside.has(run));
    if (outside.length === 0) continue;
    const root = grow(rows, values, bag, draw);
    seen += outside.length;
    const error = (shuffled: number, order: readonly number[]) =>
      outside.reduce((sum, run, at) => {
        const row =
          shuffled < 0 ? rows[run]! : rows[run]!.map((value, feature) => (feature === shuffled ? rows[order[at]!]![feature]! : value));
        return sum + (values[run]! - predict(root, row)) ** 2;
      }, 0);
    const plain = error(-1, outside);
    for (let feature = 0; feature < features; feature++)
      for (let repeat = 0; repeat < repeats; repeat++) rises[feature]![repeat]! += error(feature, shuffle(outside, draw)) - plain;
  }
  return rises.map((rise) => {
    const scaled = rise.map((sum) => sum / seen / variance);
    const average = scaled.reduce((sum, value) => sum + value, 0) / repeats;
    return { mean: average, sd: Math.sqrt(scaled.reduce((sum, value) => sum + (value - average) ** 2, 0) / (repeats - 1)) };
  });
}

function grow(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  bag: readonly number[],
  draw: (below: number) => number,
): Node {
  const value = bag.reduce((sum, run) => sum + values[run]!, 0) / bag.length;
  if (bag.length < 2 * leastLeaf) return { value };
  const features = rows[0]!.length;
  // A third of the settings at each split, as for regression forests; at least one.
  const tried = new Set(Array.from({ length: Math.max(1, Math.ceil(features / 3)) + 1 }, () => draw(features)));
  let best: { gain: number; feature: number; limit: number } | undefined;
  for (const feature of tried) {
    const order = [...bag].sort((a, b) => rows[a]![feature]! - rows[b]![feature]!);
    let left = 0;
    const total = value * bag.length;
    for (let at = 1; at < order.length; at++) {
      left += values[order[at - 1]!]!;
      const [below, above] = [rows[order[at - 1]!]![feature]!, rows[order[at]!]![feature]!];
      if (below === above || at < leastLeaf || order.length - at < leastLeaf) continue;
      const gain = left ** 2 / at + (total - left) ** 2 / (order.length - at) - total ** 2 / order.length;
      if (gain > 1e-15 && (best === undefined || gain > best.gain)) best = { gain, feature, limit: (below + above) / 2 };
    }
  }
  if (best === undefined) return { value };
  const { feature, limit } = best;
  const low = bag.filter((run) => rows[run]![feature]! <= limit);
  const high = bag.filter((run) => rows[run]![feature]! > limit);
  return { value, feature, limit, low: grow(rows, values, low, draw), high: grow(rows, values, high, draw) };
}

function predict(root: Node, row: readonly number[]): number {
  let node = root;
  while (node.feature !== undefined) node = row[node.feature]! <= node.limit! ? node.low! : node.high!;
  return node.value;
}

function shuffle(items: readonly number[], draw: (below: number) => number): number[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at--) {
    const other = draw(at + 1);
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}
