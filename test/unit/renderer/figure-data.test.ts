import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { lineCsv } from '#renderer/charts/figure-data.ts';

it('the data of a figure read back exactly, names with commas whole and never a formula', () => {
  const lines = [
    { id: 'a', label: 'EGRA ii_k 5, "all"', points: { x: [1, 2], y: [0.1, 1 / 3] }, spread: [0.01, 0.02] },
    { id: 'b', label: '=1+1', points: { x: [1], y: [Number.MIN_VALUE] } },
  ];
  const rows = parse(lineCsv(lines, 'epoch', 'Validation Recall@20'), { columns: true }) as Record<string, string>[];
  expect(rows.map((row) => [row['line'], Number(row['epoch']), Number(row['Validation Recall@20']), row['sd']])).toEqual([
    ['EGRA ii_k 5, "all"', 1, 0.1, '0.01'],
    ['EGRA ii_k 5, "all"', 2, 1 / 3, '0.02'],
    ["'=1+1", 1, Number.MIN_VALUE, ''],
  ]);
});
