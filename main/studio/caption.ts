import type { Table } from '#contract/table.ts';
import { marksSentence } from '#contract/table-words.ts';
import { comparability, evaluationOf, protocolName, unequalBudget } from './comparability.ts';
import { unequalWords } from './fairness.ts';
import { isFormula } from './metric-names.ts';
import type { ComparedExperiment, ComparisonSource, Configuration } from './compared-run.ts';

interface Facts {
  readonly part: Table['part'];
  readonly selection: Table['selection'];
  /** What is said of test values that could be seen without a selection. */
  readonly visible: string;
  readonly included: readonly Configuration[];
  readonly datasets: Table['groups'];
  readonly segments?: 'users' | 'items' | undefined;
  readonly metrics: Table['metrics'];
  readonly experiments: readonly ComparedExperiment[];
  /** Of everything behind the values. */
  readonly selections: NonNullable<Table['selections']>;
}

/** The caption of a table, built from facts alone: part, seeds, marks, protocol, splits, K (protocol.md section 9, rule 9). */
export function tableCaption({ part, selection, visible, included, datasets, segments, metrics, experiments, selections }: Facts): string {
  const counts = included.filter((entry) => entry.runs.length > 0).map((entry) => entry.runs.length);
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  const seeds =
    most === 1 ? 'one seed' : least === most ? `mean \u00b1 sd over ${most} seeds` : `mean \u00b1 sd over ${least} to ${most} seeds`;
  const epoch = epochWords(included);
  const where =
    part === 'test'
      ? `Test, ${seeds}; ${epoch}.`
      : selection === 'open'
        ? `Validation (test is masked until the selection is frozen), ${seeds}; ${epoch}.`
        : `Validation, ${seeds}; ${epoch}.`;
  const also = part === 'test' || epoch === elsewhere ? '' : alsoWords(included);
  const marked = included.length > 1 && comparability(included).ok ? marksSentence : '';
  const protocols = protocolsOf(included);
  const searches = [...new Set(experiments.flatMap(({ search }) => search ?? []))].map((words) => `Search: ${words}.`);
  const open = experiments.flatMap(({ name, incomplete }) =>
    incomplete === undefined ? [] : [experiments.length === 1 ? incomplete : `${incomplete} of ${name}`],
  );
  const incomplete = open.length === 0 ? '' : `Incomplete: ${open.join(', ')}.`;
  const selected = part !== 'test' ? [] : [selectionWords(selections), visible];
  const cuts = [...new Set(metrics.flatMap(({ key }) => (isFormula(key) ? [] : [key.split('@')[1] ?? ''])))].join(', ');
  const splits = datasets.map((group) => `${group.name} ${group.split}`).join(', ');
  // Sentence by sentence: which of them there are differs, and another language says each by itself.
  const sentences = [
    where,
    also,
    marked,
    taskWords(included),
    segments === undefined ? '' : segmentWords[segments],
    rankingWords(included, cuts, protocols.join(' and ')),
    unequalWords(unequalBudget(included)),
    formulaWords(metrics),
    datasets.length === 1 ? `Split: ${splits}.` : `Splits: ${splits}.`,
    ...selected,
    ...searches,
    incomplete,
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

const elsewhere = 'epoch chosen elsewhere';

/** The protocols of the runs behind the values, as tables and files name them. */
export const protocolsOf = (included: readonly Configuration[]): string[] => [
  ...new Set(included.flatMap((entry) => entry.runs.map((run) => protocolName(run.config.protocol)))),
];

/** What chose the epoch that values are from (protocol.md section 4 and S12). */
function epochWords(included: readonly Configuration[]): string {
  const runs = included.flatMap((entry) => entry.runs).filter(({ config }) => config.external?.kind !== 'import');
  if (runs.length === 0) return elsewhere;
  const rounded = runs.filter(({ config }) => config.protocol === 'mmrec').length;
  if (rounded === 0) return 'epoch chosen on validation Recall@20';
  return rounded === runs.length
    ? 'epoch chosen on validation Recall@20 rounded to four decimals'
    : 'epoch chosen on validation Recall@20 (rounded to four decimals under the MMRec protocol)';
}

/** What the validation values that stand in the table also did (protocol.md S12). */
function alsoWords(included: readonly Configuration[]): string {
  const runs = included.flatMap((entry) => entry.runs);
  const nested = runs.filter((run) => evaluationOf(run).validation === 'nested').length;
  if (nested === 0) return 'The values shown also chose the epoch.';
  return nested === runs.length
    ? 'Nested validation: half of its users chose the epoch, the values shown are of the other half.'
    : 'The values shown also chose the epoch, except under nested validation.';
}

function rankingWords(included: readonly Configuration[], cuts: string, protocols: string): string {
  const runs = included.flatMap((entry) => entry.runs);
  const cold = runs.filter((run) => evaluationOf(run).candidates === 'cold-items').length;
  if (cold === 0) return `Full ranking, K ${cuts}; ${protocols}.`;
  return cold === runs.length
    ? `Ranking among cold items alone (items without a train row), K ${cuts}; ${protocols}.`
    : `Ranking of all items, or among cold items alone where a row says so, K ${cuts}; ${protocols}.`;
}

/** Columns that no K belongs to: worked out for each run, then averaged over seeds. */
function formulaWords(metrics: Table['metrics']): string {
  const formulas = metrics
    .filter(({ key }) => isFormula(key))
    .map(({ key, label }) => (label === key.slice(1) ? label : `${label} = ${key.slice(1)}`));
  if (formulas.length === 0) return '';
  return formulas.length === 1
    ? `One column is a formula, worked out for each run and then averaged: ${formulas.join('; ')}.`
    : `${formulas.length} columns are formulas, worked out for each run and then averaged: ${formulas.join('; ')}.`;
}

const segmentWords = {
  users: 'By how many train rows a user has: means over the users of a segment.',
  items: 'By popularity of held-out items: of the same lists only hits in the segment count, over users with a held-out item in it.',
} as const;

/** What was chosen among how many, when. Who did it is no fact about the numbers: the audit in files and bundles says that too. */
function selectionWords(selections: NonNullable<Table['selections']>): string {
  return selections
    .map(({ experiment, candidates, criterion, frozenAt }) => {
      const rule = criterion.charAt(0).toLowerCase() + criterion.slice(1);
      const whose = selections.length === 1 ? '' : ` of ${experiment}`;
      return `Selection${whose} frozen ${new Date(frozenAt).toISOString().slice(0, 10)}: ${rule}, ${candidates} candidates.`;
    })
    .join(' ');
}

/** Nothing of held-out items, which all other tables are about; of next items what they are ranked from. */
function taskWords(included: readonly Configuration[]): string {
  const runs = included.flatMap((entry) => entry.runs);
  const ordered = runs.filter((run) => run.sequenceHash !== undefined);
  if (ordered.length === 0) return '';
  const titles = [...new Set(ordered.map((run) => run.summary.modelTitle))].join(', ');
  const whose = ordered.length === runs.length ? 'Next item' : `${titles}: next item`;
  return `${whose} after each user’s history (leave-one-out by time; train items masked).`;
}

/** What a reader must know beside the caption: cells with fewer runs, and settings that decided a row. */
export function tableNotes(included: readonly Configuration[], source: ComparisonSource): readonly string[] {
  const halted = new Map<string, number>();
  const notes = included.flatMap((entry) => {
    const unfinished = entry.unfinished.filter((run) => run.summary.verdict === undefined);
    const [ended] = entry.unfinished.filter((run) => run.summary.verdict !== undefined);
    if (ended !== undefined) {
      const place = `${source.modelTitle(entry.model)} on ${ended.summary.datasetName}`;
      halted.set(place, (halted.get(place) ?? 0) + 1);
    }
    if (unfinished.length === 0) return [];
    const states = [...new Set(unfinished.map((run) => (run.summary.problem?.kind === 'diverged' ? 'diverged' : run.summary.state)))];
    const dataset = unfinished[0]!.summary.datasetName;
    const total = entry.runs.length + unfinished.length;
    return [`${source.modelTitle(entry.model)} on ${dataset}: n = ${entry.runs.length} of ${total} (${states.join(', ')})`];
  });
  return [...notes, ...[...halted].map(([place, count]) => `${place}: ${count} ended early by successive halving`)];
}

/** Runs that lie in the trash are no rows here, but candidates of their selection. */
export function trashedNotes(experiments: readonly ComparedExperiment[]): readonly string[] {
  return experiments.flatMap(({ name, trashed = 0 }) => {
    if (trashed === 0) return [];
    return [trashed === 1 ? `${name}: 1 run is in the trash and left out` : `${name}: ${trashed} runs are in the trash and left out`];
  });
}
