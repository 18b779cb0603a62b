/** Cost, lists and segments of the rows of a comparison, means over seeds, and the segments of one run. */
import type * as v from 'valibot';
import {
  similarityKey,
  skippedKey,
  unpairedKey,
  type DatasetSegments,
  type Profile,
  type profileRequestSchema,
  type ProfileTask,
  type RunProfile,
  type RunSegments,
} from '#contract/profile.ts';
import { metricKeys, type MetricValues } from '#contract/run.ts';
import { itemSegmentIds, itemSegmentWords, userSegments, type Segments } from '#contract/segments.ts';
import { readManifest } from '#data/dataset-folder.ts';
import { readRemarks } from '#data/remarks.ts';
import { aggregate, type Aggregate } from '#stats/aggregate.ts';
import type { ComparedRun, ComparisonSource, Configuration } from './compared-run.ts';
import { tableLayout, type TableLayout } from './table-layout.ts';
import type { TestDesk } from './test-desk.ts';

const listKeys = ['hitrate', 'mrr', 'coverage', 'gini', 'entropy', 'popularity', 'novelty', 'tail'] as const;

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
  { table, k, similarity = false }: Omit<v.InferOutput<typeof profileRequestSchema>, 'similarity'> & { readonly similarity?: boolean },
): Promise<Profile> {
  // Segments are all of its answer already, and formulas have none.
  const { segments: _segments, ...plain } = table;
  const layout = tableLayout(source, plain);
  const { rows, groups, metrics, part } = layout;
  const { segments, found } = await segmentsOfRuns({ tests, file, datasetFolder }, layout, { k, similarity });
  const modalities: Profile['modalities'] = {};
  for (const dataset of Object.keys(segments))
    modalities[dataset] = (await readManifest(datasetFolder(dataset)!)).modalities.map(({ name }) => name);
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
    segments,
    modalities,
    entries: rows.flatMap((row) =>
      groups.flatMap(({ dataset }) => {
        const entry = row.byDataset.get(dataset);
        const keys = [
          ...listKeys,
          ...(modalities[dataset] ?? []).flatMap((name) => [similarityKey(name), skippedKey(name), unpairedKey(name)]),
        ];
        return entry === undefined || entry.runs.length === 0 ? [] : [entryOf(row.key, entry, layout, { found, keys })];
      }),
    ),
  };
}

/** Lists and segments of every run of a layout, by its id, and what the segments are. @throws ProblemError dataset.* */
export async function segmentsOfRuns(
  { tests, file, datasetFolder }: Omit<ProfileNeeds, 'source'>,
  { groups, metrics, part, included }: TableLayout,
  { k = 20, similarity = false }: { readonly k?: 5 | 10 | 20 | 50; readonly similarity?: boolean } = {},
): Promise<{ readonly segments: Profile['segments']; readonly found: ReadonlyMap<string, RunProfile> }> {
  const defined = new Map<string, Segments>();
  const datasets: ProfileTask['datasets'] = [];
  for (const { dataset } of groups) {
    const folder = datasetFolder(dataset);
    if (folder === undefined) continue;
    const { segments } = await readRemarks(folder);
    defined.set(dataset, segments);
    const runs = included.filter((entry) => entry.dataset === dataset).flatMap((entry) => entry.runs);
    datasets.push({ folder, segments, runs: runs.map(({ summary: { id } }) => ({ id, ...filesOf(id, part, file) })) });
  }
  const task = { k, part, metrics: metrics.map(({ key }) => key), ...(similarity ? { similarity } : {}), datasets };
  const found = new Map((await tests.profile(task)).map((entry) => [entry.id, entry]));
  const segments: Profile['segments'] = {};
  for (const [dataset, definition] of defined) {
    const own = included.filter((entry) => entry.dataset === dataset).flatMap((entry) => entry.runs);
    segments[dataset] = segmentsAs(
      definition,
      own.flatMap((run) => found.get(run.summary.id) ?? []),
    );
  }
  return { segments, found };
}

export interface RunInSegments {
  readonly id: string;
  readonly part: Profile['part'];
  readonly datasetFolder: string;
}

