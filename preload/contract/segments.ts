import * as v from 'valibot';

/**
 * Segments of users and items (protocol.md section 5): defined once, kept with the version of the dataset, computed from train rows only.
 * Every table, chart and export that speaks of a segment reads them here.
 */

const bound = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000));
const isRising = (bounds: number[]) => bounds.every((value, at) => at === 0 || value > bounds[at - 1]!);

/** Upper ends of user segments by train rows; the last segment is open. */
const boundsSchema = v.pipe(v.array(bound), v.minLength(1), v.maxLength(12), v.check(isRising, 'each bound larger than the one before'));

/** Head: the most popular items that together hold this share of train rows; tail: the others with a train row; cold: no train row. */
const headShareSchema = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));
/** Tail: this share of the items with a train row, the least popular ones. */
const tailItemsSchema = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));

/** Those of every dataset for which nobody chose others. */
export const defaultSegments = { users: [0, 5, 10, 20, 50], items: { by: 'rows' as const, head: 0.8 } };

export const segmentsSchema = v.object({
  users: v.optional(boundsSchema, defaultSegments.users),
  items: v.optional(
    v.variant('by', [
      v.object({ by: v.literal('rows'), head: headShareSchema }),
      v.object({ by: v.literal('items'), tail: tailItemsSchema }),
    ]),
    defaultSegments.items,
  ),
});
export type Segments = v.InferOutput<typeof segmentsSchema>;

export const itemSegmentIds = ['head', 'tail', 'cold'] as const;
export type ItemSegmentId = (typeof itemSegmentIds)[number];

/** Index of the segment a user with this many train rows belongs to. */
export function userSegmentOf(rows: number, bounds: readonly number[]): number {
  const found = bounds.findIndex((upper) => rows <= upper);
  return found < 0 ? bounds.length : found;
}

export interface UserSegment {
  /** "cold", "sparse", "6-10", "over-50". */
  readonly id: string;
  /** "cold, 0", "sparse, 1 to 5", "6 to 10", "more than 50": train rows of its users. */
  readonly label: string;
  readonly from: number;
  /** Absent: open. */
  readonly to?: number;
}

/** The segments of users that bounds make. */
export function userSegments(bounds: readonly number[]): UserSegment[] {
  return userRanges(bounds).map(({ from, to }, at) => {
    if (to === undefined) return { id: `over-${from - 1}`, label: `more than ${from - 1}`, from };
    const range = from === to ? String(to) : `${from} to ${to}`;
    const isCold = at === 0 && to === 0;
    const isSparse = at === 1 && bounds[0] === 0;
    return {
      id: isCold ? 'cold' : isSparse ? 'sparse' : `${from}-${to}`,
      label: isCold ? 'cold, 0' : isSparse ? `sparse, ${range}` : range,
      from,
      to,
    };
  });
}

/** First and last number of train rows of each segment; the last one is open. */
function userRanges(bounds: readonly number[]): { readonly from: number; readonly to?: number }[] {
  return Array.from({ length: bounds.length + 1 }, (_, at) => {
    const from = at === 0 ? 0 : bounds[at - 1]! + 1;
    const to = bounds[at];
    return to === undefined ? { from } : { from, to };
  });
}

/**
 * Segment of each item from its train rows, as {@link itemSegmentIds} numbers them; ties of popularity by lower id. `order` lists items
 * by popularity.
 */
export function itemSegmentsOf(
  trainRows: ArrayLike<number>,
  rule: Segments['items'],
): { readonly segments: Uint8Array; readonly headItems: number; readonly order: Int32Array } {
  const order = Int32Array.from({ length: trainRows.length }, (_, id) => id).sort((a, b) => trainRows[b]! - trainRows[a]! || a - b);
  const [head, tail, cold] = [0, 1, 2];
  const segments = new Uint8Array(trainRows.length).fill(tail!);
  let total = 0;
  let warm = 0;
  for (let item = 0; item < trainRows.length; item++) {
    total += trainRows[item]!;
    if (trainRows[item]! > 0) warm++;
  }
  const headLimit = rule.by === 'items' ? warm - Math.round(warm * rule.tail) : Infinity;
  const rowLimit = rule.by === 'rows' ? rule.head * total : Infinity;
  let held = 0;
  let headItems = 0;
  for (const item of order) {
    if (trainRows[item] === 0) segments[item] = cold!;
    else if (held < rowLimit && headItems < headLimit) {
      segments[item] = head!;
      headItems++;
    }
    held += trainRows[item]!;
  }
  return { segments, headItems, order };
}

/** What the items of each segment are, in words. */
export function itemSegmentWords(rule: Segments['items']): Readonly<Record<ItemSegmentId, string>> {
  const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;
  return rule.by === 'rows'
    ? {
        head: `The most popular items that together hold ${percent(rule.head)} of train rows.`,
        tail: `Items with a train row that are not in the head: together the last ${percent(1 - rule.head)} of train rows.`,
        cold: 'Items without a train row.',
      }
    : {
        head: `Items with a train row that are not in the tail.`,
        tail: `The least popular ${percent(rule.tail)} of the items with a train row.`,
        cold: 'Items without a train row.',
      };
}
