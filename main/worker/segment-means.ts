/** Values of users by segment, averaged over the seeds of a configuration: what tests of a segment pair. */
import { userSegmentOf } from '#contract/segments.ts';
import type { TestTask } from '#contract/statistics.ts';
import { groundOf, inSegment, matrix, type Ground } from './profile-task.ts';

type Entry = TestTask['entries'][number];

/** Users of a configuration, and for each of them a value averaged over seeds. */
export interface SegmentMeans {
  readonly users: ArrayLike<number>;
  readonly values: Float64Array;
}

/** Reads one dataset at a time, in the order in which the pairs come. */
export class SegmentReader {
  readonly #grounds: TestTask['grounds'];
  /** Metrics that are tested by item segment: of thousands of users no others are held. */
  readonly #metrics: ReadonlySet<string>;
  #dataset: string | undefined;
  #ground: Ground | undefined;
  #items = new Map<string, Promise<ReadonlyMap<string, SegmentMeans> | string>>();

  constructor({ grounds, pairs }: TestTask) {
    this.#grounds = grounds;
    this.#metrics = new Set(pairs.flatMap(({ metric, segment }) => (segment?.of === 'items' ? [metricOf(metric)] : [])));
  }

  /** 1 for each user who is in the segment. @throws ProblemError dataset.* */
  async members(dataset: string, users: ArrayLike<number>, at: number): Promise<Uint8Array | string> {
    const ground = await this.#groundOf(dataset);
    if (ground === undefined) return noGround;
    return Uint8Array.from(users, (user) => (userSegmentOf(ground.ofUser[user] ?? 0, ground.bounds) === at ? 1 : 0));
  }

  /** The metric of a pair ("recall@20/items:tail") on held-out items of the segment alone, over users who have one. @throws ProblemError dataset.* */
  async items(
    entry: Entry,
    index: number,
    { metric, at }: { readonly metric: string; readonly at: number },
  ): Promise<SegmentMeans | string> {
    const ground = await this.#groundOf(entry.dataset);
    if (ground === undefined) return noGround;
    const key = `${index} ${at}`;
    const asked = this.#items.get(key) ?? itemMeans(entry, ground, { at, metrics: this.#metrics });
    this.#items.set(key, asked);
    const found = await asked;
    return typeof found === 'string' ? found : (found.get(metricOf(metric)) ?? 'the lists are too short for this metric');
  }

  async #groundOf(dataset: string): Promise<Ground | undefined> {
    if (dataset === this.#dataset) return this.#ground;
    const of = this.#grounds?.of.find((ground) => ground.dataset === dataset);
    this.#items = new Map();
    this.#ground = of === undefined || this.#grounds === undefined ? undefined : await groundOf(of, this.#grounds.part);
    this.#dataset = dataset;
    return this.#ground;
  }
}

/** Of a pair's name, which says the segment too. */
const metricOf = (name: string): string => name.split('/')[0]!;

const noGround = 'the dataset with its segments is not here';

async function itemMeans(
  { files, lists = [] }: Entry,
  { heldOut }: Ground,
  { at, metrics }: { readonly at: number; readonly metrics: ReadonlySet<string> },
): Promise<ReadonlyMap<string, SegmentMeans> | string> {
  if (files.length === 0 || lists.length !== files.length) return 'no lists on one side';
  const means = new Map<string, SegmentMeans>();
  let users: Int32Array | undefined;
  for (const [seed, file] of files.entries()) {
    const [table, found] = [await matrix(file), await matrix(lists[seed]!)];
    if (table === undefined || found === undefined) return 'a file with lists or per-user values is gone';
    const evaluated = Int32Array.from({ length: table.rows }, (_, row) => table.values[row * table.columns]!);
    const own = inSegment({ items: found.values as Int32Array, width: found.columns, users: evaluated }, heldOut[at]!);
    if (own.values === undefined) return 'nobody has a held-out item in this segment';
    if (users !== undefined && (users.length !== own.users.length || users.some((user, row) => user !== own.users[row])))
      return 'seeds were evaluated on different users';
    users = own.users;
    for (const [metric, values] of own.values) {
      if (!metrics.has(metric)) continue;
      const sums = means.get(metric)?.values ?? new Float64Array(values.length);
      values.forEach((value, row) => (sums[row] = sums[row]! + value));
      means.set(metric, { users, values: sums });
    }
  }
  // Divided once, as values of whole datasets are: users who gain nothing stay exactly 0.
  for (const { values } of means.values()) values.forEach((sum, row) => (values[row] = sum / files.length));
  return means;
}
