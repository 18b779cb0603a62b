/** A reproduction report as Markdown for a note and as CSV for a script. */
import { csvText } from '#contract/csv-text.ts';
import { csvNumber } from '#export/csv.ts';
import { percent } from '#export/format.ts';
import { escapeMarkdown, pipeLine } from '#export/markdown.ts';
import type { Aggregate } from '#stats/aggregate.ts';
import { boundText } from './judgement.ts';
import { reportMetrics, type Comparison, type NotComparable, type ReportRow, type ReproductionReport } from './report.ts';

const decimals = 4;

export function reportMarkdown(report: ReproductionReport): string {
  const { dataset, family, familyWords, seeds, epochs, files, rows } = report;
  const [train, validation, test] = dataset.rows.map((count) => count.toLocaleString('en'));
  const parts = [
    `# ${escapeMarkdown(`Published values and ours on ${dataset.name}`)}`,
    `Split ${dataset.splitHash.slice(0, 8)} (train ${train!}, validation ${validation!}, test ${test!}): ${family === 'unknown' ? familyWords : `family "${family}", ${familyWords}`}.`,
    `${report.selection} At most ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}, seeds ${seeds.join(', ')}; values are mean ± sample standard deviation (runs).`,
  ];
  if (report.standIns.length > 0)
    parts.push(
      `**The features of this folder are fitted stand-ins (${escapeMarkdown(report.standIns.join(', '))}). What models reach on them is never a reproduction of a published value.** They are held against the published harness on the same files instead. The models of the first table see ids alone, or ids and the item graph that came with the folder.`,
    );
  parts.push(
    files.length === 0
      ? 'No file of printed values was given or found, so nothing stands beside ours.'
      : `Printed values from ${files.map(escapeMarkdown).join(' and ')}.`,
  );
  const section = (title: string, of: readonly ReportRow[], kind: Comparison['kind'], remark: string) => {
    const lines = of.flatMap((row) => comparisonLines(row, kind));
    if (lines.length > 0) parts.push(`## ${title}`, remark, [...head(comparisonHead), ...lines].join('\n'));
  };
  section(
    'Beside published values',
    rows,
    'published',
    'Of several sources of a model the first has the bound. A seed like ours: the printed value lies where a further seed of ours would, in 95 of 100 cases.',
  );
  section(
    'Beside the published harness on the same files',
    rows,
    'peer',
    'Its values are of one seed, at the same settings; the bound is the noise between seeds. Agreement shows the same model, not a published result.',
  );
  parts.push('## All runs', [...head(runHead), ...rows.map(runLine)].join('\n'));
  if (report.notComparable.length > 0)
    parts.push(
      '## Not comparable, and why',
      [...head(['Model', 'Source', 'Printed', 'Why']), ...report.notComparable.map(refusedLine)].join('\n'),
    );
  return `${parts.join('\n\n')}\n`;
}

/** What a note has room for; the CSV has all of them. */
const shownMetrics = ['recall@20', 'ndcg@20'] as const;
const comparisonHead = [
  ...['Model', 'Settings', 'Printed in'],
  ...['Recall@20, ours', 'printed', 'difference', 'bound', 'verdict', 'a seed like ours'],
  ...['NDCG@20, ours', 'printed', 'difference'],
];
const runHead = ['Model', 'Settings', 'Sees', 'Validation Recall@20', ...reportMetrics.map(label), 'Epochs', 'Remarks'];

function head(titles: readonly string[]): string[] {
  return [pipeLine(titles.map(escapeMarkdown)), pipeLine(titles.map(() => '---'))];
}

/** One line per source, with its values of both metrics. */
function comparisonLines(row: ReportRow, kind: Comparison['kind']): string[] {
  const own = row.comparisons.filter((entry) => entry.kind === kind);
  const sources = new Map(own.map((entry) => [`${entry.source}\n${entry.note}`, entry]));
  return [...sources.values()].map(({ source, note }) => {
    const of = (metric: string) => own.find((entry) => entry.source === source && entry.note === note && entry.metric === metric);
    const [recall, ndcg] = shownMetrics.map(of);
    return pipeLine(
      [
        ...[row.title, row.settings, note === '' ? source : `${source} (${note})`],
        ...valueCells(row, 'recall@20', recall),
        recall?.bound === undefined ? '' : boundText(recall.bound),
        recall === undefined ? '' : verdictText(recall),
        recall === undefined ? '' : (likeASeed(recall) ?? 'not decidable'),
        ...valueCells(row, 'ndcg@20', ndcg),
      ].map(escapeMarkdown),
    );
  });
}

