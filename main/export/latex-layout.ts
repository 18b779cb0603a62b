/** How the columns of a LaTeX table are laid out on a page, and how large its numbers come out there. */
import { arrangements, metricsOf, type ExportOptions, type Panel, type Table, type TableFit } from '#contract/table.ts';
import { panelSpans, wholePanel } from '#contract/table-words.ts';
import { citations, reportedRows } from './format.ts';
import { columnWidths, titleWidth, type Reported } from './latex-cells.ts';
import { brokenLines, sizes, textWidth } from './latex-width.ts';

/** Points of a line, as in papers of two columns (ACM, IEEE); a turned page is as wide as others are high. */
const lines = { one: 241, two: 470, turned: 550 } as const;
/** Points that a table may take on a page beside its caption; a turned page is as high as others are wide. */
const pages = { upright: 500, turned: 420 } as const;
/** From line to line in \small, and what a rule of booktabs takes with the room around it. */
const [lineSkip, rule] = [11, 6];
/** \tabcolsep, on both sides of a column's border. */
const gap = 8;
/** Points below which numbers are hard to read in print; publishers ask for 6 to 8. */
const least = 7;
/** A heading wider than its columns is broken into lines no narrower than this; where the table is too wide for that, than the other. */
const headingWidths = [140, 70] as const;

export function reportedOf(table: Table, options: ExportOptions): Reported {
  const reported = reportedRows(table, options);
  return { reported, sources: citations(reported) };
}

/** The lines of a heading: as wide as its columns, and no narrower than a few words. */
export function headingLines(title: string, below: number, { heading }: Pick<Layout, 'heading'>): readonly string[] {
  return brokenLines(title, Math.max(below, heading));
}

export interface Layout {
  readonly panels: readonly Panel[];
  /** Points of each value column without the headings over it. */
  readonly columns: readonly number[];
  /** Of the widest panel. */
  readonly width: number;
  /** Of a line on the page. */
  readonly line: number;
  readonly height: number;
  /** Of what a page has room for. */
  readonly page: number;
  /** Points that a heading may take, whatever its columns need. */
  readonly heading: number;
}

export function layoutOf(table: Table, options: ExportOptions): Layout {
  return laidOut(table, options, measured(table, options));
}

/** What the letters of a table take, however its columns are laid out; every cell is looked at. */
interface Measured {
  /** Points of each value column without the headings over it. */
  readonly columns: readonly number[];
  /** Of the column with the names of rows. */
  readonly title: number;
  /** Lines below the headings of a panel, and rules between them. */
  readonly body: { readonly lines: number; readonly rules: number };
}

function measured(table: Table, options: ExportOptions): Measured {
  const reported = reportedOf(table, options);
  const papers = reported.reported.length;
  const hasGains = options.gain && table.gains !== undefined;
  const body = { lines: table.rows.length + papers + (hasGains ? 1 : 0), rules: 1 + (papers > 0 ? 1 : 0) + (hasGains ? 1 : 0) };
  return { columns: columnWidths(table, options, reported), title: titleWidth(table, options, reported), body };
}

function laidOut(table: Table, options: Pick<ExportOptions, 'arrange' | 'columns'>, { columns, title, body }: Measured): Layout {
  const page = options.arrange === 'turned' ? pages.turned : pages.upright;
  const line = options.arrange === 'turned' ? lines.turned : lines[options.columns];
  const [broad, narrow] = headingWidths.map((heading) => {
    const widthOf = (panels: readonly Panel[]) =>
      title + stackedWidth(panels.map((panel) => panelColumns(table, panel, { columns, heading })));
    // A little smaller is better than one more panel.
    const fits = (panels: readonly Panel[]) => widthOf(panels) * least <= sizes.small.points * line;
    const panels = options.arrange === 'stacked' ? stacked(table, fits) : [wholePanel(table)];
    const height = panels.reduce((sum, panel) => sum + panelHeight(table, panel, { columns, heading, body }), 0);
    return { panels, columns, width: widthOf(panels), line, height, page, heading };
  });
  return broad!.width <= line ? broad! : narrow!;
}

/** Panels share their columns: each is as wide as the widest at its place. */
function stackedWidth(panels: readonly (readonly number[])[]): number {
  const most = Math.max(...panels.map(({ length }) => length));
  return Array.from({ length: most }, (_, at) => gap + Math.max(...panels.map((widths) => widths[at] ?? 0))).reduce(
    (sum, width) => sum + width,
    0,
  );
}

