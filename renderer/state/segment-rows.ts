/** Rows of the Segments tab. Pure. */
import type { Profile } from '#contract/profile.ts';

export interface SegmentCell {
  readonly mean?: number | undefined;
  readonly sd?: number | undefined;
  readonly n: number;
  readonly mark?: 'best' | 'second' | undefined;
  readonly missing?: string | undefined;
}

export interface SegmentRow {
  readonly key: string;
  readonly model: string;
  readonly title: string;
  readonly differences: string;
  readonly runIds: readonly string[];
  /** All users first, then each segment. */
  readonly cells: readonly SegmentCell[];
}

/** Upper ends as typed, rising; or what is wrong with them. */
export function boundsOf(text: string): number[] | string {
  const parts = text.split(',').map((part) => part.trim());
  const bounds = parts.map(Number);
  if (parts.includes('') || bounds.some((bound) => !Number.isInteger(bound) || bound < 0)) return 'Whole numbers with commas between';
  if (bounds.some((bound, at) => at > 0 && bound <= bounds[at - 1]!)) return 'Each larger than the one before';
  return bounds.length > 12 ? 'At most 12' : bounds;
}

export type SegmentKind = 'users' | 'items';

/** Values of a metric by segment; best and second of each column on unrounded means, ties share. */
export function segmentRows(
  profile: Profile,
  dataset: string,
  metric: Profile['metrics'][number],
  kind: SegmentKind = 'users',
): SegmentRow[] {
  const segments = profile.segments[dataset]?.[kind] ?? [];
  const rows = profile.rows.map((row) => {
    const entry = profile.entries.find((candidate) => candidate.row === row.key && candidate.dataset === dataset);
    const own = kind === 'users' ? entry?.userSegments : entry?.itemSegments;
    const note = kind === 'users' ? entry?.note : (entry?.listNote ?? entry?.note);
    const cells: SegmentCell[] = [
      entry?.values[metric.key] ?? { n: 0, missing: entry === undefined ? 'not run' : (entry.note ?? 'not run') },
      ...segments.map(
        (segment, at) =>
          own?.[at]?.[metric.key] ?? {
            n: 0,
            missing: entry === undefined ? 'not run' : (note ?? (segment.n === 0 ? 'no users' : 'not kept')),
          },
      ),
    ];
    return { ...row, runIds: entry?.runIds ?? [], cells };
  });
  for (let column = 0; column <= segments.length; column++) {
    const sign = metric.better === 'higher' ? -1 : 1;
    const means = [...new Set(rows.flatMap((row) => row.cells[column]?.mean ?? []))].sort((a, b) => sign * (a - b));
    // Nothing is best among values that are all the same.
    if (means.length < 2) continue;
    for (const row of rows) {
      const cell = row.cells[column]!;
      const mark = cell.mean === undefined ? undefined : cell.mean === means[0] ? 'best' : cell.mean === means[1] ? 'second' : undefined;
      if (mark !== undefined) row.cells[column] = { ...cell, mark };
    }
  }
  return rows;
}

/** Cells of a row as they are drawn: a reason that holds for all of its segments is said once, across them. */
export function foldedCells({ cells }: Pick<SegmentRow, 'cells'>): readonly { readonly cell: SegmentCell; readonly span: number }[] {
  const [all, first] = cells;
  if (all === undefined) return [];
  const reason = first?.mean === undefined ? first?.missing : undefined;
  const isSame = cells.length > 2 && reason !== undefined && cells.slice(1).every((cell) => cell.missing === reason);
  if (!isSame) return cells.map((cell) => ({ cell, span: 1 }));
  return [
    { cell: all, span: 1 },
    { cell: first!, span: cells.length - 1 },
  ];
}
