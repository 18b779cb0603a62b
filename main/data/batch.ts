/** One training batch: row r is (users[r], positives[r], negatives[r]). `negatives` is empty for models that use none. */
export interface Batch {
  readonly users: Int32Array;
  readonly positives: Int32Array;
  readonly negatives: Int32Array;
}

/** Distinct ids of a batch column: `ids` (first-seen order), `indexOf[r]` into ids, `counts[k]` multiplicity as float. */
export interface Distinct {
  readonly ids: Int32Array;
  readonly indexOf: Int32Array;
  readonly counts: Float32Array;
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
