import type { Agreement, Distributions } from '#contract/dataset.ts';
import type { Dataset, Modality, Part } from './dataset.ts';
import { countIds } from './fingerprint.ts';
import { countHistogram } from './histogram.ts';

/** Share of train rows that the head holds; the rest of the items are the tail (protocol.md section 5). */
export const headShare = 0.8;

/** Upper bounds of the user segments by train rows; editable in later versions, saved with the dataset. */
const userBounds = [
  { id: 'cold', label: 'cold', from: 0, to: 0 },
  { id: 'sparse', label: '5 and fewer', from: 1, to: 5 },
  { id: '6-10', label: '6–10', from: 6, to: 10 },
  { id: '11-20', label: '11–20', from: 11, to: 20 },
  { id: '21-50', label: '21–50', from: 21, to: 50 },
  { id: 'over-50', label: 'more than 50', from: 51, to: Infinity },
] as const;

/** Id of the segment of a user with so many train rows. */
export function userSegment(trainRows: number): string {
  return userBounds.find(({ from, to }) => trainRows >= from && trainRows <= to)!.id;
}

export type ItemSegment = 'head' | 'tail' | 'cold';

/** Segment of each item from its train rows: the most popular items that hold 80 % of the rows are the head; ties by lower id. */
export function itemSegments(trainRows: Int32Array): { segments: ItemSegment[]; headItems: number; order: Int32Array } {
  const order = Int32Array.from({ length: trainRows.length }, (_, id) => id).sort((a, b) => trainRows[b]! - trainRows[a]! || a - b);
  let total = 0;
  for (const rows of trainRows) total += rows;
  const segments = new Array<ItemSegment>(trainRows.length).fill('tail');
  let held = 0;
  let headItems = 0;
  for (const item of order) {
    if (trainRows[item] === 0) segments[item] = 'cold';
    else if (held < headShare * total) {
      segments[item] = 'head';
      headItems++;
    }
    held += trainRows[item]!;
  }
  return { segments, headItems, order };
}

type Rows = Pick<Dataset, 'users' | 'items' | 'train' | 'validation' | 'test'>;

/** Distributions and segments for the detail page, all from train rows. */
export function distributionsOf(rows: Rows): Distributions {
  const perUser = countIds(rows.train.users, rows.users);
  const perItem = countIds(rows.train.items, rows.items);
  const { segments, headItems, order } = itemSegments(perItem);
  const ranks = logRanks(rows.items, 400);
  const counts = { head: 0, tail: 0, cold: 0 };
  for (const segment of segments) counts[segment]++;
  const timeline = timelineOf(rows);
  return {
    itemsPerUser: spreadOf(perUser),
    usersPerItem: spreadOf(perItem),
    popularity: { ranks, rows: ranks.map((rank) => perItem[order[rank - 1]!]!), headItems, headShare, tailItems: counts.tail },
    userSegments: userBounds.map(({ id, label, from, to }) => ({
      id,
      label,
      count: perUser.reduce((sum, n) => sum + (n >= from && n <= to ? 1 : 0), 0),
    })),
    itemSegments: [
      { id: 'head', label: 'head', count: counts.head },
      { id: 'tail', label: 'tail', count: counts.tail },
      { id: 'cold', label: 'cold', count: counts.cold },
    ],
    ...(timeline === undefined ? {} : { timeline }),
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
