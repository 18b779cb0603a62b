/** Rankings whose scores are screened first: rounding a table of items, and ranking a chunk of users over it. */
import { choose, chooseBytes, hidden } from './choose';
import { pairsOf, quantiseItems, quantiseUsers } from './quantise';
import { bounds } from './screen';

/** Items bounded at once: those of a chunk of users stay in the second-level cache. */
const itemBlock: i32 = 8192;
/** Users of a chunk at most. */
const mostUsers: i32 = 16;

// @ts-ignore: decorator
@inline
function whole(at: usize, place: usize): i32 {
  return <i32>load<f64>(at + (place << 3));
}

// @ts-ignore: decorator
@inline
function pointer(at: usize, place: usize): usize {
  return <usize>load<f64>(at + (place << 3));
}

/** count, grain (a multiple of 16), items, width, packed, corrections i16, facts f64 [count, 3]. */
export function quantiseChunk(chunk: i32, at: usize, scratch: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  quantiseItems(pointer(at, 2), whole(at, 3), first, min(grain, whole(at, 0) - first), pointer(at, 4), pointer(at, 5), pointer(at, 6), scratch);
}

/**
 * rows, grain (at most 16), users, width, items, item count, packed, corrections, ratios, shares, largest step, norm and error (f64), offsets
 * and ids of the mask, k, lists of ids, of scores.
 */
export function screenedChunk(chunk: i32, at: usize, scratch: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const rows = min(grain, whole(at, 0) - first);
  const width = whole(at, 3);
  const rowBytes: usize = (<usize>width) << 2;
  const count = whole(at, 5);
  const offsets = pointer(at, 11) + ((<usize>first) << 2);
  const k = whole(at, 13);
  const list: usize = (<usize>k) << 2;
  const users = pointer(at, 2) + <usize>first * rowBytes;
  const items = pointer(at, 14) + <usize>first * list;
  const best = pointer(at, 15) + <usize>first * list;
  for (let i: usize = 0; i < <usize>rows * list; i += 4) {
    store<i32>(items + i, -1);
    store<f32>(best + i, -Infinity);
  }
  const units = scratch;
  const slacks = units + <usize>(mostUsers * 8);
  const tiles = slacks + <usize>(mostUsers * 2);
  const work = tiles + ((<usize>mostUsers * <usize>(pairsOf(width))) << 4);
  const table = work + chooseBytes(itemBlock, k);
  quantiseUsers(users, width, rows, pointer(at, 10), tiles, units, slacks, work);
  for (let i = 0; i < count; i += itemBlock) {
    const columns = min(itemBlock, count - i);
    const padded = (columns + 15) & ~15;
    const stride: usize = (<usize>padded) << 1;
    bounds(rows, tiles, slacks, width, pointer(at, 6), i, padded, pointer(at, 7), pointer(at, 8), pointer(at, 9), table, stride);
    for (let r = 0; r < rows; r++) {
      const row = table + <usize>r * stride;
      hide(row, i, columns, padded, offsets + ((<usize>r) << 2), pointer(at, 12));
      const place = <usize>r * list;
      const unit = load<f64>(units + ((<usize>r) << 3));
      choose(users + <usize>r * rowBytes, width, pointer(at, 4), row, padded, i, unit, k, items + place, best + place, work);
    }
  }
}

/** Takes what a user's mask names, and the places behind the last item, out of a row of bounds. */
function hide(row: usize, firstItem: i32, count: i32, padded: i32, offsets: usize, mask: usize): void {
  const end = load<i32>(offsets, 4);
  for (let e = load<i32>(offsets); e < end; e++) {
    const item = load<i32>(mask + ((<usize>e) << 2)) - firstItem;
    if (item >= count) break;
    if (item >= 0) store<i16>(row + ((<usize>item) << 1), <i16>hidden);
  }
  for (let item = count; item < padded; item++) store<i16>(row + ((<usize>item) << 1), <i16>hidden);
}
