/** Lists of the k best, larger scores first, equal ones by the lower id; empty places hold −1 and −∞. */

/** Entries that go into a list at once. */
export const mergedAtOnce: i32 = 256;
/** Bytes of ids that are rather inserted one by one. */
const fewEntries: usize = 8 << 2;

// @ts-ignore: decorator
@inline
function lanes(x: v128): i32 {
  return i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3);
}

/** Writes an entry where its rank says; among equal scores, which have the same rank, the lower id stands first. */
// @ts-ignore: decorator
@inline
function put(entry: usize, ids: usize, values: usize, rank: i32, k: i32, items: usize, best: usize): void {
  let id = load<i32>(ids + entry);
  const value = load<f32>(values + entry);
  while (rank < k) {
    const place: usize = (<usize>rank) << 2;
    const there = load<i32>(items + place);
    if (there < 0) {
      store<i32>(items + place, id);
      store<f32>(best + place, value);
      return;
    }
    if (id < there) {
      store<i32>(items + place, id);
      id = there;
    }
    rank++;
  }
}

/** Sorts `count` entries into the list items, best [k]: the rank of each is the number of larger ones. Three places behind are written. */
function sortInto(count: i32, ids: usize, values: usize, k: i32, items: usize, best: usize): void {
  for (let i = 0; i < k; i++) {
    store<i32>(items + ((<usize>i) << 2), -1);
    store<f32>(best + ((<usize>i) << 2), -Infinity);
  }
  const bytes: usize = (<usize>count) << 2;
  v128.store(values + bytes, f32x4.splat(-Infinity));
  for (let e: usize = 0; e < bytes; e += 16) {
    const s0 = v128.load32_splat(values + e);
    const s1 = v128.load32_splat(values + e, 4);
    const s2 = v128.load32_splat(values + e, 8);
    const s3 = v128.load32_splat(values + e, 12);
    let r0 = i32x4.splat(0);
    let r1 = r0;
    let r2 = r0;
    let r3 = r0;
    for (let at: usize = 0; at < bytes; at += 16) {
      const x = v128.load(values + at);
      r0 = i32x4.sub(r0, f32x4.gt(x, s0));
      r1 = i32x4.sub(r1, f32x4.gt(x, s1));
      r2 = i32x4.sub(r2, f32x4.gt(x, s2));
      r3 = i32x4.sub(r3, f32x4.gt(x, s3));
    }
    put(e, ids, values, lanes(r0), k, items, best);
    if (e + 4 < bytes) put(e + 4, ids, values, lanes(r1), k, items, best);
    if (e + 8 < bytes) put(e + 8, ids, values, lanes(r2), k, items, best);
    if (e + 12 < bytes) put(e + 12, ids, values, lanes(r3), k, items, best);
  }
}

/** Takes one entry into a full list whose last place is `last`, where it belongs there. */
function insert(id: i32, value: f32, items: usize, best: usize, last: usize): void {
  const worst = load<f32>(best + last);
  if (value < worst || (value == worst && id > load<i32>(items + last))) return;
  let place = last;
  for (; place > 0; place -= 4) {
    const above = load<f32>(best + place - 4);
    if (above > value || (above == value && load<i32>(items + place - 4) < id)) break;
    store<f32>(best + place, above);
    store<i32>(items + place, load<i32>(items + place - 4));
  }
  store<f32>(best + place, value);
  store<i32>(items + place, id);
}

/** Takes scored items into the list. A score that is no number never enters, nor does −∞. */
export function merge(count: i32, ids: usize, scores: usize, k: i32, items: usize, best: usize, scratch: usize): void {
  const keptIds = scratch;
  const keptValues = scratch + ((<usize>(k + mergedAtOnce + 8)) << 2);
  const last: usize = (<usize>(k - 1)) << 2;
  let next = 0;
  while (next < count) {
    const threshold = load<f32>(best + last);
    const lastId = load<i32>(items + last);
    let kept: usize = 0;
    const room: usize = (<usize>mergedAtOnce) << 2;
    for (; next < count && kept < room; next++) {
      const at: usize = (<usize>next) << 2;
      const value = load<f32>(scores + at);
      const id = load<i32>(ids + at);
      store<f32>(keptValues + kept, value);
      store<i32>(keptIds + kept, id);
      kept += <usize>(value > threshold || (value == threshold && id < lastId)) << 2;
    }
    if (kept == 0) continue;
    if (kept <= fewEntries && lastId >= 0) {
      for (let at: usize = 0; at < kept; at += 4) insert(load<i32>(keptIds + at), load<f32>(keptValues + at), items, best, last);
      continue;
    }
    for (let at: usize = 0; at <= last && load<i32>(items + at) >= 0; at += 4) {
      store<f32>(keptValues + kept, load<f32>(best + at));
      store<i32>(keptIds + kept, load<i32>(items + at));
      kept += 4;
    }
    sortInto(<i32>(kept >> 2), keptIds, keptValues, k, items, best);
  }
}
