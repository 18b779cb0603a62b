import type { ExportOptions, Panel, Table } from '#contract/table.ts';
import { captionText, columnOptions, panelSpans, type Span } from '#contract/table-words.ts';
import { groupTitle, tableColumns } from '#contract/table.ts';
import type { TextFormat } from './format.ts';
import { citationNote, inferredNote, percent, reportedTitle, rowCells, rowTitle } from './format.ts';
import { cellSource, columnLeads, padded, type Reported } from './latex-cells.ts';
import { headingLines, isTall, layoutOf, reportedOf, spannedWidth, type Layout } from './latex-layout.ts';
import { latexText, unsetCharacters } from './latex-text.ts';

/** A booktabs table: a fragment to \input, or a file that compiles with pdflatex and base packages as it is. */
export const latex: TextFormat = {
  id: 'latex',
  extension: 'tex',
  needs: (table, options) => packagesOf(options, layoutOf(table, options)),
  write(table, options) {
    const layout = layoutOf(table, options);
    const fragment = tableLines(table, options, layout);
    if (options.scope === 'fragment') return `${fragment.join('\n')}\n`;
    const paper = options.columns === 'two' ? 'twocolumn,' : '';
    const packages = packagesOf(options, layout).map((name) => `\\usepackage{${name}}`);
    return `${[`\\documentclass[${paper}10pt]{article}`, '\\usepackage[T1]{fontenc}', '\\usepackage[utf8]{inputenc}', ...packages, '\\begin{document}', ...fragment, '\\end{document}'].join('\n')}\n`;
  },
};

function packagesOf({ arrange }: ExportOptions, layout: Layout): readonly string[] {
  return ['booktabs', ...(isGuarded(layout) ? ['graphicx'] : []), ...(arrange === 'turned' ? ['rotating'] : [])];
}

/** Widths are near, not exact, and lines of papers differ: what comes close to its line is told to keep within it. */
function isGuarded(layout: Layout): boolean {
  return layout.width > 0.85 * layout.line || isTall(layout);
}

/** Shrinks what is wider than the line, or higher than the page, and leaves the rest as it is. */
function guardOf(layout: Layout): string {
  if (!isTall(layout)) return '\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%';
  const room = `${layout.page}pt`;
  return `\\resizebox*{!}{\\ifdim\\totalheight>${room} ${room}\\else\\totalheight\\fi}{%`;
}

function tableLines(table: Table, options: ExportOptions, layout: Layout): string[] {
  const environment = `${options.arrange === 'turned' ? 'sidewaystable' : 'table'}${options.columns === 'two' ? '*' : ''}`;
  const { reported, sources } = reportedOf(table, options);
  const lines = [`% Avocet: ${latexText(table.title)}; ${table.part} values. Needs ${packagesOf(options, layout).join(', ')}.`];
  const caption = options.caption ? [`\\caption{${latexText(captionText(table, options))}}`] : [];
  const notes = [
    ...(options.inferredMarks && table.rows.some((row) => row.inferred) ? [`$^{a}$ ${latexText(inferredNote)}`] : []),
    ...(reported.length > 0 ? [latexText(citationNote(sources))] : []),
  ];
  const texts = [table.title, ...titles(table, { reported, sources }), captionText(table, options), citationNote(sources)];
  for (const [code, character] of unsetCharacters(texts.join('')))
    lines.push(`% ${code} stands for ${character}, which pdflatex's base fonts lack.`);
  // A turned table has its page to itself.
  lines.push(
    `\\begin{${environment}}${options.arrange === 'turned' ? '' : '[t]'}`,
    '\\centering',
    '\\small',
    '\\setlength{\\tabcolsep}{4pt}',
  );
  // Article classes leave the room above a caption; a table wants it below.
  if (options.caption) lines.push('\\setlength{\\abovecaptionskip}{0pt}', '\\setlength{\\belowcaptionskip}{6pt}', ...caption);
  if (isGuarded(layout)) lines.push(guardOf(layout));
  // Left-aligned numbers of one form have their points in one place, whatever stands behind them: sd, n, a star or nothing.
  const most = Math.max(...layout.panels.map(({ from, to }) => to - from));
  lines.push(`\\begin{tabular}{@{}l*{${most}}{l}@{}}`, '\\toprule', ...bodyLines(table, options, layout));
  lines.push('\\bottomrule', `\\end{tabular}${isGuarded(layout) ? '}' : ''}`);
  for (const note of notes) lines.push('', `\\smallskip\\parbox{\\linewidth}{\\footnotesize ${note}}`);
  lines.push(`\\end{${environment}}`);
  return lines;
}

