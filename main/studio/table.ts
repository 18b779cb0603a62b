import { metricsOf, type Table, type TableCell } from '#contract/table.ts';
import { aggregate } from '#stats/aggregate.ts';
import { averageRanks, marks } from '#stats/marks.ts';
import { tHalfWidth } from '#stats/paired-t.ts';
import { protocolsOf, tableCaption, tableNotes, trashedNotes } from './caption.ts';
import { comparability, publishedSplit } from './comparability.ts';
import type { ComparisonSource, Configuration } from './compared-run.ts';
import { rankedColumns } from './resplits.ts';
import { reportedInTable } from './reported-in-table.ts';
import { isFormula } from './metric-names.ts';
import { baselineOf, tableLayout, type ParsedTableRequest, type SegmentedRuns, type TableLayout } from './table-layout.ts';

/**
 * The pivot: models (or configurations) × datasets × metrics, mean ± sd (n), best and second on unrounded means.
 * Shows validation until every experiment in scope is frozen; asking for test before that is a problem with its fix.
 */
export function buildTable(source: ComparisonSource, request: ParsedTableRequest, segmented?: SegmentedRuns): Table {
  const layout = tableLayout(source, request, segmented);
  const { experiments, frozen, selection, visible, part, rows, groups, metrics, included, leftOut } = layout;
  const datasets = groups.filter(({ segment }) => segment === undefined);
  const cells = rows.map((row) =>
    groups.flatMap(({ dataset }, group) =>
      metrics.map((_, metric) => makeCell(row.byDataset.get(dataset), group * metrics.length + metric, layout)),
    ),
  );
  const columns = groups.flatMap((_, group) => metrics.map((__, metric) => cells.map((row) => row[group * metrics.length + metric]!.mean)));
  const better = groups.flatMap(() => metrics.map((metric) => metric.better));
  const alike = comparability(included);
  const comparable = part === 'test' && visible !== undefined ? { ...alike, warnings: [...alike.warnings, ...visible.warnings] } : alike;
  // Rows on different splits or under different protocols stand side by side, but nothing is best among them (protocol.md 9, rule 6).
  for (const [index, column] of comparable.ok ? columns.entries() : []) {
    for (const [row, mark] of marks(column, better[index]!).entries())
      if (mark !== undefined) cells[row]![index] = { ...cells[row]![index]!, mark };
  }
  const baseline = baselineOf(rows, request.baseline);
  const gains =
    baseline === undefined || !comparable.ok
      ? undefined
      : gainRow(
          columns,
          better,
          rows.findIndex((row) => row.key === baseline),
        );
  const ranks = rows.length < 2 || !comparable.ok ? undefined : ranksOf(layout, columns);
  const audits = experiments.flatMap((experiment) =>
    experiment?.selection === undefined ? [] : [{ experiment: experiment.name, ...experiment.selection }],
  );
  // What the table is about; with runs that were taken up from elsewhere this is not the experiment that owns them.
  const asked = request.scope.experiments.flatMap((id) => source.experiment(id) ?? []);
  const about = asked.length > 0 && request.scope.runs.length === 0 ? asked : experiments;
  const splits = groups.map(({ dataset, segment }) => ({
    // Papers print neither segments nor rankings among cold items.
    splitHash: segment === undefined ? publishedSplit(included, dataset) : '',
  }));
  const reported = reportedInTable(source.reported?.() ?? [], splits, { metrics, part });
  return {
    title: `${
      about.length === 1 && about[0] !== undefined
        ? about[0].name
        : `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}, ${datasets.length} ${datasets.length === 1 ? 'dataset' : 'datasets'}`
    }${request.segments === undefined ? '' : `, by ${request.segments === 'users' ? 'user' : 'item'} segment`}`,
    part,
    frozen,
    selection,
    rows: rows.map((row) => ({
      key: row.key,
      model: row.model,
      title: source.modelTitle(row.model),
      differences: row.differences,
      inferred: row.inferred,
    })),
    groups: [...groups],
    protocols: protocolsOf(included),
    metrics,
    cells,
    ...(gains === undefined ? {} : { gains }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(ranks === undefined ? {} : { ranks }),
    ...(audits.length === 0 ? {} : { selections: audits }),
    caption: tableCaption({
      part,
      selection,
      visible: visible?.caption ?? '',
      included,
      datasets,
      segments: request.segments,
      metrics,
      selections: audits,
      experiments: asked,
    }),
    notes: [...tableNotes(included, source), ...trashedNotes(asked), ...(leftOut === undefined ? [] : [leftOut])],
    comparable,
    ...(reported.length === 0 ? {} : { reported: [...reported] }),
  };
}