/** Every metric of one run by the segments of its dataset. @throws ProblemError dataset.* */
export async function runSegments(
  { tests, file }: Pick<ProfileNeeds, 'tests' | 'file'>,
  { id, part, datasetFolder: folder }: RunInSegments,
): Promise<RunSegments> {
  const metrics = [...metricKeys];
  const { segments } = await readRemarks(folder);
  const task: ProfileTask = { k: 20, part, metrics, datasets: [{ folder, segments, runs: [{ id, ...filesOf(id, part, file) }] }] };
  const [profile] = await tests.profile(task);
  const valuesOf = (side: RunProfile['users'], count: number): (MetricValues | null)[] =>
    Array.from({ length: count }, (_, segment) => {
      const known = metrics.flatMap((metric, at) => {
        const value = side?.means[at]?.[segment];
        return value === undefined || value === null ? [] : [[metric, value] as const];
      });
      return known.length === 0 ? null : Object.fromEntries(known);
    });
  const described = segmentsAs(segments, profile === undefined ? [] : [profile]);
  return {
    part,
    segments: described,
    users: valuesOf(profile?.users, described.users.length),
    items: valuesOf(profile?.items, described.items.length),
    ...(profile?.note === undefined ? {} : { note: profile.note }),
    ...(profile?.listNote === undefined ? {} : { listNote: profile.listNote }),
  };
}

/** The segments of a dataset with the users that its runs were evaluated on; equal for all runs of one split. */
function segmentsAs(definition: Segments, profiles: readonly RunProfile[]): DatasetSegments {
  const users = profiles.find((profile) => profile.users !== undefined)?.users?.sizes;
  const items = profiles.find((profile) => profile.items !== undefined)?.items?.sizes;
  const counts = profiles.find((profile) => profile.itemCounts !== undefined)?.itemCounts;
  const words = itemSegmentWords(definition.items);
  return {
    definition,
    users: userSegments(definition.users).map(({ id, label }, at) => ({
      id,
      label,
      about: `Evaluated users of the segment “${label}”, by how many train rows they have; the value is the mean over them.`,
      n: users?.[at] ?? 0,
    })),
    items: itemSegmentIds.map((id, at) => ({
      id,
      label: id,
      about: `${words[id]} Only held-out items of this segment count, over users who have one.`,
      n: items?.[at] ?? 0,
      ...(counts === undefined ? {} : { items: counts[at]! }),
    })),
  };
}

/** The file with the lists of a run. */
export function listFile(id: string, part: Profile['part'], file: ProfileNeeds['file']): string | undefined {
  // Models that predict the next item rank each part from another history.
  return (part === 'validation' ? file(id, 'top50-validation', part) : undefined) ?? file(id, 'top50', part);
}

function filesOf(id: string, part: Profile['part'], file: ProfileNeeds['file']): { perUser?: string; lists?: string } {
  const perUser = file(id, `per-user-${part}`, part);
  const lists = listFile(id, part, file);
  return { ...(perUser === undefined ? {} : { perUser }), ...(lists === undefined ? {} : { lists }) };
}

function entryOf(
  row: string,
  entry: Configuration,
  { metrics, groups, read }: TableLayout,
  { found, keys }: { readonly found: ReadonlyMap<string, RunProfile>; readonly keys: readonly string[] },
): Profile['entries'][number] {
  const profiles = entry.runs.flatMap((run) => found.get(run.summary.id) ?? []);
  const summary: [string, Aggregate | undefined][] = [
    ...metrics.map(({ key }, at): [string, Aggregate | undefined] => [
      key,
      aggregate(read(entry, groups.findIndex(({ dataset }) => dataset === entry.dataset) * metrics.length + at)),
    ]),
    ['seconds', aggregate(of(entry.runs, (run) => run.summary.elapsedSeconds))],
    ['seconds-per-epoch', aggregate(of(entry.runs, (run) => run.summary.secondsPerEpoch))],
    ['memory-bytes', aggregate(of(entry.runs, (run) => run.summary.peakMemoryBytes))],
    ...keys.map((key): [string, Aggregate | undefined] => [key, aggregate(profiles.flatMap(({ lists }) => finite(lists?.[key])))]),
  ];
  const note = profiles.find((profile) => profile.note !== undefined)?.note;
  const listNote = profiles.find((profile) => profile.listNote !== undefined)?.listNote;
  const bySegment = (side: 'users' | 'items') => {
    const count = Math.max(0, ...profiles.map((profile) => profile[side]?.sizes.length ?? 0));
    return Array.from({ length: count }, (_, segment) =>
      present(
        metrics.map(({ key }, column) => [key, aggregate(profiles.flatMap((profile) => finite(profile[side]?.means[column]?.[segment])))]),
      ),
    );
  };
  return {
    row,
    dataset: entry.dataset,
    runIds: entry.runs.map((run) => run.summary.id),
    values: present(summary),
    userSegments: bySegment('users'),
    itemSegments: bySegment('items'),
    ...(note === undefined ? {} : { note }),
    ...(listNote === undefined ? {} : { listNote }),
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
