import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formats } from '#export/formats.ts';
import { randomStream } from '#data/random.ts';
import { drawnTable } from '#test/fixtures/drawn-tables.ts';
import { manyColumns, options, table } from '#test/fixtures/table.ts';
import { arrangements } from '#contract/table.ts';
import { layoutOf } from '#export/latex-layout.ts';

const hasLatex = spawnSync('pdflatex', ['--version']).status === 0;

describe.skipIf(!hasLatex)(hasLatex ? 'LaTeX with pdflatex' : 'LaTeX with pdflatex (skipped: pdflatex is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-latex-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const compile = (name: string, source: string): string => {
    writeFileSync(join(folder, `${name}.tex`), source);
    const result = spawnSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', `${name}.tex`], { cwd: folder, encoding: 'utf8' });
    if (result.status !== 0) throw new Error(result.stdout.slice(-1500));
    return readFileSync(join(folder, `${name}.log`), 'utf8');
  };

  it.each(['one', 'two'] as const)('compiles a file for %s column(s) as it is, without an overfull line', (columns) => {
    const log = compile(`file-${columns}`, formats.latex.write(table, { ...options('latex'), columns }));
    expect(log).not.toMatch(/Overfull \\hbox/);
  });

  it('compiles a fragment input from an ordinary article', () => {
    writeFileSync(join(folder, 'fragment-table.tex'), formats.latex.write(table, { ...options('latex'), scope: 'fragment' }));
    compile('article', '\\documentclass{article}\\usepackage{booktabs}\\begin{document}\\input{fragment-table}\\end{document}\n');
  });

  it('compiles a starred table without an overfull line', () => {
    const finding = {
      n: 5,
      difference: 0.01,
      p: 0.001,
      adjusted: 0.003,
      effectName: 'd_z',
      method: 'paired t',
      verdict: 'better',
    } as const;
    const cells = table.cells.map((row) => row.map((cell) => ({ ...cell, finding })));
    const caption =
      '* better, \u2020 worse than MGCN: paired t per seed over 5 seeds, two-sided, Holm over 8 comparisons, adjusted p < 0.05.';
    const starred = { ...table, cells, stars: { options: {} as never, caption, blocked: [] } };
    expect(compile('starred', formats.latex.write(starred, options('latex')))).not.toMatch(/Overfull \\hbox/);
  });

  // Fifty tables in five documents: each body is what a file of its own would hold between its \begin{document} and \end{document}.
  it.each([0, 1, 2, 3, 4])('compiles ten drawn tables as they are (document %i of 5)', (part) => {
    const drawn = Array.from({ length: 10 }, (_, at) => drawnTable(randomStream(10 * part + at, 'latex tables')));
    const sources = drawn.map((entry) => formats.latex.write(entry.table, entry.options));
    const packages = new Set(drawn.flatMap((entry) => formats.latex.needs(entry.table, entry.options)));
    const bodies = sources.map((source) => source.split('\\begin{document}')[1]!.split('\\end{document}')[0]!);
    const heads = sources.map((source) => source.split('\\begin{document}')[0]!);
    // What stands above is the same for all but the class option and packages, so that one document stands for ten files.
    const plain = (head: string) =>
      head
        .replace('twocolumn,', '')
        .split('\n')
        .filter((line) => !line.startsWith('\\usepackage{'))
        .join('\n');
    expect(new Set(heads.map(plain)).size).toBe(1);
    const log = compile(
      `drawn-${part}`,
      `${plain(heads[0]!)}\n${[...packages].map((name) => `\\usepackage{${name}}`).join('\n')}\n\\begin{document}\n${bodies.join('\n\\clearpage\n')}\n\\end{document}\n`,
    );
    expect(log).toMatch(/Output written on drawn-\d\.pdf \((1\d|2\d) pages/);
    expect(log).not.toMatch(/Missing character|Undefined control/);
  });

  it.each(arrangements)('compiles 20 columns %s, without an overfull line, and holds every value', (arrange) => {
    for (const columns of ['one', 'two'] as const) {
      const chosen = { ...options('latex'), arrange, columns };
      const source = formats.latex.write(manyColumns(5), chosen);
      expect(compile(`many-${arrange}-${columns}`, source)).not.toMatch(/Overfull/);
      expect(source.match(/0\.\d{4}/g)).toHaveLength(3 * 20);
    }
  });

  it.each(arrangements)('keeps a table of many rows on its page, %s', (arrange) => {
    const few = manyColumns(5);
    const rows = Array.from({ length: 40 }, (_, at) => ({ ...few.rows[0]!, key: `row-${at}` }));
    const high = { ...few, rows, cells: rows.map(() => few.cells[0]!) };
    for (const columns of ['one', 'two'] as const) {
      const log = compile(`high-${arrange}-${columns}`, formats.latex.write(high, { ...options('latex'), arrange, columns }));
      expect(log).not.toMatch(/too large for page|Overfull/);
    }
  });

  it('knows within a twentieth how wide pdflatex sets a table, in every layout', () => {
    const all = Array.from({ length: 50 }, (_, at) => drawnTable(randomStream(at, 'latex tables'))).flatMap((drawn) =>
      arrangements.map((arrange) => ({ table: drawn.table, options: { ...drawn.options, arrange } })),
    );
    const boxes = all.map((entry) => {
      const [tabular] = /\\begin\{tabular\}\{@\{\}l\*[^]*\\end\{tabular\}/.exec(formats.latex.write(entry.table, entry.options))!;
      return `\\sbox0{\\small\\setlength{\\tabcolsep}{4pt}${tabular}}\\typeout{WIDTH=\\the\\wd0}`;
    });
    const head =
      '\\documentclass[10pt]{article}\\usepackage[T1]{fontenc}\\usepackage[utf8]{inputenc}\\usepackage{booktabs}\\begin{document}';
    const log = compile('widths', `${head}\n${boxes.join('\n')}\nText.\\end{document}\n`);
    const widths = [...log.matchAll(/WIDTH=([\d.]+)pt/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(all.length);
    const ratios = all.map((entry, at) => layoutOf(entry.table, entry.options).width / widths[at]!);
    expect(Math.min(...ratios)).toBeGreaterThan(0.95);
    expect(Math.max(...ratios)).toBeLessThan(1.05);
  });

  it('sets the numbers and the note on the page', () => {
    compile('text', formats.latex.write(table, options('latex')));
    const hasText = spawnSync('pdftotext', ['-v']).status === 0;
    if (!hasText) return;
    const text = execFileSync('pdftotext', ['-layout', join(folder, 'text.pdf'), '-'], { encoding: 'utf8' });
    expect(text).toContain('0.1300');
    expect(text).toContain('our reading of its paper');
  });
});
