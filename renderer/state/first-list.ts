/** When the first list of this page was painted: how long it took to be usable, for Settings and for `npm run bench:start`. */
import { painted } from './painted.ts';

/** Name of the mark in the page's timeline. */
const mark = 'avocet:first-list';
let isMarked = false;

/** Said by whatever shows a list, as it has one; only the first time counts. */
export function listShown(): void {
  if (isMarked) return;
  isMarked = true;
  void painted().then(() => performance.mark(mark));
}

/** Beyond so long before the page, the program had started for something else. */
const sameStartMs = 30_000;

export interface StartTimes {
  /** From the page's first request to its first list, milliseconds. */
  readonly pageMs: number;
  /** From the start of the program, where it started for this page. */
  readonly programMs?: number;
}

/** Undefined as long as no list was shown. `startedAt` is the program's start, UTC milliseconds. */
export function startTimes(startedAt: number): StartTimes | undefined {
  const [entry] = performance.getEntriesByName(mark);
  if (entry === undefined) return undefined;
  const before = performance.timeOrigin - startedAt;
  const pageMs = entry.startTime;
  return before >= 0 && before < sameStartMs ? { pageMs, programMs: before + pageMs } : { pageMs };
}
