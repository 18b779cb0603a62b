/** Paired tests of a comparison (protocol.md section 9): per-user files are read one dataset at a time, only the columns asked for are kept. */
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { ProblemError } from '#contract/problem.ts';
import type { TestAnswers, TestTask } from '#contract/statistics.ts';
import { readNpy } from '#data/formats/npy.ts';
import { wordStream } from '#data/random.ts';
import { pairedBootstrap } from '#stats/bootstrap.ts';
import { pairedT, welchT, type TestResult } from '#stats/paired-t.ts';
import { differenceOf } from '#stats/same-value.ts';
import { wilcoxon } from '#stats/wilcoxon.ts';
import { SegmentReader } from './segment-means.ts';

type Answer = TestAnswers[number];
type Pair = TestTask['pairs'][number];

/** Below this many shared seeds, runs with other seeds are compared as independent ones. */
const leastSharedSeeds = 5;

/** Values of a configuration averaged over its seeds, by user; a column for each metric that is tested. */
interface UserMeans {
  readonly users: Float64Array;
  readonly columns: ReadonlyMap<number, Float64Array>;
}

/** @throws ProblemError statistics.cancelled, and what reading a damaged file throws */
export async function testAll(task: TestTask, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<TestAnswers> {
  const answers: Answer[] = [];
  const read = new UserMeansReader(task);
  const breathe = async (fraction: number) => {
    await setImmediate();
    if (signal.aborted) throw new ProblemError({ kind: 'cancelled', code: 'statistics.cancelled', message: 'Cancelled' });
    onProgress((answers.length + fraction) / task.pairs.length);
  };
  let breathedAt = performance.now();
  for (const pair of task.pairs) {
    const prepared = task.design === 'user' ? await read.pair(pair) : bySeed(task, pair);
    answers.push(typeof prepared === 'string' ? { missing: prepared } : await testOne(task, pair, prepared, breathe));
    if (performance.now() - breathedAt < 50) continue;
    await breathe(0);
    breathedAt = performance.now();
  }
  return answers;
}

type Prepared = { readonly differences: Float64Array } | { readonly first: readonly number[]; readonly second: readonly number[] };

async function testOne(task: TestTask, pair: Pair, prepared: Prepared, breathe: (fraction: number) => Promise<void>): Promise<Answer> {
  const sign = pair.better === 'higher' ? 1 : -1;
  const { alternative } = task;
  if (!('differences' in prepared)) {
    if (task.test !== 't') return { missing: 'seeds are not shared: only the t test (Welch) compares them' };
    return answerOf(welchT(prepared.first, prepared.second, { sign, alternative }), sign, 'd', 'Welch t');
  }
  const oriented = prepared.differences.map((difference) => sign * difference);
  switch (task.test) {
    case 't':
      return answerOf(pairedT(oriented, alternative), sign, 'd_z', 'paired t');
    case 'wilcoxon': {
      const result = wilcoxon(oriented, alternative);
      return answerOf(result, sign, 'rank-biserial', result?.isExact === true ? 'Wilcoxon, exact' : 'Wilcoxon, normal approximation');
    }
    case 'bootstrap': {
      // A stream for each pair: what a pair gives does not depend on which others are looked at.
      const [first, second] = [task.entries[pair.first]!, task.entries[pair.second]!];
      const words = wordStream(task.seed, `bootstrap ${first.dataset} ${pair.metric} ${first.key} ${second.key}`);
      const how = { resamples: task.resamples, words, breathe };
      return answerOf(await pairedBootstrap(oriented, how, alternative), sign, 'd_z', `paired bootstrap, ${task.resamples} resamples`);
    }
  }
}

/** Back from "positive is better" to first minus second in units of the metric. */
function answerOf(result: TestResult | undefined, sign: 1 | -1, effectName: 'd_z' | 'd' | 'rank-biserial', method: string): Answer {
  if (result === undefined) return { missing: 'fewer than two pairs' };
  const { n, difference, interval, p, effect } = result;
  return {
    n,
    difference: sign * difference,
    ...(interval === undefined ? {} : { interval: sign === 1 ? [interval[0], interval[1]] : [-interval[1], -interval[0]] }),
    p,
    ...(effect === undefined ? {} : { effect: sign * effect }),
    effectName,
    method,
  };
}

/** Pairs by shared seed; where too few are shared and the seeds differ, two independent series. */
function bySeed({ entries }: TestTask, { first, second, metric }: Pair): Prepared | string {
  const [a, b] = [entries[first]!, entries[second]!];
  const [valuesA, valuesB] = [a.values[metric] ?? [], b.values[metric] ?? []];
  const [ofA, ofB] = [valuesA.filter((value) => value !== null), valuesB.filter((value) => value !== null)];
  if (ofA.length === 0 || ofB.length === 0) return 'no finished run';
  const differences = a.seeds.flatMap((seed, index) => {
    const [x, y] = [valuesA[index] ?? null, valuesB[b.seeds.indexOf(seed)] ?? null];
    return x === null || y === null ? [] : [differenceOf(x, y)];
  });
  const isShared = differences.length === ofA.length && differences.length === ofB.length;
  if (isShared || differences.length >= leastSharedSeeds) return { differences: Float64Array.from(differences) };
  return { first: ofA, second: ofB };
}

class UserMeansReader {
  readonly #task: TestTask;
  readonly #columns: ReadonlySet<number>;
  readonly #segments: SegmentReader;
  #dataset: string | undefined;
  #known = new Map<number, UserMeans | string>();

  constructor(task: TestTask) {
    this.#task = task;
    this.#columns = new Set(task.pairs.flatMap(({ column }) => (column < 0 ? [] : [column])));
    this.#segments = new SegmentReader(task);
  }

  async pair(pair: Pair): Promise<Prepared | string> {
    const { first, second, column, segment } = pair;
    if (column < 0) return 'a formula has a value for each run and none for a user: test per seed';
    if (segment?.of === 'items') return this.#itemPair(pair, segment.at);
    const { dataset } = this.#task.entries[first]!;
    if (dataset !== this.#dataset) this.#known = new Map();
    this.#dataset = dataset;
    const a = await this.#means(first);
    const b = await this.#means(second);
    if (typeof a === 'string') return a;
    if (typeof b === 'string') return b;
    if (!sameUsers(a.users, b.users)) return 'the two were evaluated on different users';
    const [left, right] = [a.columns.get(column), b.columns.get(column)];
    if (left === undefined || right === undefined) return 'the run’s files do not hold this metric per user';
    const differences = left.map((value, user) => differenceOf(value, right[user]!));
    if (segment === undefined) return { differences };
    const members = await this.#segments.members(dataset, a.users, segment.at);
    return typeof members === 'string' ? members : { differences: differences.filter((_, user) => members[user] === 1) };
  }

  async #itemPair({ first, second, metric }: Pair, at: number): Promise<Prepared | string> {
    const asked = { metric, at };
    const a = await this.#segments.items(this.#task.entries[first]!, first, asked);
    const b = await this.#segments.items(this.#task.entries[second]!, second, asked);
    if (typeof a === 'string') return a;
    if (typeof b === 'string') return b;
    if (!sameUsers(a.users, b.users)) return 'the two were evaluated on different users';
    return { differences: a.values.map((value, user) => differenceOf(value, b.values[user]!)) };
  }

  async #means(entry: number): Promise<UserMeans | string> {
    const known = this.#known.get(entry) ?? (await this.#read(this.#task.entries[entry]!.files));
    this.#known.set(entry, known);
    return known;
  }

  async #read(files: readonly string[]): Promise<UserMeans | string> {
    if (files.length === 0) return 'no per-user values on one side';
    let users: Float64Array | undefined;
    const columns = new Map<number, Float64Array>();
    for (const file of files) {
      const { header, values } = readNpy(await readBytes(file), file);
      const [rows = 0, width = 1] = header.shape;
      if (!(values instanceof Float64Array)) return 'a per-user file is of another kind';
      const own = new Float64Array(rows);
      for (let row = 0; row < rows; row++) own[row] = values[row * width]!;
      if (users !== undefined && !sameUsers(users, own)) return 'seeds were evaluated on different users';
      users ??= own;
      for (const column of this.#columns) {
        // The user's id stands first.
        if (column + 1 >= width) continue;
        const sums = columns.get(column) ?? new Float64Array(rows);
        for (let row = 0; row < rows; row++) sums[row] = sums[row]! + values[row * width + column + 1]!;
        columns.set(column, sums);
      }
    }
    for (const sums of columns.values()) for (let row = 0; row < sums.length; row++) sums[row] = sums[row]! / files.length;
    return { users: users!, columns };
  }
}

function sameUsers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ProblemError({
      kind: 'disk',
      code: 'statistics.file-missing',
      message: 'The per-user values of a run are gone from its folder',
      where: file,
      fix: 'Restore the file, run the run again, or test per seed',
    });
  }
}
