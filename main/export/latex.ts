import type { ExportOptions, Table, TableCell } from '#contract/table.ts';
import type { TextFormat } from './format.ts';
import { bareDecimals, captionText, inferredNote, percent, rowCells, rowTitle, starSign } from './format.ts';
import { latexText } from './latex-text.ts';

/** Beyond this many value columns a table is scaled to the text width, else it would run off the page. */
const columnsThatFit = { one: 2, two: 6 } as const;

/** A booktabs table: a fragment to \input, or a file that compiles with pdflatex and base packages as it is. */
export const latex: TextFormat = {
  id: 'latex',
  extension: 'tex',
  needs: (table, options) => (isScaled(table, options) ? ['booktabs', 'graphicx'] : ['booktabs']),
  write(table, options) {
    const fragment = tableLines(table, options);
    if (options.scope === 'fragment') return `${fragment.join('\n')}\n`;
    const paper = options.columns === 'two' ? 'twocolumn,' : '';
    const packages = latex.needs(table, options).map((name) => `\\usepackage{${name}}`);
    return `${[`\\documentclass[${paper}10pt]{article}`, '\\usepackage[T1]{fontenc}', '\\usepackage[utf8]{inputenc}', ...packages, '\\begin{document}', ...fragment, '\\end{document}'].join('\n')}\n`;
  },
};

function valueColumns(table: Table): number {
  return table.groups.length * table.metrics.length;
}

function isScaled(table: Table, options: ExportOptions): boolean {
  return valueColumns(table) > columnsThatFit[options.columns];
}

function tableLines(table: Table, options: ExportOptions): string[] {
  const environment = options.columns === 'two' ? 'table*' : 'table';
  const scaled = isScaled(table, options);
  const lines = [
    `% Avocet: ${latexText(table.title).replaceAll('\n', ' ')}; ${table.part} values. Needs ${latex.needs(table, options).join(', ')}.`,
  ];
  lines.push(`\\begin{${environment}}[t]`, '\\centering', '\\small', '\\setlength{\\tabcolsep}{4pt}');
  // Article classes leave the room above a caption; a table wants it below.
  if (options.caption)
    lines.push(
      '\\setlength{\\abovecaptionskip}{0pt}',
      '\\setlength{\\belowcaptionskip}{6pt}',
      `\\caption{${latexText(captionText(table, options))}}`,
    );
  if (scaled) lines.push(`\\resizebox{${options.columns === 'two' ? '\\textwidth' : '\\columnwidth'}}{!}{%`);
  lines.push(`\\begin{tabular}{@{}l*{${valueColumns(table)}}{r}@{}}`, '\\toprule');
  lines.push(...headerLines(table, options), '\\midrule');
  for (const index of table.rows.keys()) lines.push(rowLine(table, index, options));
  if (options.gain && table.gains !== undefined) {
    lines.push('\\midrule', `Gain & ${table.gains.map((gain) => (gain === null ? '' : latexText(percent(gain)))).join(' & ')} \\\\`);
  }
  lines.push('\\bottomrule', `\\end{tabular}${scaled ? '}' : ''}`);
  if (options.inferredMarks && table.rows.some((row) => row.inferred)) {
    lines.push('', `\\smallskip\\parbox{\\linewidth}{\\footnotesize $^{a}$ ${latexText(inferredNote)}}`);
  }
  lines.push(`\\end{${environment}}`);
  return lines;
}

function headerLines(table: Table, options: ExportOptions): string[] {
  const width = table.metrics.length;
  const groups = table.groups.map((group) => `\\multicolumn{${width}}{c}{${latexText(group.name)}}`);
  const rules = table.groups.map((_, index) => `\\cmidrule(lr){${2 + index * width}-${1 + (index + 1) * width}}`);
  const metrics = table.groups.flatMap(() =>
    table.metrics.map((metric) => {
      const arrow = options.arrows ? ` $\\${metric.better === 'higher' ? 'up' : 'down'}arrow$` : '';
      return `\\multicolumn{1}{c}{${latexText(metric.short)}${arrow}}`;
    }),
  );
  return [` & ${groups.join(' & ')} \\\\`, rules.join(' '), `Model & ${metrics.join(' & ')} \\\\`];
}

function rowLine(table: Table, index: number, options: ExportOptions): string {
  const inferred = options.inferredMarks && table.rows[index]?.inferred === true ? '$^{a}$' : '';
  const cells = rowCells(table, index).map((cell) => cellSource(cell, options));
  return `${latexText(rowTitle(table, index))}${inferred} & ${cells.join(' & ')} \\\\`;
}

function cellSource(cell: TableCell, options: ExportOptions): string {
  if (cell.mean === undefined) return `\\multicolumn{1}{c}{\\footnotesize ${latexText(cell.missing ?? 'not run')}}`;
  const mean = cell.mean.toFixed(options.decimals);
  const marked =
    options.best && cell.mark === 'best' ? `\\textbf{${mean}}` : options.second && cell.mark === 'second' ? `\\underline{${mean}}` : mean;
  const sd = options.sd && cell.sd !== undefined ? `{\\scriptsize\\,$\\pm$${bareDecimals(cell.sd, options.decimals)}}` : '';
  const n = options.n ? `{\\scriptsize\\,(${cell.n})}` : '';
  // Without width of its own, so that decimals stay aligned.
  const star = starSign(cell, options);
  const sign = star === '' ? '' : `\\rlap{$^{${star === '*' ? '*' : '\\dagger'}}$}`;
  return `${marked}${sd}${n}${sign}`;
}
