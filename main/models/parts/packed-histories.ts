/**
 * Histories of different lengths side by side in rows of one length, so that attention works on few full rows and not on many that are
 * mostly padding. A slot looks at the slots of its own history alone, so packing changes no number but the order of sums.
 */

export interface PackedHistories {
  readonly rows: number;
  /** Slots of a row. */
  readonly length: number;
  /** Item of each slot [rows · length], 0 where the slot is spare. */
  readonly items: Int32Array;
  /** Steps back from the latest item of its history: 0 for the latest. */
  readonly positions: Int32Array;
  /** The history a slot belongs to; −1 where it is spare. */
  readonly owners: Int32Array;
  /** Slot of each history's latest item. */
  readonly last: Int32Array;
}

/** Packs histories (the earliest item first, none of them empty), each cut to its last `length` items; rows up to a multiple of `multiple`. */
export function packHistories(histories: readonly Int32Array[], length: number, multiple: number): PackedHistories {
  const cut = histories.map((history) => history.subarray(Math.max(0, history.length - length)));
  const order = Array.from(cut, (_, place) => place).sort((a, b) => cut[b]!.length - cut[a]!.length || a - b);
  /** Rows by the number of slots they have left. */
  const open: number[][] = Array.from({ length: length + 1 }, () => []);
  const starts = new Int32Array(cut.length);
  let rows = 0;
  for (const place of order) {
    const wanted = cut[place]!.length;
    let left = wanted;
    // The fullest row that still has room.
    while (left < length && open[left]!.length === 0) left++;
    const row = open[left]!.pop() ?? rows++;
    starts[place] = row * length + length - left;
    open[left - wanted]!.push(row);
  }
  rows = Math.max(1, Math.ceil(rows / multiple)) * multiple;
  const slots = rows * length;
  const packed = { items: new Int32Array(slots), positions: new Int32Array(slots), owners: new Int32Array(slots).fill(-1) };
  const last = new Int32Array(cut.length);
  cut.forEach((history, place) => {
    const from = starts[place]!;
    packed.items.set(history, from);
    for (let i = 0; i < history.length; i++) packed.positions[from + i] = history.length - 1 - i;
    packed.owners.fill(place, from, from + history.length);
    last[place] = from + history.length - 1;
  });
  return { rows, length, last, ...packed };
}

/**
 * What each slot may look at, [rows · length · length] in the order row, looking slot, seen slot: `kindOf` of the two slots where the seen
 * one is of the same history and not later, `hidden` elsewhere.
 */
export function lookingOf(
  { rows, length, owners }: PackedHistories,
  hidden: number,
  kindOf: (looking: number, seen: number) => number,
): Int32Array {
  const kinds = new Int32Array(rows * length * length).fill(hidden);
  for (let looking = 0; looking < rows * length; looking++) {
    const owner = owners[looking]!;
    if (owner < 0) continue;
    const row = Math.floor(looking / length) * length;
    for (let seen = looking; seen >= row && owners[seen] === owner; seen--) kinds[looking * length + seen - row] = kindOf(looking, seen);
  }
  return kinds;
}
