/** Which lines of a long list are on screen. Rows have one height; an opened row is followed by its own lines. Pure. */
export interface RowWindow {
  readonly first: number;
  readonly last: number;
}

/** Lines that intersect the viewport plus `spare` on both sides; `last` is exclusive. */
export function visibleLines(scrollTop: number, height: number, lineHeight: number, total: number, spare = 8): RowWindow {
  const first = Math.max(0, Math.floor(scrollTop / lineHeight) - spare);
  return { first: Math.min(first, total), last: Math.min(total, Math.ceil((scrollTop + height) / lineHeight) + spare) };
}

/** A line of the table: row `row`, or its `child`-th line below. */
export interface Line {
  readonly row: number;
  readonly child?: number;
}

/** Number of lines when the given rows are opened (row → lines below it). */
export function lineCount(rows: number, opened: ReadonlyMap<number, number>): number {
  let lines = rows;
  for (const [row, below] of opened) if (row < rows) lines += below;
  return lines;
}

/** What stands on line `line`. Opened rows are few, so they are walked. */
export function lineAt(line: number, opened: ReadonlyMap<number, number>): Line {
  let passed = 0;
  for (const [row, below] of [...opened].sort(([a], [b]) => a - b)) {
    const at = row + passed;
    if (line <= at) break;
    if (line <= at + below) return { row, child: line - at - 1 };
    passed += below;
  }
  return { row: line - passed };
}