function titles(table: Table, { reported }: Reported): readonly string[] {
  return [
    ...table.rows.map((_, row) => rowTitle(table, row)),
    ...table.groups.map(groupTitle),
    ...table.metrics.map(({ short }) => short),
    ...reported.map(({ title }) => title),
  ];
}

/** Panels one under another, each with its headings and all rows. */
function bodyLines(table: Table, options: ExportOptions, layout: Layout): string[] {
  const { reported, sources } = reportedOf(table, options);
  const leads = columnLeads(table, options, reported);
  const ofColumn = columnOptions(table, options);
  return layout.panels.flatMap((panel, at) => {
    const { from, to } = panel;
    const line = (title: string, cells: readonly string[]) => `${rowStart(title)} & ${cells.slice(from, to).join(' & ')} \\\\`;
    const own = table.rows.map(({ inferred }, row) =>
      line(
        `${latexText(rowTitle(table, row))}${options.inferredMarks && inferred ? '$^{a}$' : ''}`,
        rowCells(table, row).map((cell, column) => cellSource(cell, ofColumn[column]!, leads[column]!)),
      ),
    );
    const printed = reported.map((row) =>
      line(
        latexText(reportedTitle(row, sources)),
        row.values.map((value, column) => (value === null ? '' : padded(value.toFixed(ofColumn[column]!.decimals), leads[column]!))),
      ),
    );
    const gains =
      options.gain && table.gains !== undefined
        ? [
            line(
              'Gain',
              table.gains.map((gain) => (gain === null ? '' : latexText(percent(gain)))),
            ),
          ]
        : [];
    return [
      ...(at === 0 ? [] : ['\\midrule[\\heavyrulewidth]']),
      ...headerLines(table, options, panel, layout),
      ...[own, printed, gains].flatMap((part) => (part.length === 0 ? [] : ['\\midrule', ...part])),
    ];
  });
}

function headerLines(table: Table, options: ExportOptions, panel: Panel, layout: Layout): string[] {
  const { datasets, segments } = panelSpans(table, panel);
  const metrics = tableColumns(table)
    .slice(panel.from, panel.to)
    .map(({ metric }) => {
      const arrow = options.arrows ? ` $\\${metric.better === 'higher' ? 'up' : 'down'}arrow$` : '';
      return `${latexText(metric.short)}${arrow}`;
    });
  const over = (spans: readonly Span[]) => spanLines(spans, { ...layout, columns: layout.columns.slice(panel.from, panel.to) });
  return [...over(datasets), ...(segments === undefined ? [] : over(segments)), `Model & ${metrics.join(' & ')} \\\\`];
}

/** One line of headings, each over so many columns and no wider than they are where words can be broken, and the rules under them. */
function spanLines(spans: readonly Span[], layout: Pick<Layout, 'columns' | 'heading'>): string[] {
  let next = 0;
  const placed = spans.map(({ title, columns: count }) => {
    const from = next;
    next += count;
    const broken = headingLines(title, spannedWidth(layout.columns, from, next), layout).map((part) => rowStart(latexText(part)));
    const text = broken.length < 2 ? broken.join('') : `\\begin{tabular}[b]{@{}c@{}}${broken.join(' \\\\ ')}\\end{tabular}`;
    return { heading: `\\multicolumn{${count}}{c}{${text}}`, rule: `\\cmidrule(lr){${from + 2}-${next + 1}}` };
  });
  return [` & ${placed.map(({ heading }) => heading).join(' & ')} \\\\`, placed.map(({ rule }) => rule).join(' ')];
}

/** The first cell of a row, in LaTeX: after the end of a row or a rule, a bracket or a star would be read as its argument. */
function rowStart(text: string): string {
  return /^[[*]/.test(text) ? `{}${text}` : text;
}
