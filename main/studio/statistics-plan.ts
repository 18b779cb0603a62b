/** Which tests a comparison asks for, as a task for the worker: configurations with their files and values, and the pairs between them. */
import { metricKeys } from '#contract/run.ts';
import type { TestOptions } from '#contract/significance.ts';
import { itemSegmentIds, userSegments } from '#contract/segments.ts';
import type { Statistics, TestTask } from '#contract/statistics.ts';
import { groupKey, type TableGroup } from '#contract/table.ts';
import { readRemarks } from '#data/remarks.ts';
import { listFile, type ProfileNeeds } from './profile.ts';
import type { TableLayout } from './table-layout.ts';

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

export interface PlanNeeds extends Pick<ProfileNeeds, 'file' | 'datasetFolder'> {
  readonly perUserFile: PerUserFile;
}

/** @throws ProblemError dataset.* where segments are asked for */
export async function planTests(
  layout: TableLayout,
  { options, baseline, family }: { readonly options: SettledOptions; readonly baseline: number; readonly family: Statistics['family'] },
  { perUserFile, file, datasetFolder }: PlanNeeds,
): Promise<TestPlan> {
  const { rows, groups, metrics, part, readRuns } = layout;
  const isByItems = options.design === 'user' && groups.some(({ segment }) => segment?.of === 'items');
  const entries: TestTask['entries'] = [];
  const entryOf = new Map<string, number>();
  const entry = (row: number, dataset: string): number | undefined => {
    const key = `${dataset}\n${row}`;
    const known = entryOf.get(key);
    if (known !== undefined) return known;
    const configuration = rows[row]!.byDataset.get(dataset);
    if (configuration === undefined || configuration.runs.length === 0) return undefined;
    const files = options.design === 'user' ? configuration.runs.map((run) => perUserFile(run.summary.id, part)) : [];
    const lists = isByItems ? configuration.runs.map((run) => listFile(run.summary.id, part, file)) : [];
    const own = groups.flatMap((group, at) => (group.dataset === dataset ? [{ group, at }] : []));
    entries.push({
      key: rows[row]!.key,
      dataset,
      // All seeds or none: a mean over some of them would be of another thing than the table shows.
      files: files.every((path) => path !== undefined) ? files : [],
      ...(isByItems ? { lists: lists.every((path) => path !== undefined) ? lists : [] } : {}),
      seeds: configuration.runs.map((run) => run.config.seed),
      values: Object.fromEntries(
        own.flatMap(({ group, at }) =>
          metrics.map(
            ({ key }, column) =>
              [valueKey(key, group), readRuns(configuration, at * metrics.length + column).map((value) => value ?? null)] as const,
          ),
        ),
      ),
    });
    entryOf.set(key, entries.length - 1);
    return entries.length - 1;
  };
  const grounds = await groundsOf(groups, datasetFolder);
  const pairs: PlannedPair[] = [];
  const asked: TestTask['pairs'] = [];
  // By dataset outside: the worker holds the values of one dataset at a time.
  for (const [at, group] of groups.entries()) {
    const { dataset } = group;
    const segment = group.segment === undefined ? undefined : segmentPlace(grounds, group);
    for (const [first, second] of rowPairs(rows.length, baseline, family))
      for (const [index, { key, better }] of metrics.entries()) {
        const [a, b] = [entry(first, dataset), entry(second, dataset)];
        const place = { first, second, column: at * metrics.length + index };
        if (a === undefined || b === undefined) pairs.push(place);
        else {
          pairs.push({ ...place, pair: asked.length });
          const column = metricKeys.indexOf(key);
          asked.push({ first: a, second: b, metric: valueKey(key, group), column, better, ...(segment === undefined ? {} : { segment }) });
        }
      }
  }
  const { design, test, alternative, resamples, seed } = options;
  const ground = grounds.length === 0 || design === 'seed' ? {} : { grounds: { part, of: [...grounds] } };
  return { task: { design, test, alternative, resamples, seed, entries, pairs: asked, ...ground }, pairs };
}

/** Of a whole dataset the metric itself, so that its random stream does not depend on whether segments are tested beside it. */
function valueKey(metric: string, { dataset, segment }: TableGroup): string {
  return segment === undefined ? metric : `${metric}${groupKey({ dataset, segment }).slice(dataset.length)}`;
}

type Grounds = NonNullable<TestTask['grounds']>['of'];

/** Where the segments that are shown come from. */
async function groundsOf(groups: readonly TableGroup[], datasetFolder: ProfileNeeds['datasetFolder']): Promise<Grounds> {
  const grounds: Grounds = [];
  for (const dataset of new Set(groups.flatMap((group) => (group.segment === undefined ? [] : [group.dataset])))) {
    const folder = datasetFolder(dataset);
    if (folder !== undefined) grounds.push({ dataset, folder, segments: (await readRemarks(folder)).segments });
  }
  return grounds;
}

function segmentPlace(grounds: Grounds, { dataset, segment }: TableGroup): { of: 'users' | 'items'; at: number } | undefined {
  const definition = grounds.find((ground) => ground.dataset === dataset)?.segments;
  if (definition === undefined || segment === undefined) return undefined;
  const ids: readonly string[] = segment.of === 'users' ? userSegments(definition.users).map(({ id }) => id) : itemSegmentIds;
  return { of: segment.of, at: ids.indexOf(segment.id) };
}

function rowPairs(rows: number, baseline: number, family: Statistics['family']): readonly (readonly [number, number])[] {
  const all = Array.from({ length: rows }, (_, row) => row);
  if (family === 'baseline') return all.filter((row) => row !== baseline).map((row) => [row, baseline] as const);
  return all.flatMap((first) => all.slice(first + 1).map((second) => [first, second] as const));
}
