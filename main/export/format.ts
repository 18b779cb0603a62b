import { starOf } from '#contract/significance.ts';
import type { ExportOptions, ReportedTableRow, Table, TableCell } from '#contract/table.ts';
import { rowName } from '#contract/table-words.ts';

/** One export format: a new format is one file that declares this, and a line in formats.ts. */
export type ExportFormat = TextFormat | BinaryFormat;

interface AnyFormat {
  readonly id: ExportOptions['format'];
  readonly extension: string;
  /** Packages a reader of the file needs, e.g. LaTeX packages beyond the kernel. */
  needs(table: Table, options: ExportOptions): readonly string[];
}

/** A format that is shown, copied and written as text (UTF-8). */
export interface TextFormat extends AnyFormat {
  readonly isBinary?: false;
  write(table: Table, options: ExportOptions): string;
}

/** A format that is a file and nothing else. */
export interface BinaryFormat extends AnyFormat {
  readonly isBinary: true;
  write(table: Table, options: ExportOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/** The sentence under a table that has inferred models (look.md, signature 4). */
export const inferredNote =
  'Several formulas of this model are our reading of its paper; see the model card. Not a reproduction of the paper\u2019s tables.';

/** All cells of a row in column order: groups outside, metrics inside. */
export function rowCells(table: Table, row: number): readonly TableCell[] {
  const cells = table.cells[row];
  if (cells === undefined) throw new RangeError(`table has no row ${row}`);
  return cells;
}

/** Title of a row with its differing settings, as plain text. */
export function rowTitle(table: Table, row: number): string {
  const entry = table.rows[row];
  if (entry === undefined) throw new RangeError(`table has no row ${row}`);
  return rowName(entry);
}

/** Signed percentage with one decimal, "+3.7 %"; the minus is the real one. */
export function percent(gain: number): string {
  const sign = gain < 0 ? '\u2212' : '+';
  return `${sign}${Math.abs(gain * 100).toFixed(1)} %`;
}

/** The sign behind a value: "*" better than the baseline, "†" worse; empty where stars are off or nothing was found. */
export function starSign(cell: TableCell, options: ExportOptions): '' | '*' | '\u2020' {
  return options.stars ? starOf(cell.finding?.verdict) : '';
}

/** Rows of papers that an export holds: what they print are test values, so beside validation values they are left out. */
export function reportedRows(table: Table, options: ExportOptions): readonly ReportedTableRow[] {
  return options.reported && table.part === 'test' ? (table.reported ?? []) : [];
}

/** The sources of reported rows in order of first use; a row carries the number of its source, from 1. */
export function citations(rows: readonly ReportedTableRow[]): readonly string[] {
  return [...new Set(rows.map(({ citation }) => citation))];
}

/** "LightGCN [1]", with what the source notes beside it. */
export function reportedTitle(row: ReportedTableRow, sources: readonly string[]): string {
  return `${row.title} [${sources.indexOf(row.citation) + 1}]`;
}

/** What stands under a table with reported rows. */
export function citationNote(sources: readonly string[]): string {
  return `Reported, outside marks, ranks and tests: ${sources.map((source, at) => `[${at + 1}] ${source}`).join('; ')}.`;
}

/** Title of the row that gains are measured against. */
export function baselineTitle(table: Table): string {
  const at = table.rows.findIndex((row) => row.key === table.baseline);
  return at < 0 ? 'the baseline' : rowTitle(table, at);
}

/** A standard deviation without its leading zero, ".0013", beside a mean with the same decimals. */
export function bareDecimals(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/^0\./, '.');
}
