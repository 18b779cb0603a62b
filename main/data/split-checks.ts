import type { SplitCheck } from '#contract/dataset.ts';
import type { Part } from './dataset.ts';
import { countIds } from './fingerprint.ts';

export interface CheckedSplit {
  readonly users: number;
  readonly items: number;
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
  /** 1 per item that lacks a row in at least one modality; absent without modalities. */
  readonly withoutFeatures?: Uint8Array | undefined;
}

/** The checks of protocol.md section 2 on a finished split. */
export function checkSplit(split: CheckedSplit): SplitCheck[] {
  const userRows = countIds(split.train.users, split.users);
  const itemRows = countIds(split.train.items, split.items);
  const heldOut = [split.validation, split.test];
  const shared = pairsInTwoParts(split);
  const coldUsers = new Set<number>();
  for (const part of heldOut) for (const user of part.users) if (userRows[user] === 0) coldUsers.add(user);
  let coldItems = 0;
  for (const rows of itemRows) if (rows === 0) coldItems++;
  const validationUsers = evaluatedUsers(split.validation, userRows);
  const testUsers = evaluatedUsers(split.test, userRows);
  const checks: SplitCheck[] = [
    {
      id: 'pairs-in-two-parts',
      state: shared === 0 ? 'ok' : 'blocking',
      count: shared,
      text: 'Pairs in two parts',
    },
    {
      id: 'users-without-train',
      state: coldUsers.size === 0 ? 'ok' : 'note',
      count: coldUsers.size,
      text: `Held-out users without a train row${coldUsers.size === 0 ? '' : '; they are not evaluated'}`,
    },
    { id: 'items-outside-train', state: coldItems === 0 ? 'ok' : 'note', count: coldItems, text: 'Items outside train' },
  ];
  if (split.withoutFeatures !== undefined) {
    const lacking = new Set<number>();
    for (const item of split.test.items) if (split.withoutFeatures[item] === 1) lacking.add(item);
    checks.push({
      id: 'test-items-without-features',
      state: lacking.size === 0 ? 'ok' : 'note',
      count: lacking.size,
      text: 'Test items without features',
    });
  }
  if (split.train.times !== undefined) {
    const late = trainAfterHeldOut(split);
    checks.push({
      id: 'train-after-held-out',
      state: late === 0 ? 'ok' : 'note',
      count: late,
      text: 'Train rows later than a held-out row of the same user',
    });
  }
  const missing = validationUsers === 0 || testUsers === 0;
  checks.push({
    id: 'evaluated-users',
    state: missing ? 'blocking' : 'ok',
    count: testUsers,
    text: `Users evaluated (validation ${validationUsers.toLocaleString('en')}, test ${testUsers.toLocaleString('en')})`,
  });
  return checks;
}

function evaluatedUsers(part: Part, trainRows: Int32Array): number {
  const users = new Set<number>();
  for (const user of part.users) if (trainRows[user]! > 0) users.add(user);
  return users.size;
}

function pairsInTwoParts(split: CheckedSplit): number {
  const partOf = new Map<number, number>();
  const shared = new Set<number>();
  [split.train, split.validation, split.test].forEach((part, label) => {
    for (let r = 0; r < part.users.length; r++) {
      const key = part.users[r]! * split.items + part.items[r]!;
      const known = partOf.get(key);
      if (known === undefined) partOf.set(key, label);
      else if (known !== label) shared.add(key);
    }
  });
  return shared.size;
}

function trainAfterHeldOut(split: CheckedSplit): number {
  const first = new Float64Array(split.users).fill(Infinity);
  for (const part of [split.validation, split.test]) {
    for (let r = 0; r < part.users.length; r++) first[part.users[r]!] = Math.min(first[part.users[r]!]!, part.times?.[r] ?? Infinity);
  }
  let late = 0;
  for (let r = 0; r < split.train.users.length; r++) if (split.train.times![r]! > first[split.train.users[r]!]!) late++;
  return late;
}
