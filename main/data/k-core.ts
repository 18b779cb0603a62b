/** Which rows survive, and how the counts fell round by round. */
export interface CoreResult {
  readonly keep: Uint8Array;
  readonly rows: number;
  readonly users: number;
  readonly items: number;
  readonly rounds: number;
}

export interface CoreRule {
  /** Fewest rows of a user; 0 or 1 leaves users alone. */
  readonly users: number;
  readonly items: number;
  /** Rounds at most; 0: until nothing changes. */
  readonly rounds: number;
}

/**
 * k-core: removes users with fewer than `rule.users` and items with fewer than `rule.items` rows, both counted before a round, and
 * repeats. Runs before the split, as the field does, so it sees rows that are held out later.
 */
export function kCore(
  users: Int32Array,
  items: Int32Array,
  sizes: { readonly users: number; readonly items: number },
  rule: CoreRule,
): CoreResult {
  const keep = new Uint8Array(users.length).fill(1);
  const userRows = new Int32Array(sizes.users);
  const itemRows = new Int32Array(sizes.items);
  let left = users.length;
  for (let r = 0; r < users.length; r++) {
    userRows[users[r]!]! += 1;
    itemRows[items[r]!]! += 1;
  }
  let rounds = 0;
  for (let removed = 1; removed > 0 && (rule.rounds === 0 || rounds < rule.rounds);) {
    removed = 0;
    const fewUser = userRows.map((rows) => (rows < rule.users ? 1 : 0));
    const fewItem = itemRows.map((rows) => (rows < rule.items ? 1 : 0));
    for (let r = 0; r < users.length; r++) {
      if (keep[r] === 0 || (fewUser[users[r]!] === 0 && fewItem[items[r]!] === 0)) continue;
      keep[r] = 0;
      removed++;
      userRows[users[r]!]! -= 1;
      itemRows[items[r]!]! -= 1;
    }
    left -= removed;
    if (removed > 0) rounds++;
  }
  return {
    keep,
    rows: left,
    users: userRows.reduce((sum, rows) => sum + (rows > 0 ? 1 : 0), 0),
    items: itemRows.reduce((sum, rows) => sum + (rows > 0 ? 1 : 0), 0),
    rounds,
  };
}
