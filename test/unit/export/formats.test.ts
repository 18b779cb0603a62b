import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formats } from '#export/formats.ts';
import type { Finding } from '#contract/significance.ts';
import { latexText } from '#export/latex-text.ts';
import { manyColumns, options, table } from '#test/fixtures/table.ts';

describe('CSV', () => {
  const source = formats.csv.write(table, options('csv'));

  it('reads back with a CSV parser, doubles exactly, missing cells empty', () => {
    const rows = parse(source, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ model }) => model)).toEqual(['lightgcn', 'mgcn', 'egra', 'relative gain']);
    expect(Number(rows[0]?.['demo/validation/recall@20/mean'])).toBe(0.1088123456789012);
    expect(rows[0]?.['odd/validation/recall@20/mean']).toBe('');
    expect(rows[0]?.['odd/validation/recall@20/n']).toBe('0');
  });

  it('never hands a spreadsheet a formula', () => {
    const hostile = { ...table, rows: [{ ...table.rows[0]!, differences: '=cmd()' }], cells: [table.cells[0]!] };
    expect(formats.csv.write(hostile, options('csv'))).toContain(",'=cmd(),");
  });
});

describe('facts of a CSV file', () => {
  const asked = { ...options('csv'), facts: true };
  const made = { on: '2026-11-22', version: '0.1.0' };

  it('stand as comments before the header, one a line, and the rest reads as without them', () => {
    const hostile = { ...table, made, notes: ['two\nlines'] };
    const source = formats.csv.write(hostile, asked);
    const lines = source.split('\r\n');
    const comments = lines.filter((line) => line.startsWith('#'));
    expect(lines.slice(0, comments.length)).toEqual(comments);
    expect(comments).toContain(`# Caption: ${table.caption}`);
    expect(comments).toContain('# Made: 2026-11-22 by Avocet 0.1.0');
    expect(comments).toContain('# Note: two lines');
    expect(comments).toContain('# Recall@20: higher is better. Recall');
    expect(parse(source, { columns: true, comment: '#' })).toEqual(
      parse(formats.csv.write(hostile, { ...asked, facts: false }), { columns: true }),
    );
  });
});

describe('reported rows', () => {
  const row = {
    citation: 'Doe & al. (2023)',
    model: 'lightgcn',
    title: 'LightGCN',
    note: '=n_layers 3',
    values: [0.0754, null, null, 0.0328],
  };
  const reported = { ...table, part: 'test' as const, reported: [row] };

  it('stand apart in every format with their source, keep their printed values, and are left out where not wanted or beside validation', () => {
    const records = parse(formats.csv.write(reported, options('csv')), { columns: true }) as Record<string, string>[];
    expect(records[3]).toMatchObject({ model: 'lightgcn', settings: "'=n_layers 3", source: 'Doe & al. (2023)' });
    expect(records[3]).toMatchObject({ 'demo/test/recall@20/mean': '0.0754', 'demo/test/recall@20/n': '', 'demo/test/ndcg@20/mean': '' });
    expect(records[0]).toMatchObject({ source: '' });
    const latex = formats.latex.write(reported, options('latex'));
    expect(latex).toContain('\\midrule\nLightGCN [1] & 0.0754 &  &  & 0.0328 \\\\');
    expect(latex).toContain('Reported, outside marks, ranks and tests: [1] Doe \\& al. (2023).');
    expect(formats.markdown.write(reported, options('markdown'))).toContain('| LightGCN \\[1\\] | 0.0754 |');
    for (const id of ['csv', 'latex', 'markdown'] as const) {
      const without = formats[id].write({ ...reported, reported: [] }, options(id));
      expect(formats[id].write(reported, { ...options(id), reported: false })).toBe(without);
      expect(formats[id].write({ ...reported, part: 'validation' }, options(id))).toBe(formats[id].write(table, options(id)));
    }
  });
});

