/** The report of a reproduction: what was reached beside what is printed, what is met, and what cannot be compared and why. */
import type { DatasetSummary } from '#contract/dataset.ts';
import type { ModelCard } from '#contract/model-card.ts';
import type { RunSummary } from '#contract/run.ts';
import { aggregate, type Aggregate } from '#stats/aggregate.ts';
import { noiseFloor } from '../noise-floor.ts';
import { hasSettings, settingsText, type Choice, type ReproducedRow } from './comparable-set.ts';
import { judge, type Bound, type Judgement } from './judgement.ts';
import { knownSplit, sourceRemark, standIns, type KnownSplit } from './known-splits.ts';
import { modelOf, type Reference } from './references.ts';

/** Cut-offs of the report; the first one has the bound. */
export const reportMetrics = ['recall@20', 'ndcg@20', 'recall@10', 'ndcg@10'] as const;
const boundMetric = 'recall@20';
/** Length under which nothing was published: a shorter limit that ends a run forbids a verdict. */
const publishedEpochs = 1000;
/** Where a split has no published noise of its own; peer-results.csv is said to be judged so. */
const usualNoise = 0.001;

/** What the runs of a row came to. */
export interface RowOutcome {
  readonly row: ReproducedRow;
  /** The choice shown: the only one, or the winner on validation; absent while a selection is open. */
  readonly chosen?: Choice;
  /** Runs of the choice shown, or of all while the selection is open. */
  readonly runs: readonly RunSummary[];
  /** Runs that the whole row has, of all candidates, and how many have finished. */
  readonly wanted: number;
  readonly finished: number;
  /** Why the dataset cannot train it. */
  readonly impossible?: string;
}

export interface Comparison extends Judgement {
  readonly kind: Reference['kind'];
  readonly source: string;
  readonly printedModel: string;
  readonly metric: string;
  readonly value: number;
  readonly bound?: Bound;
  readonly note: string;
}

export interface ReportRow {
  readonly id: string;
  readonly model: string;
  readonly title: string;
  readonly settings: string;
  readonly sees: ReproducedRow['sees'];
  /** The features it sees are not those of the published results: whatever it reaches, it reproduces nothing. */
  readonly isOnStandIns: boolean;
  readonly wanted: number;
  readonly finished: number;
  readonly failed: number;
  readonly candidates: number;
  readonly epochs: readonly number[];
  readonly validation?: Aggregate;
  readonly test: Readonly<Record<string, Aggregate>>;
  readonly comparisons: readonly Comparison[];
  readonly remarks: readonly string[];
}

export interface NotComparable {
  readonly title: string;
  readonly source: string;
  readonly metric?: string;
  readonly value?: number;
  readonly why: string;
}

export interface ReproductionReport {
  readonly dataset: { readonly name: string; readonly splitHash: string; readonly rows: readonly [number, number, number] };
  readonly family: string;
  readonly familyWords: string;
  readonly selection: string;
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly files: readonly string[];
  readonly standIns: readonly string[];
  readonly rows: readonly ReportRow[];
  readonly notComparable: readonly NotComparable[];
}

export interface ReportSource {
  readonly dataset: DatasetSummary;
  readonly cards: readonly ModelCard[];
  readonly outcomes: readonly RowOutcome[];
  readonly references: readonly Reference[];
  readonly files: readonly string[];
  readonly epochs: number;
  readonly seeds: readonly number[];
}

export const selectionWords =
  'Epochs, and settings where a model has several candidates, are chosen on validation; test is scored once, at the epoch chosen.';

/** Published values beside ours where split, features and protocol are the same; what is not comparable is listed with its reason. Pure. */
export function reproductionReport(source: ReportSource): ReproductionReport {
  const { dataset, cards, outcomes, references, files, epochs, seeds } = source;
  const { splitHash } = dataset.fingerprint;
  const split = knownSplit(splitHash);
  const stands = split === undefined ? [] : standIns(split, dataset.modalities);
  const rows: ReportRow[] = [];
  const notComparable: NotComparable[] = [];
  if (split === undefined)
    notComparable.push({
      title: 'All models',
      source: 'all sources',
      why: 'this split is none of those whose published results are known (by fingerprint, not by name), so no printed value belongs to it',
    });
  for (const outcome of outcomes) {
    const card = cards.find(({ id }) => id === outcome.row.model)!;
    if (outcome.impossible !== undefined)
      notComparable.push({ title: titleOf(outcome.row, card), source: 'this dataset', why: outcome.impossible });
    const own = split === undefined ? [] : references.filter((entry) => isOf(entry, outcome.row, split));
    const refusals = own.map((entry) => [entry, refusal(entry, outcome.row, split!, stands)] as const);
    if (outcome.impossible === undefined) {
      const usable = refusals.flatMap(([entry, why]) => (why === undefined ? [entry] : []));
      rows.push(rowOf(outcome, card, usable, splitHash, epochs, stands));
    }
    for (const [entry, why] of refusals) {
      if (why === undefined || entry.metric !== boundMetric) continue;
      const { source: printed, metric, value } = entry;
      notComparable.push({ title: titleOf(outcome.row, card), source: printed, metric, value, why });
    }
  }
  return {
    dataset: { name: dataset.name, splitHash, rows: [dataset.train, dataset.validation, dataset.test] },
    family: split?.family ?? 'unknown',
    familyWords: split?.words ?? 'no published family has this fingerprint',
    selection: selectionWords,
    epochs,
    seeds,
    files,
    standIns: stands,
    rows,
    notComparable: once(notComparable),
  };
}

