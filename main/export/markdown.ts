import type { ExportOptions, TableCell } from '#contract/table.ts';
import { groupTitle, tableColumns } from '#contract/table.ts';
import { captionText, columnOptions } from '#contract/table-words.ts';
import type { TextFormat } from './format.ts';
import {
  baselineTitle,
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

/** A pipe table; best bold, second underlined by <u>, since Markdown has no underline of its own. */
export const markdown: TextFormat = {
  id: 'markdown',
  extension: 'md',
  needs: () => [],
  write(table, options) {
    const arrow = (better: 'higher' | 'lower') => (options.arrows ? (better === 'higher' ? ' \u2191' : ' \u2193') : '');
    const ofColumn = columnOptions(table, options);
    const header = ['Model'];
    for (const { group, metric } of tableColumns(table))
      header.push(escapeMarkdown(`${groupTitle(group)} ${metric.label}${arrow(metric.better)}`));
    const lines = [pipeLine(header), pipeLine(header.map((_, index) => (index === 0 ? ':---' : '---:')))];
    for (const [index, row] of table.rows.entries()) {
      const mark = options.inferredMarks && row.inferred ? ' \u25c7' : '';
      lines.push(
        pipeLine([
          `${escapeMarkdown(rowTitle(table, index))}${mark}`,
          ...rowCells(table, index).map((cell, column) => cellText(cell, ofColumn[column]!)),
        ]),
      );
    }
    const reported = reportedRows(table, options);
    const sources = citations(reported);
    for (const row of reported) {
      const values = row.values.map((value, column) => (value === null ? '' : value.toFixed(ofColumn[column]!.decimals)));
      lines.push(pipeLine([escapeMarkdown(reportedTitle(row, sources)), ...values]));
    }
    if (options.gain && table.gains !== undefined) {
      lines.push(
        pipeLine([`Best over ${escapeMarkdown(baselineTitle(table))}`, ...table.gains.map((gain) => (gain === null ? '' : percent(gain)))]),
      );
    }
    const notes: string[] = [];
    if (options.caption) notes.push(escapeMarkdown(captionText(table, options)));
    if (options.inferredMarks && table.rows.some((row) => row.inferred)) notes.push(`\u25c7 ${inferredNote}`);
    if (reported.length > 0) notes.push(escapeMarkdown(citationNote(sources)));
    return `${[lines.join('\n'), ...notes].join('\n\n')}\n`;
  },
};

function cellText(cell: TableCell, options: ExportOptions): string {
  if (cell.mean === undefined) return escapeMarkdown(cell.missing ?? 'not run');
  const mean = cell.mean.toFixed(options.decimals);
  const marked = options.best && cell.mark === 'best' ? `**${mean}**` : options.second && cell.mark === 'second' ? `<u>${mean}</u>` : mean;
  const sd = options.sd && cell.sd !== undefined ? ` \u00b1 ${cell.sd.toFixed(options.decimals)}` : '';
  return `${marked}${sd}${options.n ? ` (${cell.n})` : ''}${escapeMarkdown(starSign(cell, options))}`;
}

/** A row of a pipe table; its cells are escaped already. */
export function pipeLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Marks that Markdown would eat or turn into structure: pipes, stars, underscores, backticks, brackets, HTML. */
export function escapeMarkdown(value: string): string {
  return value
    .replace(/[\\`*_[\]|~#]/g, (mark) => `\\${mark}`)
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\s*\r?\n\s*/g, ' ');
}
