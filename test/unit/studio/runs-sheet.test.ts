import { parse } from 'csv-parse/sync';
import { strFromU8, unzipSync } from 'fflate';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, test } from 'vitest';
import { sheetCsv } from '#export/sheet-csv.ts';
import { sheetParquet } from '#export/sheet-parquet.ts';
import { sheetXlsx } from '#export/sheet-xlsx.ts';
import type { Sheet, SheetValue } from '#export/sheet.ts';
import type { Store } from '#store/store.ts';
import { runsSheet } from '#studio/runs-table/sheet.ts';
import { addExperiment, addRun, query } from '../store/fixture.ts';
import { storeForAll } from '../store/opened-store.ts';

// An export runs the query, not the rows a screen has loaded.
const runs = 10_000;
const columns = [
  'n_layers',
  'reg_weight',
  'note',
  'val.recall@20',
  'createdAt',
  'experimentName',
  ...Array.from({ length: 204 }, (_, at) => `=seed * 1000 + ${at}`),
];
/** With the five columns that name a run, and the source of values from papers. */
const width = columns.length + 6;
const patience = { timeout: 600_000 };

let store: Store;
let made: Sheet;
let portions: (readonly (readonly SheetValue[])[])[];
storeForAll((opened) => (store = opened));
beforeAll(async () => {
  store.transaction(() => {
    addExperiment(store, 'exp-a', 'Many, "quoted"');
    for (let seed = 0; seed < runs; seed++) addRun(store, { id: `run-${seed}`, seed, hyper: { n_layers: seed % 7, reg_weight: 1e-4 } });
  });
  made = runsSheet(store, { ...query({ collapse: false, limit: 100 }), columns }, 0);
  portions = [];
  for await (const rows of made.portions) portions.push(rows);
}, 600_000);

/** Read from the store once, written in every form. */
const sheet = (): Sheet => ({
  ...made,
  portions: (async function* () {
    for (const rows of portions) yield await Promise.resolve(rows);
  })(),
});

describe('G14: an export of 10,000 runs and 210 columns holds every run once and every column, whatever a screen would load', () => {
  test('as CSV', patience, async () => {
    expect(columns).toHaveLength(210);
    const records = parse(Buffer.from(await sheetCsv(sheet()))) as string[][];
    expect(records).toHaveLength(runs + 1);
    const [header, ...body] = records;
    expect(header!.slice(-205)[3]).toBe("'=seed * 1000 + 3");
    expect(new Set(body.map(([id]) => id)).size).toBe(runs);
    const seedAt = header!.indexOf('seed');
    for (const record of body) {
      expect(record.length).toBe(width);
      if (Number(record[width - 2]) !== Number(record[seedAt]) * 1000 + 203) throw new Error(`row of ${record[0]} is not its own`);
    }
  });

  test('as a workbook', patience, async () => {
    const text = strFromU8(unzipSync(await sheetXlsx(sheet()))['xl/worksheets/sheet1.xml']!);
    const rows = text.split('<row r=').slice(1);
    expect(rows).toHaveLength(runs + 1);
    // 5 columns name a run, 210 were asked for: HG is the last of them.
    expect(rows[0]!.includes('r="HG1" t="inlineStr" s="1"><is><t xml:space="preserve">=seed * 1000 + 203<')).toBe(true);
    const ids = new Set<string>();
    for (const row of rows.slice(1)) {
      const number = (column: string) => Number(new RegExp(`<c r="${column}\\d+"><v>(.*?)</v>`).exec(row)?.[1]);
      ids.add(/<t [^>]*>(.*?)<\/t>/.exec(row)![1]!);
      if (number('HG') !== number('D') * 1000 + 203) throw new Error(`${row.slice(0, 80)} is not its own`);
    }
    expect(ids.size).toBe(runs);
  });

  test('as Parquet', patience, async () => {
    const { buffer } = await sheetParquet(sheet());
    const { num_rows, schema, key_value_metadata: facts } = parquetMetadata(buffer);
    const fact = (name: string) => facts!.find(({ key }) => key === `avocet.${name}`)!.value!;
    expect(Object.values(JSON.parse(fact('fingerprints')) as Record<string, string[]>).map(({ length }) => length)).toEqual([1]);
    expect(fact('protocols')).toBe('validation');
    expect([Number(num_rows), schema.length - 1]).toEqual([runs, width]);
    const last = '=seed * 1000 + 203';
    const rows = await parquetReadObjects({ file: buffer, columns: ['id', 'seed', last] });
    expect(new Set(rows.map((row) => row['id'] as string)).size).toBe(runs);
    expect(rows.every((row) => row[last] === (row['seed'] as number) * 1000 + 203)).toBe(true);
  });
});
