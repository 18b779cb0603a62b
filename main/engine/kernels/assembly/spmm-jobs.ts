/** Chunks of sparse products; see jobs.ts. */
import { number, pointer, whole } from './arguments';
import { findPlaces, foldRows, spmm, spmmFrom } from './spmm';

/** bounds (i32, first row of each chunk and the end), width, offsets, indices, values, dense, base, scale, out, places of the base or 0. */
export function spmmChunk(chunk: i32, at: usize): void {
  const bounds = pointer(at, 0) + ((<usize>chunk) << 2);
  const first = load<i32>(bounds);
  const last = load<i32>(bounds, 4);
  spmm(first, last, whole(at, 1), pointer(at, 2), pointer(at, 3), pointer(at, 4), pointer(at, 5), pointer(at, 6), number(at, 7), pointer(at, 8), 0, pointer(at, 9));
}

/** count, grain, width, offsets, indices, values, dense, base, scale, out, rows. */
export function spmmRowsChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const last = min(whole(at, 0), first + grain);
  spmm(first, last, whole(at, 2), pointer(at, 3), pointer(at, 4), pointer(at, 5), pointer(at, 6), pointer(at, 7), number(at, 8), pointer(at, 9), pointer(at, 10), 0);
}

/** bounds, width, offsets, indices, values, rows that are not zero, their places, whether a row itself is added, scale, out. */
export function spmmFromChunk(chunk: i32, at: usize, scratch: usize): void {
  const bounds = pointer(at, 0) + ((<usize>chunk) << 2);
  const first = load<i32>(bounds);
  const last = load<i32>(bounds, 4);
  spmmFrom(first, last, whole(at, 1), pointer(at, 2), pointer(at, 3), pointer(at, 4), pointer(at, 5), pointer(at, 6), whole(at, 7) != 0, number(at, 8), pointer(at, 9), scratch);
}

/** height, upper, their count, lower, their count, split, rows, places, next. One chunk. */
export function placesChunk(at: usize): void {
  findPlaces(whole(at, 0), pointer(at, 1), whole(at, 2), pointer(at, 3), whole(at, 4), whole(at, 5), pointer(at, 6), pointer(at, 7), pointer(at, 8));
}

/** count, grain, width, rows, places, next, values, out, whether out is the table. */
export function foldChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const last = min(whole(at, 0), first + grain);
  foldRows(first, last, whole(at, 2), pointer(at, 3), pointer(at, 4), pointer(at, 5), pointer(at, 6), pointer(at, 7), whole(at, 8) != 0);
}