describe('a formula', () => {
  const cost = { ...table.metrics[0]!, key: '=val.recall@20 / elapsedSeconds / 1e4', label: 'cost', short: 'cost' };
  const tiny = {
    ...table,
    groups: [table.groups[0]!],
    metrics: [table.metrics[0]!, cost],
    gains: [null, null],
    rows: [table.rows[0]!],
    cells: [
      [
        { mean: 0.10881, sd: 0.0013, n: 3, runIds: ['a'] },
        { mean: 0.00000321, sd: 0.0000002, n: 3, runIds: ['a'] },
      ],
    ],
  };

  it('whose values are millionths has the places that show them, beside metrics with the decimals asked for', () => {
    const latex = formats.latex.write(tiny, options('latex'));
    expect(latex).toContain('0.1088{');
    expect(latex).toContain('0.00000321{\\scriptsize\\,$\\pm$.00000020}');
    const markdown = formats.markdown.write(tiny, options('markdown'));
    expect(markdown).toContain('| 0.1088 ± 0.0013 | 0.00000321 ± 0.00000020 |');
    const large = { ...tiny, cells: [[tiny.cells[0]![0]!, { mean: 1234.56789, n: 3, runIds: ['a'] }]] };
    expect(formats.markdown.write(large, options('markdown'))).toContain('| 1234.5679 |');
  });
});

describe('Markdown', () => {
  const lines = formats.markdown.write(table, options('markdown')).split('\n');

  it('has as many cells in every row as the header', () => {
    const counts = lines.slice(0, 6).map((line) => line.replaceAll('\\|', '').split('|').length);
    expect(new Set(counts)).toEqual(new Set([7]));
  });

  it('marks best, second and inferred, and says why a cell is empty', () => {
    expect(lines[3]).toContain('MGCN cl\\_loss 0.01');
    expect(lines[3]).toContain('<u>0.1200</u> \u00b1 0.0020');
    expect(lines[4]).toContain('EGRA \u25c7');
    expect(lines[4]).toContain('**0.1300** \u00b1 0.0013');
    expect(lines[4]).toContain('diverged');
  });
});

describe('LaTeX', () => {
  it('writes booktabs with marks, escapes and the note on inferred models', () => {
    const source = formats.latex.write(table, options('latex'));
    expect(source).toContain('\\textbf{0.1300}{\\scriptsize\\,$\\pm$.0013}');
    expect(source).toContain('\\underline{0.1200}');
    expect(source).toContain('MGCN cl\\_loss 0.01');
    expect(source).toContain('A\\_b\\textbar{}c*d \\& 50 \\% [U+4E2D]');
    expect(source).toContain('EGRA$^{a}$');
    expect(source).toContain('+33.3 \\%');
  });

  it('keeps points in one line where numbers differ in length, and protects a row that begins with a bracket', () => {
    const cells = [[{ mean: 12.5, n: 1, runIds: [] }], [{ mean: 3.25, n: 1, mark: 'best' as const, runIds: [] }]];
    const rows = [
      { ...table.rows[0]!, title: '\u4e2d\u6587' },
      { ...table.rows[1]!, title: '* net', differences: '' },
    ];
    const { gains: _, ...plain } = table;
    const source = formats.latex.write(
      { ...plain, rows, cells, groups: [table.groups[0]!], metrics: [table.metrics[0]!] },
      options('latex'),
    );
    expect(source).toContain('\n{}[U+4E2D][U+6587] & 12.5000 ');
    expect(source).toContain('\n{}* net & \\phantom{0}\\textbf{3.2500} ');
    expect(source).toContain('% [U+4E2D] stands for \u4e2d,');
  });

  it('sets a real minus before a value of a formula, and leaves its place free before the others of the column', () => {
    const cells = [[{ mean: -12.5, n: 1, mark: 'best' as const, runIds: [] }], [{ mean: 3.25, n: 1, runIds: [] }]];
    const { gains: _, ...plain } = table;
    const small = { ...plain, rows: table.rows.slice(0, 2), cells, groups: [table.groups[0]!], metrics: [table.metrics[0]!] };
    const source = formats.latex.write(small, options('latex'));
    expect(source).toContain(' & \\textbf{$-$12.5000} ');
    expect(source).toContain(' & \\phantom{$-$0}3.2500 ');
  });

  it('shrinks a table that is wider than its line, never enlarges one, and says it then needs graphicx', () => {
    const wide = manyColumns(4);
    expect(formats.latex.needs(wide, options('latex'))).toEqual(['booktabs', 'graphicx']);
    expect(formats.latex.write(wide, options('latex'))).toContain('\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}');
  });

  it('leaves nothing in any text that LaTeX would read as a command or refuse', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const plain = latexText(text)
          .replace(/\\(textbackslash|textasciicircum|textasciitilde|textless|textgreater|textbar|ldots)\{\}/g, '')
          .replace(/\$(\\[a-z]+|-|\^\{\\circ\})\$/g, '')
          .replace(/\\[{}$&#%_]/g, '');
        expect(plain).not.toMatch(/[\\{}$&#%_^\n]/);
      }),
    );
  });
});

