import { distinct, filledUp, sparePlaces } from '#data/batch.ts';
import type { Batch, Filled } from '#data/batch.ts';
import type { Random } from '#data/random.ts';
import { historyOf } from '#data/sequences.ts';
import type { Sequences } from '#data/sequences.ts';
import { packHistories } from '../parts/packed-histories.ts';
import type { PackedHistories } from '../parts/packed-histories.ts';
import type { Shuffled } from './separation.ts';

/** What of a batch goes where in a step: histories into rows, the items that follow them beside each other. */
export interface BatchPlaces {
  readonly packed: PackedHistories;
  /** Distinct items of the step, the targets first, and the place of each slot's item among them. */
  readonly ids: Int32Array;
  readonly slots: Int32Array;
  /** Of each row with a history: slot of its latest item; rows are filled up with weight 0. */
  readonly last: Int32Array;
  readonly weights: Float32Array;
  readonly pairs: { readonly queryOf: Int32Array; readonly keyOf: Int32Array; readonly keyCounts: Float32Array };
  /** Places of the targets among the step's items. */
  readonly targets: Int32Array;
  /** Distinct positives of all rows, their shares of the rows, and π. */
  readonly positives: Filled;
  readonly shares: Float32Array;
  readonly shuffled: Shuffled;
}

export interface PlacesOptions {
  readonly train: Sequences;
  readonly itemCount: number;
  /** Items of a history that are read. */
  readonly length: number;
  /** Draws π. */
  readonly random: Random;
}

/** Each train row of a batch asks for its item after those that its user had before; a user's first item has no history and is not asked for. */
export function placesOf(batch: Batch, { train, itemCount, length, random }: PlacesOptions): BatchPlaces {
  const spare = sparePlaces(batch.users.length);
  const { histories, targets } = instancesOf(batch, train);
  const live = targets.length;
  // A batch of first items alone teaches no order: one row of weight 0 stands in.
  if (live === 0) {
    histories.push(batch.positives.slice(0, 1));
    targets.push(batch.positives[0]!);
  }
  const count = Math.ceil(targets.length / spare) * spare;
  const packed = packHistories(histories, length, spare);
  const wanted = filledUp(distinct(Int32Array.from(targets), itemCount), spare);
  const columns = new Int32Array(targets.length + packed.items.length);
  columns.set(targets);
  columns.set(packed.items, targets.length);
  // Targets are seen first, so they are the first of all items, in the same places.
  const all = filledUp(distinct(columns, itemCount), spare);
  const rows = Int32Array.from({ length: count }, (_, row) => row);
  const positives = filledUp(distinct(batch.positives, itemCount), spare);
  const order = Int32Array.from(batch.positives, (_, row) => row);
  random.shuffle(order);
  return {
    packed,
    ids: all.ids,
    slots: all.indexOf.slice(targets.length),
    last: upTo(packed.last, count),
    weights: Float32Array.from(rows, (row) => (row < live ? 1 / live : 0)),
    pairs: { queryOf: rows, keyOf: upTo(wanted.indexOf, count), keyCounts: wanted.counts },
    targets: Int32Array.from(wanted.ids, (_, place) => (place < wanted.live ? place : 0)),
    positives,
    shares: positives.counts.map((times) => times / batch.positives.length),
    shuffled: { rows: positives.indexOf, partners: order.map((row) => positives.indexOf[row]!) },
  };
}

function instancesOf({ users, positives }: Batch, train: Sequences): { histories: Int32Array[]; targets: number[] } {
  const histories: Int32Array[] = [];
  const targets: number[] = [];
  users.forEach((user, row) => {
    const own = historyOf(train, user);
    const place = own.indexOf(positives[row]!);
    if (place < 1) return;
    histories.push(own.subarray(0, place));
    targets.push(positives[row]!);
  });
  return { histories, targets };
}

/** The values and then zeros, `count` in all. */
function upTo(values: Int32Array, count: number): Int32Array {
  const all = new Int32Array(count);
  all.set(values);
  return all;
}