/** Points between columns from one to another, without the gaps outside. */
export function spannedWidth(columns: readonly number[], from: number, to: number): number {
  return columns.slice(from, to).reduce((sum, width) => sum + width, 0) + gap * (to - from - 1);
}

/** Widths of the columns of a panel; what a heading needs more than the columns below it, the last of these takes. */
function panelColumns(table: Table, panel: Panel, { columns, heading }: Pick<Layout, 'columns' | 'heading'>): readonly number[] {
  const { datasets, segments } = panelSpans(table, panel);
  const own = columns.slice(panel.from, panel.to);
  let at = 0;
  for (const { title: name, columns: count } of segments ?? datasets) {
    const below = spannedWidth(own, at, at + count);
    at += count;
    own[at - 1]! += Math.max(0, ...headingLines(name, below, { heading }).map((line) => textWidth(line) - below));
  }
  return own;
}

/** Points that a panel takes: its headings, the rows, and the rules around them. */
function panelHeight(
  table: Table,
  panel: Panel,
  { columns, heading, body }: Pick<Layout, 'columns' | 'heading'> & Pick<Measured, 'body'>,
): number {
  const { datasets, segments } = panelSpans(table, panel);
  const headings = [datasets, ...(segments === undefined ? [] : [segments])].map((spans) => {
    let at = panel.from;
    return Math.max(
      ...spans.map(({ title, columns: count }) => {
        at += count;
        return headingLines(title, spannedWidth(columns, at - count, at), { heading }).length;
      }),
    );
  });
  const lines = headings.reduce((sum, count) => sum + count, 1) + body.lines;
  return lines * lineSkip + (headings.length + 1 + body.rules) * rule;
}

/**
 * As few panels as fit, of about as many datasets each; a dataset that is too wide by itself is broken between its columns.
 */
function stacked(table: Table, fits: (panels: readonly Panel[]) => boolean): readonly Panel[] {
  const ends = table.groups.map((_, at) => table.groups.slice(0, at + 1).reduce((sum, group) => sum + metricsOf(table, group).length, 0));
  const begin = (group: number) => ends[group - 1] ?? 0;
  const count = ends.length;
  const cut = (step: number): readonly Panel[] =>
    Array.from({ length: Math.ceil(count / step) }, (_, at) => ({
      from: begin(at * step),
      to: ends[Math.min(count, (at + 1) * step) - 1]!,
    }));
  for (let groups = count; groups >= 1; groups--) {
    const panels = cut(groups);
    if (fits(panels)) return cut(Math.ceil(count / panels.length));
  }
  // Each dataset by itself is too wide: pieces of a dataset, the same in each.
  const most = table.metrics.length;
  for (let pieces = 2; pieces <= most; pieces++) {
    const size = Math.ceil(most / pieces);
    const panels = ends.flatMap((end, group) =>
      Array.from({ length: Math.ceil((end - begin(group)) / size) }, (_, at) => ({
        from: begin(group) + at * size,
        to: Math.min(begin(group) + (at + 1) * size, end),
      })),
    );
    if (fits(panels) || pieces === most) return panels;
  }
  return cut(1);
}

/** A table is higher than its page by more than it is wider than its line. */
export function isTall({ width, line, height, page }: Layout): boolean {
  return height / page > Math.max(1, width / line);
}

/** Points of the numbers in print: a table that is too wide or too high is shrunk as a whole. */
function pointsOf({ width, line, height, page }: Layout): number {
  return sizes.small.points * Math.min(1, line / width, page / height);
}

export function fitOf(table: Table, options: ExportOptions): TableFit {
  const letters = measured(table, options);
  const layout = laidOut(table, options, letters);
  const points = pointsOf(layout);
  const others = arrangements.flatMap((arrange) =>
    (['one', 'two'] as const).map((columns) => {
      const other = laidOut(table, { arrange, columns }, letters);
      return { arrange, columns, points: pointsOf(other), panels: other.panels.length };
    }),
  );
  const better = others
    // A turned page is as wide for one column as for two.
    .filter(
      (other) => other.columns === options.columns || (options.columns === 'one' && other.columns === 'two' && other.arrange !== 'turned'),
    )
    .filter((other) => other.points > points + 0.5)
    .sort((a, b) => b.points - a.points || a.panels - b.panels);
  return { points, least, isTall: isTall(layout), panels: [...layout.panels], better: points < least ? better : [] };
}
