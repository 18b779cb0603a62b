import writeSheets, { type Cell, type Row } from 'write-excel-file/node';
import { groupTitle, metricsOf, tableColumns, type ExportOptions, type Table, type TableCell } from '#contract/table.ts';
import { columnOptions } from '#contract/table-words.ts';
import type { BinaryFormat } from './format.ts';
import { tableFacts } from './facts.ts';
import { findingColumns } from './findings.ts';
import { baselineTitle, citations, reportedRows, reportedTitle, rowCells, rowTitle, starSign } from './format.ts';

/**
 * A workbook: the table with numbers as numbers (mean, sd and n in columns of their own; a star is part of how its number is shown), a sheet of
 * tests where there are some, and a sheet of facts. Text is never a formula.
 */
export const xlsx: BinaryFormat = {
  id: 'xlsx',
  extension: 'xlsx',
  isBinary: true,
  needs: () => [],
  async write(table, options) {
    const ofColumn = columnOptions(table, options);
    const values = table.rows.map((_, index) => valueRow(table, index, ofColumn));
    const data = [
      ...headerRows(table, options),
      ...values,
      ...paperRows(table, options),
      ...(table.gains === undefined ? [] : [gainRow(table)]),
    ];
    const file = await writeSheets([
      { data, sheet: 'Table', stickyRowsCount: 2, stickyColumnsCount: 2, columns: [{ width: 20 }, { width: 28 }] },
      ...(options.stars && table.stars !== undefined
        ? [{ data: testRows(table), sheet: 'Tests', stickyRowsCount: 1, columns: [{ width: 28 }, { width: 20 }, { width: 14 }] }]
        : []),
      { data: factRows(table, options), sheet: 'Facts', columns: [{ width: 24 }, { width: 110 }] },
    ]).toBuffer();
    return new Uint8Array(file);
  },
};

/** A cell of words, whatever they begin with. */
function words(value: string, style: Partial<Cell & object> = {}): Cell {
  return { value, type: String, ...style };
}

function headerRows(table: Table, { arrows }: ExportOptions): Row[] {
  const groups: Row = ['', ''];
  for (const group of table.groups) {
    const width = metricsOf(table, group).length * 3;
    groups.push(words(groupTitle(group), { columnSpan: width, align: 'center', fontWeight: 'bold' }), ...Array<null>(width - 1).fill(null));
  }
  const metrics: Row = [words('Model', { fontWeight: 'bold' }), words('Settings', { fontWeight: 'bold' })];
  for (const { metric } of tableColumns(table)) {
    const arrow = arrows ? `${metric.better === 'higher' ? '\u2191' : '\u2193'} ` : '';
    for (const what of [`${arrow}${metric.label}`, 'sd', 'n']) metrics.push(words(what, { fontWeight: 'bold', align: 'right' }));
  }
  return [groups, metrics];
}

function valueRow(table: Table, index: number, ofColumn: readonly ExportOptions[]): Row {
  const entry = table.rows[index]!;
  const cells = rowCells(table, index).flatMap((cell, column) => valueCells(cell, ofColumn[column]!));
  return [words(entry.title), words(entry.differences), ...cells];
}

/** All digits are kept; `decimals` are what is shown. */
function valueCells(cell: TableCell, options: ExportOptions): Cell[] {
  const { decimals, best, second } = options;
  if (cell.mean === undefined) return [words(cell.missing ?? 'not run', { align: 'right', fontStyle: 'italic' }), null, cell.n];
  const format = `0.${'0'.repeat(decimals)}`;
  const isBest = best && cell.mark === 'best';
  const isSecond = second && cell.mark === 'second';
  return [
    {
      value: cell.mean,
      type: Number,
      format: `${format}${quoted(starSign(cell, options))}`,
      ...(isBest ? { fontWeight: 'bold' as const } : {}),
      ...(isSecond ? { textDecoration: { underline: true as const } } : {}),
    },
    cell.sd === undefined ? null : { value: cell.sd, type: Number, format },
    cell.n,
  ];
}

/** Words behind a number, as a display format writes them. */
const quoted = (words: string): string => (words === '' ? '' : `"${words}"`);

function paperRows(table: Table, options: ExportOptions): Row[] {
  const rows = reportedRows(table, options);
  const sources = citations(rows);
  const formats = columnOptions(table, options).map(({ decimals }) => `0.${'0'.repeat(decimals)}`);
  const grey = { textColor: '#646b72' };
  return rows.map((row) => [
    words(reportedTitle(row, sources), grey),
    words(row.note, grey),
    ...row.values.flatMap((value, column): Cell[] => [
      value === null ? null : { value, type: Number, format: formats[column]!, ...grey },
      null,
      null,
    ]),
  ]);
}

/** One row for every test: what was compared, and what was found, typed. */
function testRows(table: Table): Row[] {
  const header = ['row', 'dataset', 'metric', ...findingColumns.map(({ name }) => name)].map((name) => words(name, { fontWeight: 'bold' }));
  const columns = tableColumns(table);
  const found = table.rows.flatMap((_, row) =>
    rowCells(table, row).flatMap(({ finding }, at): Row[] => {
      if (finding === undefined) return [];
      const { group, metric } = columns[at]!;
      const values = findingColumns.map(({ of }): Cell => {
        const value = of(finding);
        return value === undefined ? null : typeof value === 'string' ? words(value) : { value, type: Number };
      });
      return [[words(rowTitle(table, row)), words(groupTitle(group)), words(metric.label), ...values]];
    }),
  );
  return [header, ...found];
}

function gainRow(table: Table): Row {
  const gains = table.gains ?? [];
  return [
    words('Gain'),
    words(`of the best other row over ${baselineTitle(table)}`),
    ...gains.flatMap((gain): Cell[] => [gain === null ? null : { value: gain, type: Number, format: '+0.0%;-0.0%' }, null, null]),
  ];
}

function factRows(table: Table, options: ExportOptions): Row[] {
  return tableFacts(table, options).map(([name, text]) => [
    words(name, { fontWeight: 'bold', alignVertical: 'top' }),
    words(text, { wrap: true }),
  ]);
}
