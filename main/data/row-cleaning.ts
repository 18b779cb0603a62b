import type { LogRows } from './log-reader.ts';
import type { Rows } from './split.ts';

/** Rows of a log that are still in, by their number in the log, in file order; `labels` run along `rows`. */
export interface KeptRows {
  readonly rows: Int32Array;
  readonly labels: Uint8Array | undefined;
}

/** Keeps the rows that `isKept`, called in order with the row's number in the log. */
export function selectRows(kept: KeptRows, isKept: (row: number, position: number) => boolean): KeptRows {
  const positions: number[] = [];
  kept.rows.forEach((row, position) => {
    if (isKept(row, position)) positions.push(position);
  });
  return {
    rows: Int32Array.from(positions, (position) => kept.rows[position]!),
    labels: kept.labels === undefined ? undefined : Uint8Array.from(positions, (position) => kept.labels![position]!),
  };
}

/**
 * Merges repeated (user, item) pairs: the earliest row stays (the first, where there are no times or they tie). `conflicts` are
 * rows whose pair carries another label elsewhere.
 */
export function settleRepeats(log: LogRows, kept: KeptRows): { result: KeptRows; conflicts: number[] } {
  const winner = new Map<number, number>();
  const conflicts: number[] = [];
  kept.rows.forEach((row, position) => {
    const key = log.users[row]! * log.itemIds.length + log.items[row]!;
    const other = winner.get(key);
    if (other === undefined) {
      winner.set(key, position);
      return;
    }
    if (kept.labels !== undefined && kept.labels[other] !== kept.labels[position]) conflicts.push(row);
    if (log.times !== undefined && log.times[row]! < log.times[kept.rows[other]!]!) winner.set(key, position);
  });
  const winners = new Set(winner.values());
  return { result: selectRows(kept, (_, position) => winners.has(position)), conflicts };
}

/** The kept rows with dense ids in order of first appearance. */
export function renumberByAppearance(
  log: LogRows,
  kept: KeptRows,
): { rows: Rows; labels: Uint8Array | undefined; userIds: string[]; itemIds: string[] } {
  const side = (column: Int32Array, names: readonly string[]): { dense: Int32Array; ids: string[] } => {
    const number = new Int32Array(names.length).fill(-1);
    const ids: string[] = [];
    const dense = Int32Array.from(kept.rows, (row) => {
      const id = column[row]!;
      if (number[id] === -1) {
        number[id] = ids.length;
        ids.push(names[id]!);
      }
      return number[id]!;
    });
    return { dense, ids };
  };
  const users = side(log.users, log.userIds);
  const items = side(log.items, log.itemIds);
  const times = log.times === undefined ? {} : { times: Float64Array.from(kept.rows, (row) => log.times![row]!) };
  return { rows: { users: users.dense, items: items.dense, ...times }, labels: kept.labels, userIds: users.ids, itemIds: items.ids };
}
