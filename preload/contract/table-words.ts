/** What stands around the numbers of a table, and how many places they have: the same on screen and in files. */
import { formulaText } from './runs-fields.ts';
import { groupKey, groupPart, tableColumns, type ExportOptions, type Panel, type Table, type TableGroup } from './table.ts';

/** A heading over so many columns. */
export interface Span {
  readonly key: string;
  readonly title: string;
  readonly columns: number;
}

/** The headings over the columns of a panel: datasets and, where they have segments, the groups below them. */
export function panelSpans(
  table: Pick<Table, 'groups' | 'metrics'>,
  { from, to }: Panel,
): { datasets: readonly Span[]; segments?: readonly Span[] } {
  const columns = tableColumns(table)
    .slice(from, to)
    .map(({ group }) => group);
  const datasets = runsOf(
    columns,
    ({ dataset }) => dataset,
    ({ name }) => name,
  );
  // Of segments the dataset stands over its groups, else it is the group.
  if (table.groups.every(({ segment }) => segment === undefined)) return { datasets };
  return { datasets, segments: runsOf(columns, groupKey, groupPart) };
}

function runsOf(
  columns: readonly TableGroup[],
  keyOf: (group: TableGroup) => string,
  titleOf: (group: TableGroup) => string,
): readonly Span[] {
  const spans: { key: string; title: string; columns: number }[] = [];
  for (const group of columns) {
    const last = spans[spans.length - 1];
    if (last?.key === keyOf(group)) last.columns += 1;
    else spans.push({ key: keyOf(group), title: titleOf(group), columns: 1 });
  }
  return spans;
}

/** All columns side by side. */
export const wholePanel = (table: Pick<Table, 'groups' | 'metrics'>): Panel => ({ from: 0, to: tableColumns(table).length });

/** A table's caption says its marks in one sentence, which an export without them leaves out. */
export const marksSentence = 'Best in bold, second underlined, on unrounded values.';

type Shown = Pick<ExportOptions, 'best' | 'second' | 'sd' | 'stars' | 'date'>;

/** The caption with what an export shows of the table: marks, deviations, what the stars say, and when it was made. */
export function captionText({ caption, stars, made }: Table, shown: Shown): string {
  const sentences = [
    (shown.sd ? caption : caption.replace('mean \u00b1 sd over', 'mean over'))
      .replace(marksSentence, marksOf(shown))
      .replace(/ {2,}/g, ' ')
      .trim(),
    ...(shown.stars && stars !== undefined ? [stars.caption] : []),
    ...(shown.date && made !== undefined ? [['Avocet', `${made.version},`, `${made.on}.`].join(' ')] : []),
  ];
  return sentences.join(' ');
}

function marksOf({ best, second }: Shown): string {
  if (best && second) return marksSentence;
  if (best) return 'Best in bold, on unrounded values.';
  return second ? 'Second underlined, on unrounded values.' : '';
}

/** A row with its differing settings, as plain text: "LightGCN n_layers 2". */
export const rowName = ({ title, differences }: { readonly title: string; readonly differences: string }): string =>
  differences === '' ? title : `${title} ${differences}`;

/** Options of each column. */
export function columnOptions(table: Table, options: ExportOptions): readonly ExportOptions[] {
  return tableColumns(table).map(({ metric }, column) => {
    const means = table.cells.map((row) => row[column]?.mean ?? 0);
    return { ...options, decimals: decimalsOf(metric.key, means, options.decimals) };
  });
}

/**
 * A metric has as many decimals as are wished; what a formula comes to may be a millionth, and has as many more as show three digits of its
 * largest value.
 */
export function decimalsOf(key: string, values: readonly number[], wished: number): number {
  const largest = formulaText(key) === undefined ? 0 : values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest === 0 ? wished : Math.min(12, Math.max(wished, 2 - Math.floor(Math.log10(largest))));
}