/** The table without formulas under segments, where they have no value: each stands once, for the whole of its dataset. */
export function withoutRepeats(table: Table): Table {
  const columns = table.groups.flatMap(({ segment }) => table.metrics.map(({ key }) => segment === undefined || !isFormula(key)));
  if (!columns.includes(false)) return table;
  const standing = <T>(values: readonly T[]) => values.filter((_, column) => columns[column]);
  return {
    ...table,
    groups: table.groups.filter((group) => metricsOf(table, group).length > 0),
    cells: table.cells.map(standing),
    ...(table.gains === undefined ? {} : { gains: standing(table.gains) }),
    ...(table.reported === undefined ? {} : { reported: table.reported.map((row) => ({ ...row, values: standing(row.values) })) }),
  };
}

/**
 * Average rank of each row over datasets and metrics. A segment is a part of its dataset and would count it twice, folds and repeated
 * splits are replicates of one; a formula is made of what is ranked, or of costs.
 */
function ranksOf(layout: TableLayout, columns: readonly (readonly (number | undefined)[])[]): (number | null)[] {
  const ranked = layout.metrics.flatMap(({ key, better }, at) =>
    isFormula(key)
      ? []
      : rankedColumns(layout, at, (group, row) => columns[group * layout.metrics.length + at]![row]).map((column) => ({ column, better })),
  );
  return [
    ...averageRanks(
      ranked.map(({ column }) => column),
      ranked.map(({ better }) => better),
    ),
  ];
}

function makeCell(entry: Configuration | undefined, column: number, { read, part, groups, metrics }: TableLayout): TableCell {
  if (entry === undefined) return { n: 0, missing: 'not run', runIds: [] };
  const runIds = entry.runs.map((run) => run.summary.id);
  const result = aggregate(read(entry, column));
  if (result === undefined) {
    const isOwn = isFormula(metrics[column % metrics.length]?.key ?? '');
    const isSegment = groups[Math.floor(column / metrics.length)]?.segment !== undefined;
    const missing = entry.runs.length === 0 ? undefined : isSegment ? 'not kept' : isOwn ? 'no value' : undefined;
    return { n: 0, missing: missing ?? missingReason(entry, part), runIds };
  }
  const half = tHalfWidth(result);
  return {
    mean: result.mean,
    n: result.n,
    ...(result.sd === undefined ? {} : { sd: result.sd }),
    ...(half === undefined ? {} : { halfWidth: half }),
    runIds,
  };
}

/** Why a configuration has no value of a part, in a word or two. */
export function missingReason(entry: Configuration, part: 'validation' | 'test'): string {
  if (entry.runs.length > 0) return part === 'test' ? 'masked' : 'not recorded';
  if (entry.unfinished.some((run) => run.summary.verdict !== undefined)) return 'ended early';
  const failed = entry.unfinished.find((run) => run.summary.state === 'failed');
  if (failed !== undefined) return failed.summary.problem?.kind === 'diverged' ? 'diverged' : 'failed';
  const states = new Set(entry.unfinished.map((run) => run.summary.state));
  if (states.has('running') || states.has('preparing')) return 'running';
  if (states.has('stopped')) return 'stopped';
  return states.has('paused') ? 'paused' : 'waiting';
}

function gainRow(
  columns: readonly (readonly (number | undefined)[])[],
  better: readonly ('higher' | 'lower')[],
  baseline: number,
): (number | null)[] {
  return columns.map((column, index) => {
    const base = column[baseline];
    if (base === undefined || base === 0) return null;
    const others = column.filter((value, row): value is number => value !== undefined && row !== baseline);
    if (others.length === 0) return null;
    const best = better[index] === 'higher' ? Math.max(...others) : Math.min(...others);
    return (best - base) / Math.abs(base);
  });
}
