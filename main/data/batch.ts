/** One training batch: row r is (users[r], positives[r], negatives[r]). `negatives` is empty for models that use none. */
export interface Batch {
  readonly users: Int32Array;
  readonly positives: Int32Array;
  readonly negatives: Int32Array;
  /** Set on an epoch's last batch: models whose released scorer ranks with what that batch left behind take note. */
  readonly isLast?: boolean;
}

/** Distinct ids of a batch column: `ids` (first-seen order), `indexOf[r]` into ids, `counts[k]` multiplicity as float. */
export interface Distinct {
  readonly ids: Int32Array;
  readonly indexOf: Int32Array;
  readonly counts: Float32Array;
}

/** Distinct ids with spare places after the `live` ones: id 0, count 0, and no row refers to them. */
export interface Filled extends Distinct {
  readonly live: number;
}

/**
 * The same with spare places up to a multiple of `multiple`. Batches of one size then come in few shapes, and what was compiled for
 * a shape fits many of them. How many depends on the batch alone, so a resumed run rounds as one that went through.
 */
export function filledUp({ ids, indexOf, counts }: Distinct, multiple: number): Filled {
  const places = Math.ceil(ids.length / multiple) * multiple;
  const filled = { ids: new Int32Array(places), indexOf, counts: new Float32Array(places), live: ids.length };
  filled.ids.set(ids);
  filled.counts.set(counts);
  return filled;
}

/** Spare places a batch of so many rows may have beside its distinct ids: a 32nd of the rows, so that they cost little. */
export function sparePlaces(rows: number): number {
  return Math.max(1, Math.floor(rows / 32));
}

/** Distinct values of `column`; ids must be below `limit`. Lets losses over batch rows run on unique rows with multiplicities. */
export function distinct(column: Int32Array, limit: number): Distinct {
  const slotOf = new Int32Array(limit).fill(-1);
  const indexOf = new Int32Array(column.length);
  const ids: number[] = [];
  const counts: number[] = [];
  for (let r = 0; r < column.length; r++) {
    const id = column[r]!;
    let slot = slotOf[id]!;
    if (slot < 0) {
      slot = ids.length;
      slotOf[id] = slot;
      ids.push(id);
      counts.push(0);
    }
    counts[slot] = counts[slot]! + 1;
    indexOf[r] = slot;
  }
  return { ids: Int32Array.from(ids), indexOf, counts: Float32Array.from(counts) };
}
