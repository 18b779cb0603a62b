/** What the page's main thread spends while a script runs in it, from a trace of the browser: cost of each frame, and the longest task. */
import type { Page } from '@playwright/test';

export interface MainThread {
  /** Milliseconds of main thread between one mark of a frame and the next: script, style, layout, painting. Waiting is not counted. */
  readonly frames: readonly number[];
  /** Of the tasks that ended in between. */
  readonly longestTask: number;
  /** Milliseconds of all these tasks, and from the first mark to the last. */
  readonly busy: number;
  readonly lasted: number;
}

/** Events of a trace as far as they are read here; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
}

const marks = { begin: 'bench begin', frame: 'bench frame', end: 'bench end' } as const;

/** Runs `script`, which calls `window.bench.mark()` in every frame it wants to know the cost of. */
export async function mainThread(page: Page, script: () => Promise<unknown>): Promise<MainThread> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ['blink.user_timing', 'disabled-by-default-devtools.timeline'] });
  let trace: Buffer;
  try {
    await page.evaluate((name) => void performance.mark(name), marks.begin);
    await script();
    await page.evaluate((name) => void performance.mark(name), marks.end);
  } finally {
    trace = await browser.stopTracing();
  }
  return spent((JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }).traceEvents);
}

/** Pure. A task belongs to the last frame that was marked before it ended: the mark of a frame lies within the task that makes it. */
export function spent(events: readonly TraceEvent[]): MainThread {
  const begin = events.find(({ name }) => name === marks.begin);
  const own = begin === undefined ? [] : events.filter(({ pid, tid }) => pid === begin.pid && tid === begin.tid);
  const end = own.find(({ name }) => name === marks.end);
  if (begin === undefined || end === undefined) throw new Error('the trace has no marks of the measurement');
  const starts = own
    .filter(({ name, ts }) => name === marks.frame && ts >= begin.ts && ts <= end.ts)
    .map(({ ts }) => ts)
    .sort((a, b) => a - b);
  const frames = new Array<number>(Math.max(0, starts.length - 1)).fill(0);
  let longest = 0;
  let busy = 0;
  for (const { name, ph, ts, dur = 0 } of own) {
    const until = ts + dur;
    if (name !== 'RunTask' || ph !== 'X' || until < begin.ts || ts > end.ts) continue;
    // What Playwright itself asks of the page ends with the marks around it.
    if (ts >= begin.ts) {
      longest = Math.max(longest, dur);
      busy += dur;
    }
    let frame = -1;
    for (let at = 0; at < starts.length && starts[at]! <= until; at++) frame = at;
    if (frame >= 0 && frame < frames.length) frames[frame]! += dur;
  }
  return { frames: frames.map((each) => each / 1000), longestTask: longest / 1000, busy: busy / 1000, lasted: (end.ts - begin.ts) / 1000 };
}
