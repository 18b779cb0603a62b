import type { AlignmentOptions } from '#models/egra/alignment.ts';

/**
 * EGRA's alignment written a second time, straight from models.md E6–E7, row by row in double: no distinct rows, no shared
 * denominators. `views` are rows of a stacked table; batch row r is (userRows[r], itemRows[r]).
 */
export interface PlainViews {
  readonly behavior: number[][];
  readonly side: number[][];
}

export interface PlainBatch {
  readonly userRows: number[];
  readonly itemRows: number[];
}

export interface PlainWeights {
  readonly users: number[];
  readonly items: number[];
}

export function plainWeights({ behavior, side }: PlainViews, batch: PlainBatch, options: AlignmentOptions): PlainWeights {
  const weigh = (rows: number[]) => {
    const g = rows.map((row) => cosine(behavior[row]!, side[row]!));
    if (options.entityWeight === 'off') return g.map(() => 1);
    const raw = g.map((value) => (options.entityWeight === 'softmax' ? Math.exp(-value / options.weightTemperature) : 1 - value));
    const total = raw.reduce((sum, value) => sum + value, 0);
    return raw.map((value) => (raw.length * value) / total);
  };
  return { users: weigh(batch.userRows), items: weigh(batch.itemRows) };
}

/** The loss for given weights, which carry no gradient. */
export function plainAlignment(views: PlainViews, batch: PlainBatch, options: AlignmentOptions, weights: PlainWeights): number {
  const { behavior: b, side: z } = views;
  const { userRows: u, itemRows: i } = batch;
  // `keys`: the entity of each anchor; repeats of a row's own are no negatives where duplicates are masked.
  const nce = (x: number[][], anchors: number[][], keys: number[]) =>
    x.map((query, row) => {
      const isRepeat = (other: number) => options.duplicates === 'mask' && other !== row && keys[other] === keys[row];
      const scores = anchors.map((anchor, other) => (isRepeat(other) ? -Infinity : cosine(query, anchor) / options.temperature));
      return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[row]!;
    });
  const pick = (table: number[][], rows: number[]) => rows.map((row) => table[row]!);
  const halves = (x: number[], y: number[]) => x.map((value, row) => (value + y[row]!) / 2);
  const direct = { users: nce(pick(z, u), pick(b, u), u), items: nce(pick(z, i), pick(b, i), i) };
  const pairs = u.map((row, r) =>
    b[row]!.map((value, c) => (options.anchorForm === 'pair_sum' ? value + b[i[r]!]![c]! : value * b[i[r]!]![c]!)),
  );
  const userAnchors = options.anchorForm === 'partner' ? pick(b, i) : pairs;
  const itemAnchors = options.anchorForm === 'partner' ? pick(b, u) : pairs;
  const rows = [...u.keys()];
  const [toItems, toUsers] = options.anchorForm === 'partner' ? [i, u] : [rows, rows];
  const anchor = {
    users: halves(nce(pick(z, u), userAnchors, toItems), nce(pick(b, u), userAnchors, toItems)),
    items: halves(nce(pick(z, i), itemAnchors, toUsers), nce(pick(b, i), itemAnchors, toUsers)),
  };
  const both = { users: halves(direct.users, anchor.users), items: halves(direct.items, anchor.items) };
  const chosen = { direct, anchor, both }[options.align];
  return u.reduce((sum, _, r) => sum + weights.users[r]! * chosen.users[r]! + weights.items[r]! * chosen.items[r]!, 0) / u.length;
}

export function cosine(a: number[], b: number[]): number {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, c) => sum + value * y[c]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
