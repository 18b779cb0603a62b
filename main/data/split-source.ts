import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { SplitSource, SplitWish } from '#contract/dataset-import.ts';
import type { RecipeStep } from '#contract/dataset.ts';
import type { SplitPreview, SplitStrip } from '#contract/split-preview.ts';
import { Answers } from './answers.ts';
import { coreOf, mergedLog } from './cleaned-log.ts';
import { openDataset, readManifest } from './dataset-folder.ts';
import { partNames } from './dataset-folder.ts';
import type { Dataset } from './dataset.ts';
import { fingerprintOf } from './fingerprint.ts';
import { throwIfBlocked } from './import-problems.ts';
import { IssueLog } from './issue-log.ts';
import { readLogFormat } from './log-format.ts';
import { readLog } from './log-reader.ts';
import { checkSplit } from './split-checks.ts';
import { labelRows } from './split-rule.ts';
import { partsOf, rowsOfUsers, type Labels, type Rows } from './split.ts';
import { readUserIds } from './user-ids.ts';

/** Rows ready to be split: what an import would split with the same k-core. */
interface Splittable {
  readonly rows: Rows;
  readonly users: number;
  readonly items: number;
  readonly given: Uint8Array | undefined;
  readonly where: string;
  readonly steps: readonly RecipeStep[];
  /** Users and items of the source before any k-core. */
  readonly before: { readonly users: number; readonly items: number };
  readonly userId: (user: number) => string;
  readonly itemId: (item: number) => string;
}

/** Gives the rows for a k-core; a dataset has one answer for all. */
export type OpenedSource = (wish: Pick<SplitWish, 'kCore'>) => Splittable;

/** Reads a source once. `folder` is that of the dataset. @throws ProblemError log.*, table.*, dataset.* */
export async function openSplitSource(source: SplitSource, folder: string | undefined, signal?: AbortSignal): Promise<OpenedSource> {
  if (source.from === 'dataset') return datasetSource(folder ?? '');
  const issues = new IssueLog();
  const file = basename(source.file);
  const format = await readLogFormat(source.file, source.format, new Answers({}, true, () => undefined));
  const log = await readLog({ path: source.file, format, mapping: source.mapping, issues, signal });
  throwIfBlocked(issues);
  const first: RecipeStep[] = [];
  const merged = mergedLog(log, source.minRating, first, file);
  const before = { users: log.userIds.length, items: log.itemIds.length };
  let last: { readonly key: string; readonly rows: Splittable } | undefined;
  return ({ kCore }) => {
    const key = JSON.stringify(kCore);
    if (last?.key !== key) {
      const steps = [...first];
      const dense = coreOf(log, merged, kCore, steps, file);
      last = {
        key,
        rows: {
          rows: dense.rows,
          users: dense.userIds.length,
          items: dense.itemIds.length,
          given: dense.labels,
          where: file,
          steps,
          before,
          userId: (user) => dense.userIds[user]!,
          itemId: (item) => dense.itemIds[item]!,
        },
      };
    }
    return last.rows;
  };
}

async function datasetSource(folder: string): Promise<OpenedSource> {
  const manifest = await readManifest(folder);
  const dataset = await openDataset(folder, { features: false });
  const userIds = await readUserIds(folder, manifest);
  const rows = allRows(dataset);
  const found: Splittable = {
    ...rows,
    users: dataset.users,
    items: dataset.items,
    where: manifest.name,
    steps: [],
    before: { users: dataset.users, items: dataset.items },
    userId: (user) => userIds?.[user] ?? String(user),
    itemId: String,
  };
  return () => found;
}

/** The rows of all parts, train first, with the labels they have. */
export function allRows(dataset: Pick<Dataset, 'train' | 'validation' | 'test'>): { readonly rows: Rows; readonly given: Uint8Array } {
  const parts = partNames.map((name) => dataset[name]);
  const length = parts.reduce((sum, part) => sum + part.users.length, 0);
  const users = new Int32Array(length);
  const items = new Int32Array(length);
  const given = new Uint8Array(length);
  const times = parts.every((part) => part.times !== undefined) ? new Float64Array(length) : undefined;
  let at = 0;
  parts.forEach((part, label) => {
    users.set(part.users, at);
    items.set(part.items, at);
    given.fill(label, at, at + part.users.length);
    if (times !== undefined) times.set(part.times!, at);
    at += part.users.length;
  });
  return { rows: times === undefined ? { users, items } : { users, items, times }, given };
}

