/** Which tests a comparison asks for, as a task for the worker: configurations with their files and values, and the pairs between them. */
import { metricNames, cutOffs } from '#contract/run.ts';
import type { TestOptions } from '#contract/significance.ts';
import type { Statistics, TestTask } from '#contract/statistics.ts';
import { values, type TableLayout } from './table-layout.ts';

export type SettledOptions = Statistics['options'];

/** Wilcoxon per user, since most differences are 0 and the rest far from normal; the t test per seed, where Wilcoxon has too few to say anything. */
export function settled(options: TestOptions): SettledOptions {
  return { ...options, test: options.test ?? (options.design === 'user' ? 'wilcoxon' : 't') };
}

export interface PlannedPair {
  /** Indices of rows. */
  readonly first: number;
  readonly second: number;
  readonly column: number;
  /** Index in the task; absent where a side has nothing to test. */
  readonly pair?: number;
}

export interface TestPlan {
  readonly task: TestTask;
  readonly pairs: readonly PlannedPair[];
}

/** Per-user files of a run for a part, by the names the trainer gives them; undefined where the run has none. */
export type PerUserFile = (runId: string, part: Statistics['part']) => string | undefined;

/** Column of a metric in per-user files, the user's id not counted: as the trainer writes them. */
const fileColumns = metricNames.flatMap((name) => cutOffs.map((k) => `${name}@${k}`));

export function planTests(
  layout: TableLayout,
  { options, baseline, family }: { readonly options: SettledOptions; readonly baseline: number; readonly family: Statistics['family'] },
  perUserFile: PerUserFile,
): TestPlan {
  const { rows, groups, metrics, part } = layout;
  const entries: TestTask['entries'] = [];
  const entryOf = new Map<string, number>();
  const entry = (row: number, dataset: string): number | undefined => {
    const key = `${dataset}\n${row}`;
    const known = entryOf.get(key);
    if (known !== undefined) return known;
    const configuration = rows[row]!.byDataset.get(dataset);
    if (configuration === undefined || configuration.runs.length === 0) return undefined;
    const files = options.design === 'user' ? configuration.runs.map((run) => perUserFile(run.summary.id, part)) : [];
    entries.push({
      key: rows[row]!.key,
      dataset,
      // All seeds or none: a mean over some of them would be of another thing than the table shows.
      files: files.every((file) => file !== undefined) ? files : [],
      seeds: configuration.runs.map((run) => run.config.seed),
      values: Object.fromEntries(metrics.map((metric) => [metric.key, values(configuration, metric.key, part)])),
    });
    entryOf.set(key, entries.length - 1);
    return entries.length - 1;
  };
  const pairs: PlannedPair[] = [];
  const asked: TestTask['pairs'] = [];
  // By dataset outside: the worker holds the values of one dataset at a time.
  for (const [group, { dataset }] of groups.entries())
    for (const [first, second] of rowPairs(rows.length, baseline, family))
      for (const [at, metric] of metrics.entries()) {
        const [a, b] = [entry(first, dataset), entry(second, dataset)];
        const place = { first, second, column: group * metrics.length + at };
        if (a === undefined || b === undefined) pairs.push(place);
        else {
          pairs.push({ ...place, pair: asked.length });
          asked.push({ first: a, second: b, metric: metric.key, column: fileColumns.indexOf(metric.key), better: metric.better });
        }
      }
  const { design, test, alternative, resamples, seed } = options;
  return { task: { design, test, alternative, resamples, seed, entries, pairs: asked }, pairs };
}

function rowPairs(rows: number, baseline: number, family: Statistics['family']): readonly (readonly [number, number])[] {
  const all = Array.from({ length: rows }, (_, row) => row);
  if (family === 'baseline') return all.filter((row) => row !== baseline).map((row) => [row, baseline] as const);
  return all.flatMap((first) => all.slice(first + 1).map((second) => [first, second] as const));
}
