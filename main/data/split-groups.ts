import type { Random } from './random.ts';
import { rowsOfUsers, type Labels, type Rows } from './split.ts';

/*
 * Splits that choose among items, users or folds (protocol.md section 2): cold items, cold users, k folds.
 */

/**
 * A share of the items, at random or those first seen latest, loses all train rows. The rows of half of them are validation, those of the
 * other half test, so no item is in two parts; all other rows are train. Of the newest items the older half is validation.
 */
export function coldItems(
  rows: Rows,
  itemCount: number,
  rule: { readonly share: number; readonly choose: 'random' | 'newest' },
  random: Random,
): Labels {
  const order = Int32Array.from({ length: itemCount }, (_, item) => item);
  random.shuffle(order);
  if (rule.choose === 'newest') {
    const first = new Float64Array(itemCount).fill(Infinity);
    rows.items.forEach((item, row) => (first[item] = Math.min(first[item]!, rows.times![row]!)));
    // Ties of time keep the drawn order.
    const drawn = new Int32Array(itemCount);
    order.forEach((item, at) => (drawn[item] = at));
    order.sort((a, b) => first[a]! - first[b]! || drawn[a]! - drawn[b]!);
  }
  const chosen = Math.min(itemCount, Math.max(2, Math.round(itemCount * rule.share)));
  const label = new Uint8Array(itemCount);
  for (let at = 0; at < chosen; at++) label[order[itemCount - chosen + at]!] = at < Math.floor(chosen / 2) ? 1 : 2;
  return Uint8Array.from(rows.items, (item) => label[item]!);
}

/**
 * A seeded share of the users keeps `support` rows in train, their first ones by time or random ones; of the rest the first half is
 * validation, the second test. Only users with at least support + 2 rows are chosen; all other users are train alone.
 */
export function coldUsers(
  rows: Rows,
  userCount: number,
  rule: { readonly share: number; readonly support: number; readonly order: 'random' | 'time' },
  random: Random,
): Labels {
  const labels = new Uint8Array(rows.users.length);
  const own = [...rowsOfUsers(rows.users, userCount)];
  const eligible = Int32Array.from(own.flatMap((list, user) => (list.length >= rule.support + 2 ? [user] : [])));
  random.shuffle(eligible);
  const chosen = Math.min(eligible.length, Math.max(1, Math.round(userCount * rule.share)));
  for (const user of eligible.subarray(0, chosen)) {
    const sorted = own[user]!.slice();
    if (rule.order === 'time') sorted.sort((a, b) => rows.times![a]! - rows.times![b]! || a - b);
    else random.shuffle(sorted);
    const held = sorted.length - rule.support;
    for (let at = 0; at < held; at++) labels[sorted[rule.support + at]!] = at < Math.floor(held / 2) ? 1 : 2;
  }
  return labels;
}

/**
 * Rows of each user are dealt in random order to `folds` folds, the first of each user to a random one so that no fold is larger. Fold `fold`
 * (from 1) is test, the next one validation, the others train. Users with fewer than three rows are train alone.
 */
export function kFold(rows: Rows, userCount: number, rule: { readonly folds: number; readonly fold: number }, random: Random): Labels {
  const labels = new Uint8Array(rows.users.length);
  const test = rule.fold - 1;
  const validation = rule.fold % rule.folds;
  for (const own of rowsOfUsers(rows.users, userCount)) {
    // Every user takes its draws, so that the folds do not depend on the number that is asked for.
    const sorted = own.slice();
    random.shuffle(sorted);
    const first = random.integer(rule.folds);
    if (sorted.length < 3) continue;
    sorted.forEach((row, at) => {
      const fold = (first + at) % rule.folds;
      labels[row] = fold === test ? 2 : fold === validation ? 1 : 0;
    });
  }
  return labels;
}