/** What a split would be like. @throws ProblemError split.*, log.nothing-left */
export async function previewSplit(open: OpenedSource, wish: SplitWish): Promise<SplitPreview> {
  const started = Date.now();
  const source = open(wish);
  const { rows, users, items } = source;
  const { labels, cuts } = labelRows(wish.split, source, wish.seed);
  await setImmediate();
  const parts = partsOf(rows, labels);
  const split = { users, items, ...parts };
  const heldOut = new Uint8Array(users);
  for (const part of [parts.validation, parts.test]) for (const user of part.users) heldOut[user] = 1;
  const used = new Uint8Array(users);
  for (const name of partNames) for (const user of parts[name].users) used[user] = 1;
  const usedItems = new Uint8Array(items);
  for (const name of partNames) for (const item of parts[name].items) usedItems[item] = 1;
  const usedUsers = used.reduce((sum, one) => sum + one, 0);
  const itemsUsed = usedItems.reduce((sum, one) => sum + one, 0);
  const timeline = timelineOf(rows, labels);
  return {
    steps: [...source.steps],
    users: usedUsers,
    items: itemsUsed,
    lostUsers: source.before.users - usedUsers,
    lostItems: source.before.items - itemsUsed,
    train: parts.train.users.length,
    validation: parts.validation.users.length,
    test: parts.test.users.length,
    dropped: labels.reduce((sum, label) => sum + (label === 3 ? 1 : 0), 0),
    trainOnlyUsers: usedUsers - heldOut.reduce((sum, one) => sum + one, 0),
    checks: checkSplit({ ...split, rule: wish.split }),
    fingerprint: fingerprintOf(split),
    ...(cuts === undefined ? {} : { cuts: { ...cuts } }),
    ...(timeline === undefined ? {} : { timeline }),
    strips: stripsOf(source, labels),
    elapsedMs: Date.now() - started,
  };
}

const bins = 60;

function timelineOf({ times }: Rows, labels: Labels): SplitPreview['timeline'] {
  if (times === undefined || times.length === 0) return undefined;
  let low = Infinity;
  let high = -Infinity;
  for (const time of times) {
    if (time < low) low = time;
    if (time > high) high = time;
  }
  if (!(high > low)) return undefined;
  const counts = Array.from({ length: 4 }, () => new Array<number>(bins).fill(0));
  times.forEach((time, row) => {
    counts[labels[row]!]![Math.min(bins - 1, Math.floor(((time - low) / (high - low)) * bins))]! += 1;
  });
  const [train, validation, test, dropped] = counts as [number[], number[], number[], number[]];
  return { edges: Array.from({ length: bins + 1 }, (_, b) => low + ((high - low) * b) / bins), train, validation, test, dropped };
}

const stripUsers = 10;
const stripRows = 60;

/** Users from few rows to many, evenly spaced, each with its rows in order of time, else of the file. */
function stripsOf({ rows, users, userId, itemId }: Splittable, labels: Labels): SplitStrip[] {
  const own = [...rowsOfUsers(rows.users, users)];
  const byRows = Array.from({ length: users }, (_, user) => user)
    .filter((user) => own[user]!.length > 0)
    .sort((a, b) => own[a]!.length - own[b]!.length || a - b);
  const count = Math.min(stripUsers, byRows.length);
  return Array.from({ length: count }, (_, at) => {
    const user = byRows[count === 1 ? 0 : Math.round((at * (byRows.length - 1)) / (count - 1))]!;
    const sorted = Array.from(own[user]!);
    const { times } = rows;
    if (times !== undefined) sorted.sort((a, b) => times[a]! - times[b]! || a - b);
    const shown = sorted.slice(-stripRows);
    return {
      user: userId(user),
      parts: shown.map((row) => labels[row]! as 0 | 1 | 2 | 3),
      items: shown.map((row) => itemId(rows.items[row]!)),
      ...(times === undefined ? {} : { times: shown.map((row) => times[row]!) }),
      rows: sorted.length,
    };
  });
}