function valueCells(row: ReportRow, metric: string, entry: Comparison | undefined): string[] {
  const difference =
    entry?.difference === undefined || entry.relative === undefined ? '' : `${signed(entry.difference)} (${percent(entry.relative)})`;
  return [amount(row.test[metric]), entry === undefined ? '' : entry.value.toFixed(decimals), difference];
}

function likeASeed({ isLikeASeed }: Comparison): string | undefined {
  return isLikeASeed === undefined ? undefined : isLikeASeed ? 'yes' : 'no';
}

function verdictText({ verdict, why }: Comparison): string {
  if (verdict === 'no bound') return '';
  return why === undefined ? verdict : `${verdict}: ${why}`;
}

function runLine(row: ReportRow): string {
  return pipeLine(
    [
      row.title,
      row.settings,
      row.sees,
      amount(row.validation),
      ...reportMetrics.map((metric) => amount(row.test[metric])),
      row.epochs.join(', '),
      row.remarks.join('; '),
    ].map(escapeMarkdown),
  );
}

function refusedLine({ title, source, metric, value, why }: NotComparable): string {
  const printed = metric === undefined || value === undefined ? '' : `${label(metric)} ${value.toFixed(decimals)}`;
  return pipeLine([title, source, printed, why].map(escapeMarkdown));
}

function label(metric: string): string {
  return metric.replace(/^ndcg/, 'NDCG').replace(/^recall/, 'Recall');
}

function amount(value: Aggregate | undefined): string {
  if (value === undefined) return '';
  const sd = value.sd === undefined ? '' : ` ± ${value.sd.toFixed(decimals)}`;
  return `${value.mean.toFixed(decimals)}${sd} (${value.n})`;
}

function signed(value: number): string {
  return `${value < 0 ? '\u2212' : '+'}${Math.abs(value).toFixed(decimals)}`;
}

/** One line per comparison, one per row without any, one per value that cannot be compared. */
export function reportCsv(report: ReproductionReport): string {
  const header = [
    ...['dataset', 'split_hash', 'split', 'model', 'row', 'settings', 'sees', 'stand_in_features', 'kind', 'source', 'metric'],
    ...[
      'ours_mean',
      'ours_sd',
      'ours_n',
      'validation_recall@20',
      'printed',
      'difference',
      'relative',
      'bound',
      'verdict',
      'like_a_seed',
      'note',
    ],
  ];
  const { name, splitHash } = report.dataset;
  const first = [name, splitHash, report.family].map(csvText);
  const own = (row: ReportRow, metric: string) => {
    const value = row.test[metric];
    return [csvNumber(value?.mean), csvNumber(value?.sd), value === undefined ? '0' : String(value.n), csvNumber(row.validation?.mean)];
  };
  const named = (row: ReportRow) => [...[row.title, row.id, row.settings, row.sees].map(csvText), row.isOnStandIns ? 'yes' : 'no'];
  const lines = report.rows.flatMap((row) => {
    const free = reportMetrics
      .filter((metric) => !row.comparisons.some((entry) => entry.metric === metric))
      .map((metric) => [
        ...first,
        ...named(row),
        'ours',
        '',
        metric,
        ...own(row, metric),
        '',
        '',
        '',
        '',
        '',
        '',
        csvText(row.remarks.join('; ')),
      ]);
    const compared = row.comparisons.map((entry) => [
      ...first,
      ...named(row),
      entry.kind,
      csvText(entry.source),
      entry.metric,
      ...own(row, entry.metric),
      csvNumber(entry.value),
      csvNumber(entry.difference),
      csvNumber(entry.relative),
      csvText(entry.bound === undefined ? '' : boundText(entry.bound)),
      csvText(verdictText(entry)),
      likeASeed(entry) ?? '',
      csvText([entry.note, ...row.remarks].filter((part) => part !== '').join('; ')),
    ]);
    return [...compared, ...free];
  });
  const refused = report.notComparable.map(({ title, source, metric = '', value, why }) => [
    ...first,
    csvText(title),
    ...['', '', '', ''],
    'not comparable',
    csvText(source),
    metric,
    ...['', '', '', ''],
    csvNumber(value),
    ...['', '', '', 'not comparable', ''],
    csvText(why),
  ]);
  return `${[header, ...lines, ...refused].map((fields) => fields.join(',')).join('\r\n')}\r\n`;
}
