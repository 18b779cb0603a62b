/** Cost, lists and user segments of the rows of a comparison, means over seeds. */
import type * as v from 'valibot';
import type { Profile, profileRequestSchema, ProfileTask, RunProfile } from '#contract/profile.ts';
import { cutOffs, metricNames } from '#contract/run.ts';
import { aggregate, type Aggregate } from '#stats/aggregate.ts';
import { segmentNames } from '#stats/segments.ts';
import type { ComparedRun, ComparisonSource, Configuration } from './compared-run.ts';
import { tableLayout, values, type TableLayout } from './table-layout.ts';
import type { TestDesk } from './test-desk.ts';

const fileColumns = metricNames.flatMap((name) => cutOffs.map((k) => `${name}@${k}`));
const listKeys = ['coverage', 'gini', 'entropy', 'popularity', 'novelty', 'tail'] as const;

export interface ProfileNeeds {
  readonly source: ComparisonSource;
  readonly tests: Pick<TestDesk, 'profile'>;
  /** Of a run, by the name the trainer gives it; undefined where there is none or it may not be seen. */
  readonly file: (runId: string, name: string, part: Profile['part']) => string | undefined;
  readonly datasetFolder: (id: string) => string | undefined;
}

/** @throws ProblemError table.*, dataset.* */
export async function profileOf(
  { source, tests, file, datasetFolder }: ProfileNeeds,
  { table, k, bounds: asked }: v.InferOutput<typeof profileRequestSchema>,
): Promise<Profile> {
  const layout = tableLayout(source, table);
  const bounds = [...new Set(asked)].sort((a, b) => a - b);
  const { rows, groups, metrics, part, included } = layout;
  const task: ProfileTask = {
    k,
    bounds,
    columns: metrics.map((metric) => fileColumns.indexOf(metric.key)),
    datasets: groups.flatMap(({ dataset }) => {
      const folder = datasetFolder(dataset);
      if (folder === undefined) return [];
      const runs = included.filter((entry) => entry.dataset === dataset).flatMap((entry) => entry.runs);
      return [{ folder, runs: runs.map(({ summary: { id } }) => ({ id, ...filesOf(id, part, file) })) }];
    }),
  };
  const found = new Map((await tests.profile(task)).map((entry) => [entry.id, entry]));
  const sizes: Record<string, number[]> = {};
  for (const { dataset, runs } of included) {
    const known = runs.map((run) => found.get(run.summary.id)?.sizes).find((entry) => entry !== undefined);
    if (known !== undefined) sizes[dataset] ??= known;
  }
  return {
    part,
    rows: rows.map((row) => ({
      key: row.key,
      model: row.model,
      title: source.modelTitle(row.model),
      differences: row.differences,
      inferred: row.inferred,
    })),
    groups,
    metrics,
    k,
    bounds,
    segmentNames: segmentNames(bounds),
    sizes,
    entries: rows.flatMap((row) =>
      groups.flatMap(({ dataset }) => {
        const entry = row.byDataset.get(dataset);
        return entry === undefined || entry.runs.length === 0 ? [] : [entryOf(row.key, entry, layout, found, bounds.length + 1)];
      }),
    ),
  };
}

function filesOf(id: string, part: Profile['part'], file: ProfileNeeds['file']): { perUser?: string; lists?: string } {
  const perUser = file(id, `per-user-${part}`, part);
  const lists = file(id, 'top50', part);
  return { ...(perUser === undefined ? {} : { perUser }), ...(lists === undefined ? {} : { lists }) };
}

function entryOf(
  row: string,
  entry: Configuration,
  { metrics, part }: TableLayout,
  found: ReadonlyMap<string, RunProfile>,
  segments: number,
): Profile['entries'][number] {
  const profiles = entry.runs.flatMap((run) => found.get(run.summary.id) ?? []);
  const summary: [string, Aggregate | undefined][] = [
    ...metrics.map(({ key }): [string, Aggregate | undefined] => [key, aggregate(values(entry, key, part))]),
    ['seconds', aggregate(of(entry.runs, (run) => run.summary.elapsedSeconds))],
    ['seconds-per-epoch', aggregate(of(entry.runs, (run) => run.summary.secondsPerEpoch))],
    ['memory-bytes', aggregate(of(entry.runs, (run) => run.summary.peakMemoryBytes))],
    ...listKeys.map((key): [string, Aggregate | undefined] => [key, aggregate(profiles.flatMap(({ lists }) => finite(lists?.[key])))]),
  ];
  const note = profiles.find((profile) => profile.note !== undefined)?.note;
  return {
    row,
    dataset: entry.dataset,
    values: present(summary),
    segments: Array.from({ length: segments }, (_, segment) =>
      present(metrics.map(({ key }, column) => [key, aggregate(profiles.flatMap(({ means }) => finite(means?.[column]?.[segment])))])),
    ),
    ...(note === undefined ? {} : { note }),
  };
}

function of(runs: readonly ComparedRun[], read: (run: ComparedRun) => number | undefined): number[] {
  return runs.flatMap((run) => finite(read(run)));
}

function finite(value: number | null | undefined): number[] {
  return value === undefined || value === null || !Number.isFinite(value) ? [] : [value];
}

function present(entries: readonly (readonly [string, Aggregate | undefined])[]): Record<string, Aggregate> {
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}
