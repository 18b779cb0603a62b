import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { rowsCsv, textCsv } from '#renderer/charts/figure-data.ts';

it('the data of a figure read back exactly, names with commas whole and never a formula', () => {
  const text = rowsCsv(
    ['line', 'epoch', 'Validation Recall@20', 'sd'],
    [
      ['EGRA ii_k 5, "all"', 1, 0.1, 0.01],
      ['EGRA ii_k 5, "all"', 2, 1 / 3, 0.02],
      ['=1+1', 1, Number.MIN_VALUE, undefined],
    ],
  );
  const rows = parse(text, { columns: true }) as Record<string, string>[];
  expect(rows.map((row) => [row['line'], Number(row['epoch']), Number(row['Validation Recall@20']), row['sd']])).toEqual([
    ['EGRA ii_k 5, "all"', 1, 0.1, '0.01'],
    ['EGRA ii_k 5, "all"', 2, 1 / 3, '0.02'],
    ["'=1+1", 1, Number.MIN_VALUE, ''],
  ]);
});

it('a chart’s rows of text keep the sign of negative numbers, and words are never run (chart menu: copy, save data)', () => {
  expect(
    textCsv([
      ['x', 'gain'],
      ['=A1', '-0.5'],
      ['-b', '-1e-7'],
      ['', ' '],
    ]),
  ).toBe("x,gain\r\n'=A1,-0.5\r\n'-b,-1e-7\r\n, \r\n");
});
