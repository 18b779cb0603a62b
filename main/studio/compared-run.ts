import type { Selection } from '#contract/experiment.ts';
import { grouped } from '#contract/grouped.ts';
import type { RunConfig, RunSummary, Series } from '#contract/run.ts';
import type { SplitRule } from '#contract/split-rule.ts';
import type { Steps } from '#contract/steps.ts';
import type { ReportedRow } from '#contract/runs-table.ts';
import { differencesText } from './configurations.ts';

/** A finished run as comparisons see it: its summary (test values already masked where they must be), settings and split. */
export interface ComparedRun {
  readonly summary: RunSummary;
  readonly config: RunConfig;
  readonly splitHash: string;
  /** Of its dataset: all rows without the split. */
  readonly graphShape?: string;
  /** How the split of its dataset was made and its rows, where that is known. */
  readonly madeSplit?: { readonly rule: SplitRule; readonly train: number; readonly validation: number; readonly test: number };
  readonly steps: Steps;
  /** Of a model that trains nothing: no budget is spent on it. */
  readonly isUntrained?: true;
  /** Hash of each modality's features, as the run read them. */
  readonly features?: Readonly<Record<string, string>>;
  /** Of a run that predicts next items: the order of rows it was scored on. Such runs are a family of their own. */
  readonly sequenceHash?: string;
  /** What defines the comparison it belongs to (protocol.md section 3); absent in records of versions that did not name it. */
  readonly protocolId?: string;
}

/** Whether it ran here. Imported runs have another evaluator and a split that nobody proved: they enter no test, rank or mean. */
export const isOwn = ({ summary }: ComparedRun): boolean => summary.imported === undefined;

/** What a table says of imported runs that were asked for. */
export function leftOutWords(runs: readonly ComparedRun[]): string | undefined {
  const titles = [...new Set(runs.filter((run) => !isOwn(run)).map(({ summary }) => summary.modelTitle))];
  if (titles.length === 0) return undefined;
  const shown = titles.length > 5 ? `${titles.slice(0, 5).join(', ')} and ${titles.length - 5} more` : titles.join(', ');
  return `Left out, as imported runs enter no test, rank or mean (another evaluator, a split that is not proved): ${shown}`;
}

export interface ComparedExperiment {
  readonly id: string;
  readonly name: string;
  readonly frozen: boolean;
  /** One configuration on each dataset: nothing is selected, and test values need no freezing. */
  readonly choosesNothing?: boolean;
  /** How its configurations were chosen, where they were searched for. */
  readonly search?: string;
  /** "37/60 runs" where the grid or search has no result for all of it. */
  readonly incomplete?: string;
  /** Runs of it that lie in the trash and stand in no table. */
  readonly trashed?: number;
  /** Candidates, winners, who and when: the audit of its selection, once frozen. */
  readonly selection?: Selection;
}

/** What comparisons read. The store implements it; nothing here writes. */
export interface ComparisonSource {
  /** Runs of the scope that are not in the trash, oldest first; an empty scope means all. Failed and stopped runs are included. */
  runs(scope: { readonly experiments: readonly string[]; readonly runs: readonly string[] }): readonly ComparedRun[];
  /** Series of the training stage: "loss", "train-seconds", "recall@20" …; undefined where it was not recorded. */
  series(runId: string, key: string): Series | undefined;
  experiment(id: string): ComparedExperiment | undefined;
  modelTitle(id: string): string;
  /** A formula ("=val.recall@20 / elapsedSeconds") worked out for each run, in their order; undefined for a run without a value. */
  formula?(key: string, runs: readonly ComparedRun[]): readonly (number | undefined)[];
  /** For each model on its dataset, how many configurations' test values could be seen without a frozen selection, in whatever experiment. */
  shownUnselected?(places: readonly Pick<Configuration, 'model' | 'dataset'>[]): readonly number[];
  /** Rows of papers; absent where there can be none. */
  reported?(): readonly ReportedRow[];
}

/** Runs of one configuration on one dataset: the replicates that collapse to mean ± sd (n). */
export interface Configuration {
  /** Configuration hash: everything but seed, device and threads. */
  readonly key: string;
  readonly dataset: string;
  readonly model: string;
  readonly differences: string;
  readonly inferred: boolean;
  /** Finished replicates, one per seed: a repeated seed counts once, the latest run of it. */
  readonly runs: readonly ComparedRun[];
  /** What did not finish, for "n" and the notes. */
  readonly unfinished: readonly ComparedRun[];
}

/** Runs of one configuration on one dataset, in order of first appearance (grid order). */
export function replicates(runs: readonly ComparedRun[]): ReadonlyMap<string, readonly ComparedRun[]> {
  return grouped(runs, ({ summary }) => `${summary.dataset}\n${summary.configHash}`);
}

/** Groups runs by dataset and configuration, in order of first appearance (grid order). */
export function configurations(runs: readonly ComparedRun[]): readonly Configuration[] {
  return [...replicates(runs).values()].map((group) => {
    const first = group[0]!;
    const finished = new Map<number, ComparedRun>();
    for (const run of group) if (run.summary.state === 'finished') finished.set(run.config.seed, run);
    return {
      key: first.summary.configHash,
      dataset: first.summary.dataset,
      model: first.summary.model,
      differences: differencesText(first.summary.differences),
      inferred: first.summary.inferred,
      runs: [...finished.values()],
      unfinished: group.filter((run) => run.summary.state !== 'finished' && !finished.has(run.config.seed)),
    };
  });
}
