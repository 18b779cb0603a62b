/**
 * What stands on which line of the runs table: group headers, rows, the seeds below an opened row, reported rows. Lines have one height,
 * so a line's place is its number. Pure.
 */
export type TableLine =
  | { readonly kind: 'group'; readonly group: number }
  | { readonly kind: 'row'; readonly row: number }
  | { readonly kind: 'seed'; readonly row: number; readonly seed: number }
  | { readonly kind: 'reported'; readonly at: number };

export interface TableShape {
  /** Rows of each group in order; undefined where rows are not grouped. */
  readonly groups: readonly { readonly rows: number; readonly isFolded: boolean; readonly reported: readonly number[] }[] | undefined;
  readonly rows: number;
  /** Row → lines below it. */
  readonly opened: ReadonlyMap<number, number>;
  /** Reported rows after all others. */
  readonly reported: readonly number[];
}

interface Block {
  readonly group: number | undefined;
  readonly firstRow: number;
  readonly rows: number;
  readonly opened: readonly (readonly [row: number, below: number])[];
  readonly reported: readonly number[];
  readonly start: number;
  readonly lines: number;
}

export class TableLines {
  readonly #blocks: readonly Block[];
  readonly #entries = new Map<number, { readonly at: number; readonly line: TableLine | undefined }>();
  readonly count: number;

  constructor(shape: TableShape) {
    const opened = [...shape.opened].sort(([a], [b]) => a - b);
    const blocks: Block[] = [];
    let start = 0;
    let firstRow = 0;
    const add = (group: number | undefined, all: number, isFolded: boolean, reported: readonly number[]) => {
      const own = isFolded ? [] : opened.filter(([row]) => row >= firstRow && row < firstRow + all);
      const rows = isFolded ? 0 : all;
      const below = own.reduce((sum, [, lines]) => sum + lines, 0);
      const lines = (group === undefined ? 0 : 1) + rows + below + (isFolded ? 0 : reported.length);
      blocks.push({ group, firstRow, rows, opened: own, reported: isFolded ? [] : reported, start, lines });
      start += lines;
      firstRow += all;
    };
    if (shape.groups === undefined) add(undefined, shape.rows, false, []);
    else for (const [at, group] of shape.groups.entries()) add(at, group.rows, group.isFolded, group.reported);
    firstRow = shape.rows;
    add(undefined, 0, false, shape.reported);
    this.#blocks = blocks;
    this.count = start;
  }

  /** A line with its number: the same object each time, so that scrolling draws anew only what came into sight. */
  entry(at: number): { readonly at: number; readonly line: TableLine | undefined } {
    let entry = this.#entries.get(at);
    if (entry === undefined) this.#entries.set(at, (entry = { at, line: this.at(at) }));
    return entry;
  }

  at(line: number): TableLine | undefined {
    const block = this.#blocks.find(({ start, lines }) => line >= start && line < start + lines);
    if (block === undefined) return undefined;
    let left = line - block.start;
    if (block.group !== undefined && left-- === 0) return { kind: 'group', group: block.group };
    let row = block.firstRow;
    for (const [open, below] of block.opened) {
      const before = open - row + 1;
      if (left < before) return { kind: 'row', row: row + left };
      left -= before;
      if (left < below) return { kind: 'seed', row: open, seed: left };
      left -= below;
      row = open + 1;
    }
    const rest = block.firstRow + block.rows - row;
    if (left < rest) return { kind: 'row', row: row + left };
    return { kind: 'reported', at: block.reported[left - rest]! };
  }
}

/** Lines that intersect the viewport plus `spare` on both sides; `last` is exclusive. */
export function visibleLines(
  scrollTop: number,
  height: number,
  lineHeight: number,
  total: number,
  spare = 5,
): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scrollTop / lineHeight) - spare);
  return { first: Math.min(first, total), last: Math.min(total, Math.ceil((scrollTop + height) / lineHeight) + spare) };
}

/** Columns, given with their widths, that intersect the viewport, with their left edges; `spare` more on both sides. */
export function visibleColumns(
  widths: readonly number[],
  scrollLeft: number,
  width: number,
  spare = 1,
): readonly { readonly at: number; readonly left: number }[] {
  const found: { at: number; left: number }[] = [];
  let left = 0;
  const edges = widths.map((own) => {
    const edge = left;
    left += own;
    return edge;
  });
  let first = edges.findIndex((edge, at) => edge + widths[at]! > scrollLeft);
  if (first < 0) return [];
  first = Math.max(0, first - spare);
  let past = 0;
  for (let at = first; at < widths.length; at++) {
    if (edges[at]! >= scrollLeft + width && past++ >= spare) break;
    found.push({ at, left: edges[at]! });
  }
  return found;
}
