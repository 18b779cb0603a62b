import type { SplitCheck } from '#contract/dataset.ts';
import { timePromise, type SplitRule } from '#contract/split-rule.ts';
import type { Part } from './dataset.ts';
import { countIds } from './fingerprint.ts';
import { dataError } from './issue-log.ts';

export interface CheckedSplit {
  readonly users: number;
  readonly items: number;
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
  /** 1 per item that lacks a row in at least one modality; absent without modalities. */
  readonly withoutFeatures?: Uint8Array | undefined;
  /** The rule that made the split, where it is known: what it promises is held against the rows. */
  readonly rule?: SplitRule | undefined;
  /** Modalities whose missing rows were filled with a mean row. */
  readonly filledByMean?: number;
}

/** One row, user or item that a check found. `row` counts within the part; −1 stands for a user or item as a whole. */
export interface FoundRow {
  readonly part: 'train' | 'validation' | 'test' | undefined;
  readonly row: number;
  readonly user: number;
  readonly item: number;
}

/** 1 per item that lacks a row in at least one modality, from what each lacks; undefined without modalities. */
export function lackingFeatures(items: number, modalities: readonly { readonly missing: ArrayLike<number> }[]): Uint8Array | undefined {
  if (modalities.length === 0) return undefined;
  return Uint8Array.from({ length: items }, (_, item) => (modalities.some(({ missing }) => missing[item] === 1) ? 1 : 0));
}

type CheckId = SplitCheck['id'];
const parts = ['train', 'validation', 'test'] as const;

/** The checks of protocol.md section 2 on a finished split. What each found in particular says {@link foundRows}. */
export function checkSplit(split: CheckedSplit): SplitCheck[] {
  const { rule } = split;
  const number = (id: CheckId) => foundRows(id, split).length;
  const { inOthers, inSame } = repeatedPairs(split);
  const check = (id: CheckId, count: number, bad: 'note' | 'blocking', text: string): SplitCheck => ({
    id,
    state: count === 0 ? 'ok' : bad,
    count,
    text,
  });
  const coldUsers = number('users-without-train');
  const checks = [
    check('pairs-in-two-parts', inOthers.length, 'blocking', 'Pairs in two parts'),
    check('repeated-pairs', inSame.length, 'note', 'Rows that repeat a pair of the same part'),
    check(
      'users-without-train',
      coldUsers,
      'note',
      `Held-out users without a train row${coldUsers === 0 ? '' : '; they are not evaluated'}`,
    ),
  ];
  const outside = number('items-outside-train');
  const isWanted = rule?.rule === 'cold-item';
  checks.push({
    ...check('items-outside-train', outside, 'note', `Items outside train${isWanted ? ', as the split wants' : ''}`),
    ...(isWanted ? { state: 'ok' as const } : {}),
  });
  if (split.withoutFeatures !== undefined)
    checks.push(check('test-items-without-features', number('test-items-without-features'), 'note', 'Test items without features'));
  if ((split.filledByMean ?? 0) > 0)
    checks.push(
      check(
        'fill-saw-held-out',
        number('fill-saw-held-out'),
        'note',
        'Items outside train whose features are in the mean row that fills missing ones',
      ),
    );
  if (split.train.times !== undefined) {
    const promise = rule === undefined ? undefined : timePromise(rule);
    checks.push(
      check(
        'train-after-held-out',
        number('train-after-held-out'),
        promise === undefined ? 'note' : 'blocking',
        `Train rows later than a held-out row of the same user${promise === undefined ? '; a split by time has none' : ''}`,
      ),
    );
    if (promise !== undefined)
      checks.push(
        check(
          'held-out-before-train',
          number('held-out-before-train'),
          promise === 'all' ? 'blocking' : 'note',
          `Held-out rows older than the newest train row of anybody${promise === 'all' ? '' : '; only a split at cut times has none'}`,
        ),
      );
  }
  const trainRows = countIds(split.train.users, split.users);
  const validationUsers = evaluatedUsers(split.validation, trainRows);
  const testUsers = evaluatedUsers(split.test, trainRows);
  checks.push({
    id: 'evaluated-users',
    state: validationUsers === 0 || testUsers === 0 ? 'blocking' : 'ok',
    count: testUsers,
    text: `Users evaluated (validation ${validationUsers.toLocaleString('en')}, test ${testUsers.toLocaleString('en')})`,
  });
  return checks;
}

/** Throws the first check that prevents an import. */
export function refuseBlocked(checks: readonly SplitCheck[], where: string): void {
  const blocking = checks.find(({ state }) => state === 'blocking');
  if (blocking === undefined) return;
  throw dataError({
    code: `split.${blocking.id}`,
    message: `${blocking.text}: ${blocking.count}.`,
    where,
    fix: 'Choose another split.',
  });
}

