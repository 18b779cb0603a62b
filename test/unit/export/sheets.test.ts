import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { readSheet } from 'read-excel-file/node';
import { describe, expect, it } from 'vitest';
import { sheetCsv } from '#export/sheet-csv.ts';
import { sheetParquet } from '#export/sheet-parquet.ts';
import { sheetXlsx } from '#export/sheet-xlsx.ts';
import type { Sheet, SheetValue } from '#export/sheet.ts';

const moment = Date.UTC(2026, 10, 22, 8, 30, 15);
const hostile = ['=1+1', '+2', '-3', '@sum', '"a", <b> & c\nd', '\u0001\ud800x', 'ß 中文 😀'];
const rows: SheetValue[][] = hostile.map((text, at) => [
  text,
  at === 3 ? undefined : 0.1 + at / 3,
  moment + at * 1000,
  at % 2 === 0 ? at : `t${at}`,
]);
const sheet = (): Sheet => ({
  name: 'Runs',
  columns: [
    { key: '=formula', kind: 'text' },
    { key: 'value', kind: 'number' },
    { key: 'at', kind: 'time' },
    { key: 'mixed', kind: 'any' },
  ],
  // In two portions.
  portions: (async function* () {
    yield await Promise.resolve(rows.slice(0, 3));
    yield rows.slice(3);
  })(),
  facts: [['filter', 'model = "a" & <b>']],
});
const cleaned = (text: string) => text.replaceAll(/[\u0001\ud800](?!\udc00)/g, '\ufffd');

describe('a plain table as a file', () => {
  it('is CSV that another parser reads back, with text that a spreadsheet would run escaped', async () => {
    const [header, ...body] = parse(Buffer.from(await sheetCsv(sheet()))) as string[][];
    expect(header).toEqual(["'=formula", 'value', 'at', 'mixed']);
    expect(body.slice(0, 4).map(([text]) => text)).toEqual(["'=1+1", "'+2", "'-3", "'@sum"]);
    expect(body[4]![0]).toBe(hostile[4]);
    expect(body.map(([, value]) => (value === '' ? undefined : Number(value)))).toEqual(rows.map(([, value]) => value));
    expect(body[0]![2]).toBe('2026-11-22T08:30:15.000Z');
  });

  it('has a row of units below the header where one is asked for, and the header keeps its keys', async () => {
    const asked = sheet();
    const columns = asked.columns.map((column, at) => ({ ...column, unit: ['', 's', 'UTC', ''][at]! }));
    const read = parse(Buffer.from(await sheetCsv({ ...asked, columns }, true))) as string[][];
    expect(read.slice(0, 2)).toEqual([
      ["'=formula", 'value', 'at', 'mixed'],
      ['unit', 's', 'UTC', ''],
    ]);
    expect(read).toHaveLength(2 + hostile.length);
  });

  it('is a workbook that a library opens: words are words, numbers numbers with all digits, moments dates, and facts on a sheet of their own', async () => {
    const file = Buffer.from(await sheetXlsx(sheet()));
    const [header, ...body] = await readSheet(file, 'Runs');
    expect(header).toEqual(['=formula', 'value', 'at', 'mixed']);
    expect(body.map(([text]) => text)).toEqual(hostile.map(cleaned));
    expect(body.map(([, value]) => value ?? undefined)).toEqual(rows.map(([, value]) => value));
    expect(body.map(([, , at]) => Math.round((at as unknown as Date).getTime() / 1000) * 1000)).toEqual(rows.map(([, , at]) => at));
    expect(body.map(([, , , mixed]) => mixed)).toEqual(rows.map(([, , , mixed]) => mixed));
    expect(await readSheet(file, 'Facts')).toEqual([['filter', 'model = "a" & <b>']]);
  });

  it('is Parquet with a type for every column: text where a column holds both, null where there is nothing', async () => {
    const { buffer } = await sheetParquet(sheet());
    const read = await parquetReadObjects({ file: buffer });
    expect(read.map((row) => row['value'] ?? undefined)).toEqual(rows.map(([, value]) => value));
    expect(read[1]).toMatchObject({ '=formula': '+2', at: new Date(moment + 1000), mixed: 't1' });
    expect(read[2]).toMatchObject({ mixed: '2' });
    expect(read[3]).toMatchObject({ value: null });
    expect(parquetMetadata(buffer).key_value_metadata).toContainEqual({ key: 'avocet.filter', value: 'model = "a" & <b>' });
  });
});
