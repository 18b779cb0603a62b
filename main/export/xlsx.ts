import writeSheets, { type Cell, type Row } from 'write-excel-file/node';
import type { ExportOptions, Table, TableCell } from '#contract/table.ts';
import type { BinaryFormat } from './format.ts';
import { inferredNote, rowCells } from './format.ts';

/** A workbook: the table with numbers as numbers (mean, sd and n in columns of their own), and a sheet of facts. Text is never a formula. */
export const xlsx: BinaryFormat = {
  id: 'xlsx',
  extension: 'xlsx',
  isBinary: true,
  needs: () => [],
  async write(table, options) {
    const values = table.rows.map((_, index) => valueRow(table, index, options));
    const data = [...headerRows(table), ...values, ...(table.gains === undefined ? [] : [gainRow(table)])];
    const file = await writeSheets([
      { data, sheet: 'Table', stickyRowsCount: 2, stickyColumnsCount: 2, columns: [{ width: 20 }, { width: 28 }] },
      { data: factRows(table), sheet: 'Facts', columns: [{ width: 24 }, { width: 110 }] },
    ]).toBuffer();
    return new Uint8Array(file);
  },
};

/** A cell of words, whatever they begin with. */
function words(value: string, style: Partial<Cell & object> = {}): Cell {
  return { value, type: String, ...style };
}

function headerRows(table: Table): Row[] {
  const width = table.metrics.length * 3;
  const groups: Row = ['', ''];
  for (const { name } of table.groups)
    groups.push(words(name, { columnSpan: width, align: 'center', fontWeight: 'bold' }), ...Array<null>(width - 1).fill(null));
  const metrics: Row = [words('Model', { fontWeight: 'bold' }), words('Settings', { fontWeight: 'bold' })];
  for (const _ of table.groups)
    for (const { label } of table.metrics)
      for (const what of [label, 'sd', 'n']) metrics.push(words(what, { fontWeight: 'bold', align: 'right' }));
  return [groups, metrics];
}

function valueRow(table: Table, index: number, options: ExportOptions): Row {
  const entry = table.rows[index]!;
  const cells = rowCells(table, index).flatMap((cell) => valueCells(cell, options));
  return [words(entry.title), words(entry.differences), ...cells];
}

/** All digits are kept; `decimals` are what is shown. */
function valueCells(cell: TableCell, { decimals, best, second }: ExportOptions): Cell[] {
  if (cell.mean === undefined) return [words(cell.missing ?? 'not run', { align: 'right', fontStyle: 'italic' }), null, cell.n];
  const format = `0.${'0'.repeat(decimals)}`;
  const isBest = best && cell.mark === 'best';
  const isSecond = second && cell.mark === 'second';
  return [
    {
      value: cell.mean,
      type: Number,
      format,
      ...(isBest ? { fontWeight: 'bold' as const } : {}),
      ...(isSecond ? { textDecoration: { underline: true as const } } : {}),
    },
    cell.sd === undefined ? null : { value: cell.sd, type: Number, format },
    cell.n,
  ];
}

function gainRow(table: Table): Row {
  const gains = table.gains ?? [];
  return [
    words('Gain'),
    words(table.baseline === undefined ? '' : `of the best row over ${table.baseline}`),
    ...gains.flatMap((gain): Cell[] => [gain === null ? null : { value: gain, type: Number, format: '+0.0%;-0.0%' }, null, null]),
  ];
}

function factRows(table: Table): Row[] {
  const rows: [string, string][] = [
    ['Title', table.title],
    ['Caption', table.caption],
    ['Values', `${table.part}, selection ${table.frozen ? 'frozen' : 'open'}`],
    ...table.groups.map(({ name, split }): [string, string] => [`Split of ${name}`, split]),
    ...table.metrics.map(({ label, definition }): [string, string] => [label, definition]),
    ...table.rows.filter(({ inferred }) => inferred).map(({ title }): [string, string] => [title, inferredNote]),
    ...[...table.comparable.reasons, ...table.comparable.warnings].map((text): [string, string] => ['Not comparable', text]),
    ...table.notes.map((text): [string, string] => ['Note', text]),
  ];
  return rows.map(([name, text]) => [words(name, { fontWeight: 'bold', alignVertical: 'top' }), words(text, { wrap: true })]);
}