/** What a check found, one entry for each that it counts, in the order of parts, rows and ids. */
export function foundRows(id: CheckId, split: CheckedSplit): readonly FoundRow[] {
  switch (id) {
    case 'pairs-in-two-parts':
      return repeatedPairs(split).inOthers;
    case 'repeated-pairs':
      return repeatedPairs(split).inSame;
    case 'users-without-train':
      return heldOutUsers(split, (rows) => rows === 0);
    case 'evaluated-users':
      return heldOutUsers({ ...split, validation: { users: new Int32Array(0), items: new Int32Array(0) } }, (rows) => rows > 0);
    case 'items-outside-train':
      return itemsOutsideTrain(split);
    case 'test-items-without-features':
      return distinctItems(split.test, (item) => split.withoutFeatures?.[item] === 1);
    case 'fill-saw-held-out':
      return itemsOutsideTrain(split).filter(({ item }) => split.withoutFeatures?.[item] !== 1);
    case 'train-after-held-out':
      return trainAfterHeldOut(split);
    case 'held-out-before-train':
      return heldOutBeforeTrain(split);
    case 'empty-validation-users':
      return [];
  }
}

function evaluatedUsers(part: Part, trainRows: Int32Array): number {
  const users = new Set<number>();
  for (const user of part.users) if (trainRows[user]! > 0) users.add(user);
  return users.size;
}

/** Rows whose pair occurred before: in another part (each pair once), or in the same part (each row). */
function repeatedPairs(split: CheckedSplit): { readonly inOthers: readonly FoundRow[]; readonly inSame: readonly FoundRow[] } {
  const partOf = new Map<number, number>();
  const told = new Set<number>();
  const inOthers: FoundRow[] = [];
  const inSame: FoundRow[] = [];
  parts.forEach((name, label) => {
    const part = split[name];
    for (let row = 0; row < part.users.length; row++) {
      const [user, item] = [part.users[row]!, part.items[row]!];
      const key = user * split.items + item;
      const known = partOf.get(key);
      if (known === undefined) partOf.set(key, label);
      else if (known === label) inSame.push({ part: name, row, user, item });
      else if (!told.has(key)) {
        told.add(key);
        inOthers.push({ part: name, row, user, item });
      }
    }
  });
  return { inOthers, inSame };
}

function heldOutUsers(split: CheckedSplit, wanted: (trainRows: number) => boolean): FoundRow[] {
  const trainRows = countIds(split.train.users, split.users);
  const found = new Set<number>();
  for (const part of [split.validation, split.test]) for (const user of part.users) if (wanted(trainRows[user]!)) found.add(user);
  return [...found].sort((a, b) => a - b).map((user) => ({ part: undefined, row: -1, user, item: -1 }));
}

function itemsOutsideTrain(split: CheckedSplit): FoundRow[] {
  const found: FoundRow[] = [];
  countIds(split.train.items, split.items).forEach((rows, item) => {
    if (rows === 0) found.push({ part: undefined, row: -1, user: -1, item });
  });
  return found;
}

function distinctItems(part: Part, wanted: (item: number) => boolean): FoundRow[] {
  const found = new Set<number>();
  for (const item of part.items) if (wanted(item)) found.add(item);
  return [...found].sort((a, b) => a - b).map((item) => ({ part: undefined, row: -1, user: -1, item }));
}

function trainAfterHeldOut(split: CheckedSplit): FoundRow[] {
  const first = new Float64Array(split.users).fill(Infinity);
  for (const part of [split.validation, split.test]) {
    for (let r = 0; r < part.users.length; r++) first[part.users[r]!] = Math.min(first[part.users[r]!]!, part.times?.[r] ?? Infinity);
  }
  return rowsWhere('train', split.train, (row) => (split.train.times?.[row] ?? -Infinity) > first[split.train.users[row]!]!);
}

function heldOutBeforeTrain(split: CheckedSplit): FoundRow[] {
  let newest = -Infinity;
  for (const time of split.train.times ?? []) newest = Math.max(newest, time);
  return (['validation', 'test'] as const).flatMap((name) =>
    rowsWhere(name, split[name], (row) => (split[name].times?.[row] ?? Infinity) < newest),
  );
}

function rowsWhere(name: 'train' | 'validation' | 'test', part: Part, wanted: (row: number) => boolean): FoundRow[] {
  const found: FoundRow[] = [];
  for (let row = 0; row < part.users.length; row++)
    if (wanted(row)) found.push({ part: name, row, user: part.users[row]!, item: part.items[row]! });
  return found;
}
