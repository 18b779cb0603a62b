import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { DelimitedParser } from '#data/formats/delimited.ts';
import { detectFormat } from '#data/formats/table-format.ts';
import { parsePythonLiteral } from '#data/formats/python-literal.ts';
import { parseTime } from '#data/formats/times.ts';
import { mapColumns } from '#data/log-columns.ts';
import { detectTable, readTable } from '#data/table-reader.ts';
import { folderWith } from '#test/fixtures/dataset-files.ts';

function rowsOf(text: string, delimiter = ',', cuts: readonly number[] = []): { fields: string[]; line: number }[] {
  const rows: { fields: string[]; line: number }[] = [];
  const parser = new DelimitedParser({ delimiter, quote: true, file: 'x.csv' }, (fields, line) => rows.push({ fields, line }));
  let at = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if (cut <= at || cut >= text.length) continue;
    parser.push(text.slice(at, cut));
    at = cut;
  }
  parser.push(text.slice(at));
  parser.finish();
  return rows;
}

const detect = (text: string, file = 'x.csv') => detectFormat(new TextEncoder().encode(text), true, file);

describe('delimited text', () => {
  it('looks for a quote once for all rows before it, not from each row to the end of a chunk', () => {
    const searches = vi.spyOn(String.prototype, 'indexOf');
    try {
      const rows = (from: number) => Array.from({ length: 500 }, (_, n) => `u${from + n},i${n}\n`).join('');
      expect(rowsOf(`${rows(0)}"q,1",i\n${rows(500)}`)).toHaveLength(1001);
      // Before the quoted row, its end, and behind it; once more where nothing is left.
      expect(searches.mock.calls.filter(([wanted]) => wanted === '"').length).toBeLessThan(6);
    } finally {
      searches.mockRestore();
    }
  });

  it('keeps quoted delimiters, quotes and line breaks, and the line a row starts on', () => {
    expect(rowsOf('a,"b,""c""\nd"\r\n\r\n"e",f')).toEqual([
      { fields: ['a', 'b,"c"\nd'], line: 1 },
      { fields: ['e', 'f'], line: 4 },
    ]);
  });

  it.each([
    ['a,"b\nc,d\n', /never closed/],
    ['a,"b"c,d\n', /follows the closing/],
  ])('refuses %j', (text, message) => {
    expect(() => rowsOf(text)).toThrow(message);
  });

  it('reads any table back, wherever the chunks are cut', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '7', ',', '"', '\n', '\r\n', ' ', 'é', ':', '\t', ';'), maxLength: 6 });
    const tables = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(',', '\t', ';', '|', '::')).chain(([width, delimiter]) =>
      fc.record({
        delimiter: fc.constant(delimiter),
        rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      }),
    );
    fc.assert(
      fc.property(tables, fc.array(fc.nat(200), { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), ({ delimiter, rows }, cuts, newline) => {
        const text = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(delimiter)).join(newline) + newline;
        expect(rowsOf(text, delimiter, cuts).map(({ fields }) => fields)).toEqual(rows);
      }),
      { numRuns: 500 },
    );
  });

  it('only ever reads or names a problem', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' '), maxLength: 60 }),
        fc.array(fc.nat(60), { maxLength: 4 }),
        (text, cuts) => {
          try {
            rowsOf(text, ',', cuts);
          } catch (error) {
            expect(error).toBeInstanceOf(ProblemError);
            expect((error as ProblemError).problem.code).toMatch(/^table\./);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('format detection', () => {
  it.each([
    ['user,item,rating\n1,2,3\n4,5,6\n', { delimiter: ',', header: true }],
    ['1\t2\t3\n4\t5\t6\n', { delimiter: '\t', header: false }],
    ['1::2::3::978300760\n1::661::3::978302109\n', { delimiter: '::', header: false }],
    ['a;b\n1;2\n3;4\n', { delimiter: ';', header: true }],
    ['a|b|c\n1|2|3\n', { delimiter: '|', header: true }],
    ['"user","title"\n"1","a, b"\n"2","c, d, e"\n', { delimiter: ',', header: true, quote: true }],
    ['{"user": 1, "item": 2}\n{"user": 3, "item": 4}\n', { kind: 'json-lines' }],
    ['\uFEFFuser,item\n1,2\n', { delimiter: ',', header: true, encoding: 'utf-8' }],
  ])('%j', (text, expected) => {
    expect(detect(text)).toMatchObject(expected);
  });

  it('sees gzip and Latin-1', () => {
    expect(detectFormat(gzipSync('user,item\n1,2\n'), true, 'x.csv.gz')).toMatchObject({ gzip: true, delimiter: ',', header: true });
    expect(detectFormat(Uint8Array.from([...Buffer.from('user,item\n1,caf'), 0xe9, 10]), true, 'x.csv')).toMatchObject({
      encoding: 'latin-1',
    });
  });

  it.each([
    ['', 'table.empty'],
    ['one column\nonly\n', 'table.no-delimiter'],
    ['a\0b', 'table.binary'],
  ])('names the problem of %j', (text, code) => {
    expect(() => detect(text)).toThrow(ProblemError);
    try {
      detect(text);
    } catch (error) {
      expect((error as ProblemError).problem.code).toBe(code);
    }
  });

  it.each([
    [
      ['reviewerID', 'asin', 'overall', 'unixReviewTime'],
      'x.json',
      'amazon-2014',
      { user: 'reviewerID', item: 'asin', rating: 'overall', timestamp: 'unixReviewTime' },
    ],
    [
      ['user_id', 'parent_asin', 'rating', 'timestamp'],
      'x.csv',
      'amazon',
      { user: 'user_id', item: 'parent_asin', rating: 'rating', timestamp: 'timestamp' },
    ],
    [['userId', 'movieId', 'rating', 'timestamp'], 'ratings.csv', 'movielens', { user: 'userId', item: 'movieId' }],
    [['column 1', 'column 2', 'column 3', 'column 4'], 'u.data', 'movielens-100k', { user: 'column 1', timestamp: 'column 4' }],
    [['column 1', 'column 2', 'column 3', 'column 4'], 'ratings.dat', 'movielens', { item: 'column 2' }],
    [
      ['user_id:token', 'item_id:token', 'rating:float'],
      'x.inter',
      'recbole',
      { user: 'user_id:token', item: 'item_id:token', rating: 'rating:float' },
    ],
    [['column 1', 'column 2', 'column 3'], 'x.tsv', 'elliot', { user: 'column 1', item: 'column 2', rating: 'column 3' }],
    [['when', 'UserKey', 'item_code', 'date'], 'x.csv', undefined, { user: 'UserKey', item: 'item_code', timestamp: 'date' }],
    [
      ['Order No.', 'Customer Nr', 'Article', 'Stars', 'Purchased at'],
      'x.csv',
      undefined,
      { user: 'Customer Nr', item: 'Article', rating: 'Stars', timestamp: 'Purchased at' },
    ],
    [['visitorId', 'product', 'unix_ts'], 'x.tsv', undefined, { user: 'visitorId', item: 'product', timestamp: 'unix_ts' }],
    [['用户', '商品', '评分', '时间'], 'x.csv', undefined, { user: '用户', item: '商品', rating: '评分', timestamp: '时间' }],
    // What no name tells is never the column that a name has told.
    [['item_id', 'who', 'date'], 'x.csv', undefined, { user: 'who', item: 'item_id', timestamp: 'date' }],
    [['rating', 'who', 'what'], 'x.csv', undefined, { user: 'who', item: 'what', rating: 'rating' }],
  ])('maps %j of %s as %s', (columns, file, preset, mapping) => {
    const found = mapColumns(columns, file);
    expect(found.preset).toBe(preset);
    expect(found.mapping).toMatchObject(mapping);
  });
});

describe('tables on disk', () => {
  it('reads gzip as it reads the plain file', async () => {
    const text = `user,item\n${Array.from({ length: 5000 }, (_, r) => `${r},${r % 7}\n`).join('')}`;
    const folder = await folderWith({ 'a.csv': text, 'a.csv.gz': gzipSync(text) });
    const read = async (name: string): Promise<string[]> => {
      const rows: string[] = [];
      const path = join(folder, name);
      await readTable(path, await detectTable(path), {
        names: () => undefined,
        row: (fields) => rows.push(fields.join()),
        badRow: () => undefined,
      });
      return rows;
    };
    const plain = await read('a.csv');
    expect(plain).toHaveLength(5000);
    expect(await read('a.csv.gz')).toEqual(plain);
  });

  it('names a gzip file that is cut off, and the line that is not UTF-8', async () => {
    const folder = await folderWith({
      'cut.csv.gz': gzipSync(Buffer.from(Array.from({ length: 9000 }, (_, r) => `${r},${(r * 7919) % 10007}\n`).join(''))).subarray(
        0,
        9000,
      ),
      'latin.csv': Uint8Array.from([...Buffer.from('user,item\n1,2\n3,caf'), 0xe9, 10]),
    });
    const sink = { names: () => undefined, row: () => undefined, badRow: () => undefined };
    await expect(
      readTable(
        join(folder, 'cut.csv.gz'),
        { kind: 'delimited', delimiter: ',', header: false, quote: true, encoding: 'utf-8', gzip: true },
        sink,
      ),
    ).rejects.toMatchObject({ problem: { code: 'table.gzip' } });
    await expect(
      readTable(
        join(folder, 'latin.csv'),
        { kind: 'delimited', delimiter: ',', header: true, quote: true, encoding: 'utf-8', gzip: false },
        sink,
      ),
    ).rejects.toMatchObject({
      problem: { code: 'table.encoding', where: 'latin.csv:3' },
    });
  });
});

describe('small languages', () => {
  it('reads Python literals and nothing else', () => {
    expect(parsePythonLiteral("{'a': [1, -2.5, (3,), ()], 'b': True, 'c': None, 'd': u'\\u00e9\\'', 'e': 7050L}")).toEqual(
      new Map<string, unknown>([
        ['a', [1, -2.5, [3], []]],
        ['b', true],
        ['c', null],
        ['d', "é'"],
        ['e', 7050],
      ]),
    );
    for (const text of ['__import__("os")', '[1', "{'a': 1, 'a': 2}", '1 2', "'open", '['.repeat(100), '{1: 2}'])
      expect(() => parsePythonLiteral(text)).toThrow();
  });

  it('reads times in seconds, milliseconds, microseconds and ISO 8601 as UTC', () => {
    expect(parseTime('1400000000')).toBe(1_400_000_000_000);
    expect(parseTime('1400000000123')).toBe(1_400_000_000_123);
    expect(parseTime('1400000000123456')).toBe(1_400_000_000_123.456);
    expect(parseTime('2014-05-13')).toBe(Date.UTC(2014, 4, 13));
    expect(parseTime('2014-05-13 16:53:20')).toBe(1_400_000_000_000);
    expect(parseTime('2014-05-13T18:53:20+02:00')).toBe(1_400_000_000_000);
    expect(parseTime('yesterday')).toBeNaN();
  });

  it('reads dates whose day and month cannot be taken for each other, and no others', () => {
    expect(parseTime('2014/5/13')).toBe(Date.UTC(2014, 4, 13));
    expect(parseTime('13.5.2014')).toBe(Date.UTC(2014, 4, 13));
    expect(parseTime('13.05.2014 16:53:20')).toBe(1_400_000_000_000);
    expect(parseTime('2014/05/13 16:53:20')).toBe(1_400_000_000_000);
    for (const text of ['05/13/2014', '13/05/2014', '13.05.14', '13.13.2014', '1.2.20145']) expect(parseTime(text)).toBeNaN();
  });
});
