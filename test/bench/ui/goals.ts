/**
 * The goals of the interface by number: what is measured, the bound it is judged by on a test machine of two idle cores, and the one for
 * the reference workstation. Pure.
 */
export type Unit = 'ms' | 's' | '%' | 'MB' | 'frames';

export interface Goal {
  readonly number: number;
  readonly title: string;
  readonly unit: Unit;
  /** Met below it; with `exactly` only at it, and with `atMost` also at it. */
  readonly target: number;
  readonly met: 'below' | 'atMost' | 'exactly';
  /** What the reference workstation is held to. */
  readonly workstation?: number;
}

const below = (number: number, title: string, unit: Unit, target: number, workstation: number): Goal => ({
  number,
  title,
  unit,
  target,
  met: 'below',
  workstation,
});
const exactly = (number: number, title: string, unit: Unit, target: number): Goal => ({ number, title, unit, target, met: 'exactly' });

export const goals = {
  filter: below(5, 'filter 10,000 runs, key to painted rows', 'ms', 100, 50),
  sort: below(5, 'sort 10,000 runs, key to painted rows', 'ms', 100, 50),
  filterMany: below(6, 'filter 100,000 runs, key to painted rows', 'ms', 400, 200),
  sortMany: below(6, 'sort 100,000 runs, key to painted rows', 'ms', 400, 200),
  group: below(8, 'group 10,000 runs by model, mean ± sd painted', 'ms', 200, 80),
  longPaint: below(12, 'a million points: first paint', 'ms', 600, 250),
  switching: below(17, 'screen switch, data cached', 'ms', 250, 100),
  undo: below(33, 'undo of deleting 1,000 runs, key to painted rows', 'ms', 5000, 1000),
  spike: exactly(15, 'planted one-sample spike visible at all zooms', '%', 100),
  scroll: below(7, 'scroll 10,000 × 210 cells, main thread of a frame', 'ms', 20, 17.2),
  blank: { number: 7, title: 'scroll 10,000 × 210 cells, frames in a row with a blank row', unit: 'frames', target: 1, met: 'atMost' },
  pivot: below(9, 'pivot 22 models × 5 sets × 8 metrics with marks, painted', 'ms', 400, 150),
  significance: below(10, 'significance of 20 models × 8 metrics × 20,000 users (t, Holm)', 'ms', 1000, 300),
  bootstrap: below(11, 'paired bootstrap 10,000, one pair × 20,000 users, with progress', 's', 5, 2),
  cancelled: below(11, 'the same cancelled in its middle, until its worker is gone', 'ms', 1000, 200),
  zoom: below(13, 'a million points: pan and zoom, main thread of a frame, 95 %', 'ms', 22.2, 16.7),
  live: below(14, '200 live series × 1,000 points at 2 Hz, main thread of a frame, 95 %', 'ms', 33, 16.7),
  liveShare: below(14, 'the same, share of a core', '%', 33, 10),
  chartDelay: below(16, 'metric written by the trainer → on the chart', 's', 3, 1),
  feedback: below(18, 'input to visible feedback: a letter, a tick, a screen', 'ms', 200, 100),
  longestTask: below(18, 'longest main-thread task: filter, sort, group, screens', 'ms', 200, 50),
  user: below(24, 'user id → recommendations of two models', 'ms', 400, 150),
  csv: below(25, 'export 10,000 × 210 as CSV', 's', 6, 3),
  xlsx: below(25, 'the same as an Excel workbook', 's', 16, 8),
  memoryIdle: below(34, 'memory of studio and page, idle', 'MB', 525, 350),
  memoryFull: below(34, 'memory of studio and page, 10,000 runs + 4 charts', 'MB', 1050, 700),
  idle: below(35, 'idle CPU of studio and page, no run', '%', 2, 0.5),
} as const satisfies Readonly<Record<string, Goal>>;

export type GoalId = keyof typeof goals;

/** Goals that are not judged here, and why. */
export const notJudged: readonly { readonly numbers: readonly number[]; readonly title: string; readonly reason: string }[] = [
  { numbers: [1, 2, 3], title: 'cold and warm start', reason: 'measured by npm run bench:start' },
  { numbers: [4], title: 'white flash at start', reason: 'a window of the packaged app; the desktop ring looks at it' },
  { numbers: [19, 20, 21, 22, 23], title: 'clicks', reason: 'counted by the browser ring' },
  { numbers: [26, 27], title: 'LaTeX, import', reason: 'held by tests; the import of 1,000 runs is timed by hand' },
  { numbers: [28, 30, 31, 32], title: 'estimates, overhead, kills', reason: 'the benchmark of training and the endurance ring' },
  { numbers: [29], title: 'VRAM', reason: 'needs a GPU' },
  { numbers: [36], title: '24 h soak', reason: 'takes hours' },
  { numbers: [37, 38, 39, 40, 41, 42], title: 'installer, audit, languages, security, requests', reason: 'the test rings' },
  { numbers: [43], title: 'five researchers', reason: 'needs people' },
];

export function isMet({ target, met }: Goal, value: number): boolean {
  if (met === 'exactly') return value === target;
  return met === 'atMost' ? value <= target : value < target;
}