/** Two rows of one model are refused the same value for the same reason; that is said once. */
function once(entries: readonly NotComparable[]): NotComparable[] {
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
}

/** Printed for this dataset and model; of several rows of one model the peer's value belongs to the one with its settings and graph. */
function isOf(entry: Reference, row: ReproducedRow, split: KnownSplit): boolean {
  if (modelOf(entry.model) !== row.model || entry.dataset !== split.dataset) return false;
  return entry.kind === 'published' || row.itemGraph === 'computed';
}

function refusal(entry: Reference, row: ReproducedRow, split: KnownSplit, stands: readonly string[]): string | undefined {
  if (entry.kind === 'peer') return undefined;
  if (entry.split !== split.family) return `it is of another split of the same interactions: ${entry.split}; this one is ${split.family}`;
  if (row.sees === 'features' && stands.length > 0)
    return `it was made with the original features, and this folder holds fitted stand-ins (${stands.join(', ')})`;
  return undefined;
}

function titleOf(row: ReproducedRow, card: ModelCard): string {
  if (row.model !== 'freedom') return card.title;
  return `${card.title} (${row.itemGraph} graph)`;
}

function rowOf(
  outcome: RowOutcome,
  card: ModelCard,
  references: readonly Reference[],
  splitHash: string,
  epochs: number,
  stands: readonly string[],
): ReportRow {
  const { row, runs, wanted, finished, chosen } = outcome;
  const failures = runs.flatMap(({ state, problem }) => (state === 'failed' ? [problem?.message ?? 'unknown reason'] : []));
  const failed = failures.length;
  const done = runs.filter(({ state }) => state === 'finished');
  const valuesOf = (metric: string) =>
    chosen === undefined ? [] : done.flatMap(({ test }) => (test.state === 'shown' ? (test.values[metric] ?? []) : []));
  const cut = done.some(({ stopReason }) => stopReason === 'epoch-limit') && epochs < publishedEpochs;
  const obstacle =
    chosen === undefined && row.choices.length > 1
      ? `the selection among ${row.choices.length} candidates is open: ${finished} of ${wanted} runs`
      : cut
        ? `cut at ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`
        : undefined;
  let first: string | undefined;
  const comparisons = references.flatMap((entry): Comparison[] => {
    if (entry.kind === 'peer' && (chosen === undefined || !hasSettings(chosen, card, entry.settings))) return [];
    if (!reportMetrics.some((metric) => metric === entry.metric)) return [];
    // Of several sources of one published value the first named is the one to meet; the others show how far sources differ.
    if (entry.kind === 'published') first ??= entry.source;
    const bound = boundOf(entry, row, entry.source === first, splitHash);
    const remark = entry.kind === 'published' ? sourceRemark(entry.source) : undefined;
    return [
      {
        ...judge(valuesOf(entry.metric), entry.value, bound, obstacle),
        kind: entry.kind,
        source: entry.source,
        printedModel: entry.model,
        metric: entry.metric,
        value: entry.value,
        ...(bound === undefined ? {} : { bound }),
        note: [entry.note, remark].filter((part) => part !== undefined && part !== '').join('; '),
      },
    ];
  });
  const shown = chosen === undefined ? [] : done;
  const validation = aggregate(shown.flatMap((run) => run.validation?.[boundMetric] ?? []));
  const test = reportMetrics.flatMap((metric) => {
    const value = aggregate(valuesOf(metric));
    return value === undefined ? [] : [[metric, value] as const];
  });
  const isOnStandIns = row.sees === 'features' && stands.length > 0;
  return {
    id: row.id,
    model: row.model,
    title: titleOf(row, card),
    settings: chosen === undefined ? row.choices.map((choice) => settingsText(choice, card)).join(' or ') : settingsText(chosen, card),
    sees: row.sees,
    isOnStandIns,
    wanted,
    finished,
    failed,
    candidates: row.choices.length,
    epochs: shown.map((run) => run.epochs),
    ...(validation === undefined ? {} : { validation }),
    test: Object.fromEntries(test),
    comparisons,
    remarks: [
      ...(isOnStandIns ? ['fitted features: not a reproduction, whatever it reaches'] : []),
      ...(row.choices.length > 1 && chosen !== undefined ? [`chosen on validation among ${row.choices.length} candidates`] : []),
      ...(finished < wanted
        ? [`${finished} of ${wanted} runs finished${failed > 0 ? `, ${failed} failed (${[...new Set(failures)].join('; ')})` : ''}`]
        : []),
      ...(comparisons.length === 0 ? ['nothing printed to compare with'] : []),
    ],
  };
}

function boundOf(entry: Reference, row: ReproducedRow, isFirst: boolean, splitHash: string): Bound | undefined {
  if (entry.metric !== boundMetric) return undefined;
  if (entry.kind === 'peer') return { kind: 'absolute', limit: noiseFloor(splitHash) ?? usualNoise };
  return isFirst && row.share !== undefined ? { kind: 'relative', limit: row.share } : undefined;
}
