import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { onBaseline } from '#renderer/charts/baseline.ts';
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

it('words centred on a line are set on their baseline, which every reader of SVG and PDF knows', () => {
  const centred =
    '<text dominant-baseline="central" text-anchor="end" style="font-size:11px;font-family:Inter;" transform="translate(56 35)">0.5</text>';
  expect(onBaseline(centred)).toBe(
    '<text y="4.004" text-anchor="end" style="font-size:11px;font-family:Inter;" transform="translate(56 35)">0.5</text>',
  );
  const named = '<text dominant-baseline="central" style="font: 12px Inter" y="-5.5" fill="#000">EGRA</text>';
  expect(onBaseline(named)).toBe('<text style="font: 12px Inter" y="-1.132" fill="#000">EGRA</text>');
  expect(onBaseline('<text x="1" y="2">a</text>')).toBe('<text x="1" y="2">a</text>');
});
