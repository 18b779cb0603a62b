/** Rows of papers beside a table: attached by fingerprint, never by a dataset's name alone (protocol.md 3.1). */
import type { ReportedRow } from '#contract/runs-table.ts';
import type { ReportedTableRow, Table } from '#contract/table.ts';
import { knownSplit } from './reproduction/known-splits.ts';
import { modelOf } from './reproduction/references.ts';

/** A dataset of the table with the whole hash of its split. */
export interface SplitOfGroup {
  readonly splitHash: string;
}

/**
 * True where a paper's row is about this very split: its `split` is the family that is known for the hash and its dataset the one of that family, or
 * it names the hash itself (eight digits at least).
 */
function isOfSplit(row: Pick<ReportedRow, 'split' | 'dataset'>, splitHash: string): boolean {
  const named = row.split.trim().toLowerCase();
  if (/^[0-9a-f]{8,64}$/.test(named)) return splitHash.startsWith(named);
  const known = knownSplit(splitHash);
  return known !== undefined && known.family === row.split && known.dataset === plain(row.dataset);
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** One row a source, model and note, over all groups; rows without a value of a shown metric are left out. Null throughout beside validation values. */
export function reportedInTable(
  rows: readonly ReportedRow[],
  groups: readonly SplitOfGroup[],
  { metrics, part }: Pick<Table, 'metrics' | 'part'>,
): readonly ReportedTableRow[] {
  const found = new Map<string, ReportedTableRow>();
  const width = groups.length * metrics.length;
  for (const row of rows)
    for (const [group, { splitHash }] of groups.entries()) {
      if (!isOfSplit(row, splitHash) || metrics.every(({ key }) => row.values[key] === undefined)) continue;
      const key = [row.citation, row.model, row.note].join('\n');
      const present = found.get(key);
      const values = [...(present?.values ?? Array.from({ length: width }, () => null))];
      if (part === 'test')
        for (const [at, metric] of metrics.entries()) values[group * metrics.length + at] = row.values[metric.key] ?? null;
      found.set(key, { citation: row.citation, model: modelOf(row.model), title: row.model, note: row.note, values });
    }
  return [...found.values()];
}
