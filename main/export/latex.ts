import {
  datasetSpans,
  groupPart,
  groupTitle,
  type ExportOptions,
  type ReportedTableRow,
  type Table,
  type TableCell,
} from '#contract/table.ts';
import type { TextFormat } from './format.ts';
import {
  bareDecimals,
  captionText,
  citationNote,
  citations,
  inferredNote,
  percent,
  reportedRows,
  reportedTitle,
  rowCells,
  rowTitle,
  starSign,
} from './format.ts';
import { latexText, unsetCharacters } from './latex-text.ts';

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
  const reported = reportedRows(table, options);
  const sources = citations(reported);
  const lines = [`% Avocet: ${latexText(table.title)}; ${table.part} values. Needs ${latex.needs(table, options).join(', ')}.`];
  const body = bodyLines(table, options, { reported, sources });
  const caption = options.caption ? [`\\caption{${latexText(captionText(table, options))}}`] : [];
  const notes = [
    ...(options.inferredMarks && table.rows.some((row) => row.inferred) ? [`$^{a}$ ${latexText(inferredNote)}`] : []),
    ...(reported.length > 0 ? [latexText(citationNote(sources))] : []),
  ];
  const texts = [table.title, ...titles(table, reported), captionText(table, options), citationNote(sources)];
  for (const [code, character] of unsetCharacters(texts.join('')))
    lines.push(`% ${code} stands for ${character}, which pdflatex's base fonts lack.`);
  lines.push(`\\begin{${environment}}[t]`, '\\centering', '\\small', '\\setlength{\\tabcolsep}{4pt}');
  // Article classes leave the room above a caption; a table wants it below.
  if (options.caption) lines.push('\\setlength{\\abovecaptionskip}{0pt}', '\\setlength{\\belowcaptionskip}{6pt}', ...caption);
  if (scaled) lines.push(`\\resizebox{${options.columns === 'two' ? '\\textwidth' : '\\columnwidth'}}{!}{%`);
  // Left-aligned numbers of one form have their points in one place, whatever stands behind them: sd, n, a star or nothing.
  lines.push(`\\begin{tabular}{@{}l*{${valueColumns(table)}}{l}@{}}`, '\\toprule', ...body);
  lines.push('\\bottomrule', `\\end{tabular}${scaled ? '}' : ''}`);
  for (const note of notes) lines.push('', `\\smallskip\\parbox{\\linewidth}{\\footnotesize ${note}}`);
  lines.push(`\\end{${environment}}`);
  return lines;
}

function titles(table: Table, reported: readonly ReportedTableRow[]): readonly string[] {
  return [
    ...table.rows.map((_, row) => rowTitle(table, row)),
    ...table.groups.map(groupTitle),
    ...table.metrics.map(({ short }) => short),
    ...reported.map(({ title }) => title),
  ];
}

interface Reported {
  readonly reported: readonly ReportedTableRow[];
  readonly sources: readonly string[];
}

function bodyLines(table: Table, options: ExportOptions, { reported, sources }: Reported): string[] {
  const widths = integerDigits(table, options, reported);
  const lines = [...headerLines(table, options), '\\midrule'];
  for (const index of table.rows.keys()) lines.push(rowLine(table, index, { options, widths }));
  if (reported.length > 0) {
    lines.push('\\midrule');
    for (const row of reported) {
      const cells = row.values.map((value, column) => (value === null ? '' : padded(value.toFixed(options.decimals), widths[column]!)));
      lines.push(`${rowStart(reportedTitle(row, sources))} & ${cells.join(' & ')} \\\\`);
    }
  }
  if (options.gain && table.gains !== undefined) {
    lines.push('\\midrule', `Gain & ${table.gains.map((gain) => (gain === null ? '' : latexText(percent(gain)))).join(' & ')} \\\\`);
  }
  return lines;
}

/** Per column the most characters before the point. */
function integerDigits(table: Table, { decimals }: ExportOptions, reported: readonly ReportedTableRow[]): readonly number[] {
  return Array.from({ length: valueColumns(table) }, (_, column) => {
    const own = table.rows.flatMap((__, row) => rowCells(table, row)[column]?.mean ?? []);
    const printed = reported.flatMap(({ values }) => values[column] ?? []);
    return Math.max(1, ...[...own, ...printed].map((value) => value.toFixed(decimals).indexOf('.')));
  });
}

/** A number with invisible digits before it, so that the points of its column stand in one line. */
function padded(number: string, digits: number, marked = number): string {
  const short = digits - number.indexOf('.');
  return short > 0 ? `\\phantom{${'0'.repeat(short)}}${marked}` : marked;
}

function headerLines(table: Table, options: ExportOptions): string[] {
  const width = table.metrics.length;
  const spans = datasetSpans(table.groups);
  const overDatasets = spanLines(spans.map(({ name, groups }) => ({ title: name, columns: groups * width })));
  // Of segments the dataset stands over its groups, else it is the group.
  const isSegmented = spans.length < table.groups.length;
  const overSegments = isSegmented ? spanLines(table.groups.map((group) => ({ title: groupPart(group), columns: width }))) : [];
  const metrics = table.groups.flatMap(() =>
    table.metrics.map((metric) => {
      const arrow = options.arrows ? ` $\\${metric.better === 'higher' ? 'up' : 'down'}arrow$` : '';
      return `${latexText(metric.short)}${arrow}`;
    }),
  );
  return [...overDatasets, ...overSegments, `Model & ${metrics.join(' & ')} \\\\`];
}

/** One line of headings, each over so many columns, and the rules under them. */
function spanLines(spans: readonly { readonly title: string; readonly columns: number }[]): string[] {
  let next = 2;
  const rules = spans.map(({ columns }) => {
    next += columns;
    return `\\cmidrule(lr){${next - columns}-${next - 1}}`;
  });
  const titles = spans.map(({ title, columns }) => `\\multicolumn{${columns}}{c}{${latexText(title)}}`);
  return [` & ${titles.join(' & ')} \\\\`, rules.join(' ')];
}

function rowLine(
  table: Table,
  index: number,
  { options, widths }: { readonly options: ExportOptions; readonly widths: readonly number[] },
): string {
  const inferred = options.inferredMarks && table.rows[index]?.inferred === true ? '$^{a}$' : '';
  const cells = rowCells(table, index).map((cell, column) => cellSource(cell, options, widths[column]!));
  return `${rowStart(rowTitle(table, index))}${inferred} & ${cells.join(' & ')} \\\\`;
}

/** The first cell of a row: after the end of a row or a rule, LaTeX would read a bracket or a star as its argument. */
function rowStart(title: string): string {
  const text = latexText(title);
  return /^[[*]/.test(text) ? `{}${text}` : text;
}

function cellSource(cell: TableCell, options: ExportOptions, digits: number): string {
  if (cell.mean === undefined) return `{\\footnotesize ${latexText(cell.missing ?? 'not run')}}`;
  const mean = cell.mean.toFixed(options.decimals);
  const marked =
    options.best && cell.mark === 'best' ? `\\textbf{${mean}}` : options.second && cell.mark === 'second' ? `\\underline{${mean}}` : mean;
  const sd = options.sd && cell.sd !== undefined ? `{\\scriptsize\\,$\\pm$${bareDecimals(cell.sd, options.decimals)}}` : '';
  const n = options.n ? `{\\scriptsize\\,(${cell.n})}` : '';
  const star = starSign(cell, options);
  const sign = star === '' ? '' : `$^{${star === '*' ? '*' : '\\dagger'}}$`;
  return `${padded(mean, digits, marked)}${sd}${n}${sign}`;
}