describe('JSON', () => {
  it('is the table itself', () => {
    expect(JSON.parse(formats.json.write(table, options('json')))).toEqual({ table });
  });
});

describe('stars', () => {
  const finding = (verdict: Finding['verdict']): Finding => ({
    n: 800,
    difference: 0.0123,
    interval: [0.01, 0.0146],
    p: 0.0000012345678901234,
    adjusted: 0.0000024691357802468,
    effect: 0.31,
    effectName: 'rank-biserial',
    method: 'Wilcoxon, normal approximation',
    verdict,
  });
  const cells = table.cells.map((row) => [...row]);
  cells[2]![0] = { ...cells[2]![0]!, finding: finding('better') };
  cells[2]![1] = { ...cells[2]![1]!, finding: finding('worse') };
  cells[2]![3] = { ...cells[2]![3]!, finding: finding('small') };
  const stars = { options: {} as never, caption: '* better, \u2020 worse than MGCN: Holm over 3 comparisons.', blocked: [] };
  const starred = { ...table, cells, stars };

  it('stand behind the numbers without moving decimals, and the caption says what they mean', () => {
    const source = formats.latex.write(starred, options('latex'));
    expect(source.match(/\$\^\{\*\}\$/g)).toHaveLength(1);
    expect(source.match(/\$\^\{\\dagger\}\$/g)).toHaveLength(1);
    expect(source).toContain('* better, $\\dagger$ worse than MGCN');
    const markdown = formats.markdown.write(starred, options('markdown'));
    expect(markdown).toContain('**0.1300** \u00b1 0.0013\\*');
    expect(markdown).toContain('\\* better, \u2020 worse than MGCN');
  });

  it('are left out with their sentence where they are not wanted', () => {
    for (const id of ['latex', 'markdown', 'csv'] as const)
      expect(formats[id].write(starred, { ...options(id), stars: false })).toBe(formats[id].write(table, { ...options(id), stars: false }));
  });

  it('have units of their own in the row of units, which is there where asked for and names itself', () => {
    const plain = parse(formats.csv.write(starred, options('csv'))) as string[][];
    const [header, units, ...rows] = parse(formats.csv.write(starred, { ...options('csv'), units: true })) as string[][];
    expect([header, ...rows]).toEqual(plain);
    const of = (key: string) => units![header!.indexOf(`demo/validation/recall@20/${key}`)];
    expect([units![0], ...['mean', 'sd', 'n', 'difference', 'p', 'pairs', 'test'].map(of)]).toEqual([
      'unit',
      '1',
      '1',
      '',
      '1',
      '1',
      '',
      '',
    ]);
    expect(units).toHaveLength(header!.length);
  });

  it('come with raw and adjusted p, effect and interval in CSV, to the last digit', () => {
    const rows = parse(formats.csv.write(starred, options('csv')), { columns: true }) as Record<string, string>[];
    expect(Number(rows[2]?.['demo/validation/recall@20/p'])).toBe(0.0000012345678901234);
    expect(Number(rows[2]?.['demo/validation/recall@20/adjusted_p'])).toBe(0.0000024691357802468);
    expect(rows[2]?.['demo/validation/recall@20/test']).toBe('Wilcoxon, normal approximation');
    expect(rows[2]?.['demo/validation/recall@20/verdict']).toBe('better');
    expect(rows[0]?.['demo/validation/recall@20/verdict']).toBe('');
  });
});
