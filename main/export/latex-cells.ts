/** What stands in the cells of a LaTeX table, as its source and as the width it takes. */
import { tableColumns, type ExportOptions, type ReportedTableRow, type Table, type TableCell } from '#contract/table.ts';
import { columnOptions } from '#contract/table-words.ts';
import { bareDecimals, reportedTitle, percent, rowCells, rowTitle, starSign } from './format.ts';
import { latexText } from './latex-text.ts';
import { textWidth } from './latex-width.ts';

/** Rows of papers in a table, with the sources they are numbered by. */
export interface Reported {
  readonly reported: readonly ReportedTableRow[];
  readonly sources: readonly string[];
}

/** What stands before the point in a column: the most digits, and whether a minus. */
export interface Lead {
  readonly digits: number;
  readonly isSigned: boolean;
}

const digitsOf = (number: string): number => number.replace('-', '').split('.')[0]!.length;

export function columnLeads(table: Table, options: ExportOptions, reported: readonly ReportedTableRow[]): readonly Lead[] {
  return columnOptions(table, options).map(({ decimals }, column) => {
    const own = table.rows.flatMap((__, row) => rowCells(table, row)[column]?.mean ?? []);
    const printed = reported.flatMap(({ values }) => values[column] ?? []);
    const numbers = [...own, ...printed].map((value) => value.toFixed(decimals));
    return { digits: Math.max(1, ...numbers.map(digitsOf)), isSigned: numbers.some((number) => number.startsWith('-')) };
  });
}

/** The sign and digits that a number lacks before those of its column: "-0". */
function unseen(number: string, { digits, isSigned }: Lead): string {
  return `${isSigned && !number.startsWith('-') ? '-' : ''}${'0'.repeat(digits - digitsOf(number))}`;
}

/** With a real minus: a hyphen is what LaTeX makes of one in text. */
const printed = (number: string): string => number.replace('-', '\u2212');

/** A number with invisible signs before it, so that the points of its column stand in one line. */
export function padded(number: string, lead: Lead, marked = latexText(printed(number))): string {
  const before = unseen(number, lead);
  return before === '' ? marked : `\\phantom{${latexText(printed(before))}}${marked}`;
}

export function cellSource(cell: TableCell, options: ExportOptions, lead: Lead): string {
  if (cell.mean === undefined) return `{\\footnotesize ${latexText(cell.missing ?? 'not run')}}`;
  const number = cell.mean.toFixed(options.decimals);
  const mean = latexText(printed(number));
  const marked =
    options.best && cell.mark === 'best' ? `\\textbf{${mean}}` : options.second && cell.mark === 'second' ? `\\underline{${mean}}` : mean;
  const sd = options.sd && cell.sd !== undefined ? `{\\scriptsize\\,$\\pm$${bareDecimals(cell.sd, options.decimals)}}` : '';
  const n = options.n ? `{\\scriptsize\\,(${cell.n})}` : '';
  const star = starSign(cell, options);
  const sign = star === '' ? '' : `$^{${star === '*' ? '*' : '\\dagger'}}$`;
  return `${padded(number, lead, marked)}${sd}${n}${sign}`;
}

const thin = 1.3;
const sign = 4;
/** With the space before it. */
const arrow = 7.7;

function cellWidth(cell: TableCell, options: ExportOptions, column: Lead): number {
  if (cell.mean === undefined) return textWidth(cell.missing ?? 'not run', 'footnote');
  const number = cell.mean.toFixed(options.decimals);
  const mean = printed(number);
  const lead = textWidth(printed(unseen(number, column)));
  const sd = options.sd && cell.sd !== undefined ? thin + textWidth(`\u00b1${bareDecimals(cell.sd, options.decimals)}`, 'script') : 0;
  const n = options.n ? thin + textWidth(`(${cell.n})`, 'script') : 0;
  return lead + textWidth(mean, 'small', options.best && cell.mark === 'best') + sd + n + (starSign(cell, options) === '' ? 0 : sign);
}

/** Points of every value column below its group's heading. */
export function columnWidths(table: Table, options: ExportOptions, { reported }: Reported): readonly number[] {
  const leads = columnLeads(table, options, reported);
  const [columns, ofColumn] = [tableColumns(table), columnOptions(table, options)];
  return leads.map((lead, column) => {
    const { short } = columns[column]!.metric;
    const own = ofColumn[column]!;
    const cells = table.rows.map((_, row) => cellWidth(rowCells(table, row)[column]!, own, lead));
    const printed = reported.flatMap(({ values }) => values[column] ?? []).map((value) => textWidth(value.toFixed(own.decimals)));
    const gain = options.gain ? table.gains?.[column] : undefined;
    return Math.max(
      textWidth(short) + (options.arrows ? arrow : 0),
      ...cells,
      ...printed,
      gain === null || gain === undefined ? 0 : textWidth(percent(gain)),
    );
  });
}

/** Points of the column with the names of rows. */
export function titleWidth(table: Table, options: ExportOptions, { reported, sources }: Reported): number {
  const own = table.rows.map((row, at) => textWidth(rowTitle(table, at)) + (options.inferredMarks && row.inferred ? sign : 0));
  return Math.max(textWidth('Model'), ...own, ...reported.map((row) => textWidth(reportedTitle(row, sources))));
}
