import type { Agreement, Distributions } from '#contract/dataset.ts';
import { defaultSegments, itemSegmentIds, itemSegmentsOf, userSegmentOf, userSegments, type Segments } from '#contract/segments.ts';
import type { Dataset, Modality, Part } from './dataset.ts';
import { countIds } from './fingerprint.ts';
import { countHistogram } from './histogram.ts';

type Rows = Pick<Dataset, 'users' | 'items' | 'train' | 'validation' | 'test'>;

/** Distributions and the usual segments for the detail page, all from train rows. */
export function distributionsOf(rows: Rows): Distributions {
  const perUser = countIds(rows.train.users, rows.users);
  const perItem = countIds(rows.train.items, rows.items);
  const { order } = itemSegmentsOf(perItem, defaultSegments.items);
  const sizes = segmentSizes(perUser, perItem, defaultSegments);
  const ranks = logRanks(rows.items, 400);
  const timeline = timelineOf(rows);
  return {
    itemsPerUser: spreadOf(perUser),
    usersPerItem: spreadOf(perItem),
    popularity: { ranks, rows: ranks.map((rank) => perItem[order[rank - 1]!]!), ...sizes.head },
    userSegments: sizes.users,
    itemSegments: sizes.items,
    ...(timeline === undefined ? {} : { timeline }),
  };
}

/** How many users and items each segment has, and what the head holds. */
export function segmentSizes(
  perUser: Int32Array,
  perItem: Int32Array,
  { users, items }: Segments,
): {
  readonly users: Distributions['userSegments'];
  readonly items: Distributions['itemSegments'];
  readonly head: Pick<Distributions['popularity'], 'headItems' | 'headShare' | 'tailItems'>;
} {
  const named = userSegments(users);
  const ofUsers = new Array<number>(named.length).fill(0);
  for (const rows of perUser) ofUsers[userSegmentOf(rows, users)]! += 1;
  const { segments, headItems } = itemSegmentsOf(perItem, items);
  const ofItems = itemSegmentIds.map(() => 0);
  let [held, total] = [0, 0];
  segments.forEach((segment, item) => {
    ofItems[segment]! += 1;
    total += perItem[item]!;
    if (segment === 0) held += perItem[item]!;
  });
  const head = items.by === 'rows' ? items.head : total === 0 ? 0 : held / total;
  return {
    users: named.map(({ id, label }, at) => ({ id, label, count: ofUsers[at]! })),
    items: itemSegmentIds.map((id, at) => ({ id, label: id, count: ofItems[at]! })),
    head: { headItems, headShare: head, tailItems: ofItems[1]! },
  };
}

function spreadOf(counts: Int32Array): Distributions['itemsPerUser'] {
  const sorted = counts.slice().sort();
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return {
    histogram: countHistogram(counts, 20),
    min: sorted[0]!,
    median,
    mean: counts.reduce((a, b) => a + b, 0) / counts.length,
    max: sorted[sorted.length - 1]!,
  };
}

/** At most about `points` ranks from 1 to n, evenly spaced on a logarithmic axis, both ends included. */
function logRanks(n: number, points: number): number[] {
  const ranks = new Set<number>();
  for (let p = 0; p < points; p++) ranks.add(Math.round(Math.exp((Math.log(n) * p) / (points - 1))));
  return [...ranks].sort((a, b) => a - b);
}

function timelineOf(rows: Rows): Distributions['timeline'] {
  const parts = [rows.train, rows.validation, rows.test];
  if (parts.some((part) => part.times === undefined)) return undefined;
  let low = Infinity;
  let high = -Infinity;
  for (const part of parts) {
    for (const time of part.times!) {
      if (time < low) low = time;
      if (time > high) high = time;
    }
  }
  if (!(high > low)) return undefined;
  const bins = 48;
  const edges = Array.from({ length: bins + 1 }, (_, b) => low + ((high - low) * b) / bins);
  const count = (part: Part): number[] => {
    const counts = new Array<number>(bins).fill(0);
    for (const time of part.times!) counts[Math.min(bins - 1, Math.floor(((time - low) / (high - low)) * bins))]! += 1;
    return counts;
  };
  return { edges, train: count(rows.train), validation: count(rows.validation), test: count(rows.test) };
}

/** Multiplications spent on one pair of modalities: the sample shrinks with width and number of items. */
const agreementBudget = 4e8;

/**
 * Share of the k nearest items by cosine (self excluded) that two modalities have in common, over an evenly spaced sample of the
 * items with features in both. A number for the detail page, not a statistic of the protocol.
 */
export function agreementOf(first: Modality, second: Modality, k = 10): Agreement {
  const items = first.missing.length;
  const usable: number[] = [];
  for (let i = 0; i < items; i++) if (first.missing[i] === 0 && second.missing[i] === 0) usable.push(i);
  const affordable = Math.max(20, Math.floor(agreementBudget / (items * (first.width + second.width))));
  const step = Math.max(1, Math.ceil(usable.length / affordable));
  const norms = [rowNorms(first), rowNorms(second)] as const;
  let shared = 0;
  let sampled = 0;
  for (let s = 0; s < usable.length; s += step) {
    const item = usable[s]!;
    const own = new Set(nearest(first, norms[0], item, usable, k));
    for (const other of nearest(second, norms[1], item, usable, k)) if (own.has(other)) shared++;
    sampled++;
  }
  const width = Math.min(k, Math.max(usable.length - 1, 1));
  return { first: first.name, second: second.name, k, share: sampled === 0 ? 0 : shared / (sampled * width), sampled };
}

function rowNorms({ values, width, missing }: Modality): Float64Array {
  return Float64Array.from(missing, (_, row) => {
    let squares = 0;
    for (let c = row * width; c < (row + 1) * width; c++) squares += values[c]! * values[c]!;
    return Math.sqrt(squares);
  });
}

function nearest({ values, width }: Modality, norms: Float64Array, item: number, candidates: readonly number[], k: number): number[] {
  const best: { id: number; score: number }[] = [];
  const from = item * width;
  for (const other of candidates) {
    if (other === item) continue;
    const start = other * width;
    let dot = 0;
    for (let c = 0; c < width; c++) dot += values[from + c]! * values[start + c]!;
    const score = dot / norms[other]!;
    if (best.length === k && score <= best[k - 1]!.score) continue;
    let at = best.length;
    while (at > 0 && best[at - 1]!.score < score) at--;
    best.splice(at, 0, { id: other, score });
    if (best.length > k) best.pop();
  }
  return best.map(({ id }) => id);
}
