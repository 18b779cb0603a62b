/** The measurements in groups that share a studio and its store: each opens what it needs, where one of its goals is asked for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { putStore } from '../kept-store.ts';
import { longRun } from '../many-curves.ts';
import { quantile } from '../statistics.ts';
import { chartRows } from './charts.ts';
import { openPivot, pivotOnce } from './comparing.ts';
import { exportOnce } from './exporting.ts';
import { feedbackOnce, longestTask } from './feedback.ts';
import { fixedLoad } from './fixed-load.ts';
import { memoryOf, processorShare } from './footprint.ts';
import { chartDelays, liveFrames, liveShare, openCurves, startLiveRun, type LiveRun } from './live.ts';
import { openRecommendations, trainBriefly, userOnce } from './recommending.ts';
import type { GoalId } from './goals.ts';
import { repeated } from './repeated.ts';
import { filterOnce, groupOnce, settled, sortOnce, switchOnce, undoOnce } from './runs-table.ts';
import { openWideTable, scrollOnce } from './scrolling.ts';
import { openBrowser, openPage, serveHome, type Served } from './served.ts';
import { bootstrapOnce, cancelOnce, openTestBench, significanceOnce } from './testing.ts';
import { countedRow, failedRow, timedRow, type UiRow } from './ui-report.ts';
import { zoomOnce } from './zooming.ts';

export interface Wanted {
  readonly repeats: number;
  readonly wants: (...goals: number[]) => boolean;
  readonly tell: (rows: readonly UiRow[]) => void;
}

/** Measures what a goal asks for; where it breaks, a row says why and the others go on. */
async function judged({ wants, tell }: Wanted, numbers: readonly number[], work: () => Promise<void>): Promise<void> {
  if (!wants(...numbers)) return;
  try {
    await work();
  } catch (error) {
    tell([failedRow(numbers, error)]);
  }
}

async function withHome(work: (home: string) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'avocet-bench-ui-'));
  try {
    await work(home);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  }
}

interface Opened {
  readonly home: string;
  readonly browser: Browser;
  readonly served: Served;
}

/** A studio on a store of so many runs, or on an empty folder, and a browser. */
async function withStudio(runs: number | undefined, work: (opened: Opened) => Promise<void>): Promise<void> {
  await withHome(async (home) => {
    let served: Served | undefined;
    let browser: Browser | undefined;
    try {
      if (runs !== undefined) putStore(home, runs);
      served = await serveHome(home);
      browser = await openBrowser();
      await work({ home, browser, served });
    } finally {
      await browser?.close();
      await served?.stop();
    }
  });
}

/** Opens a page of its own on a screen, for one measurement, with the fixed load beside it. */
type OnPage = (numbers: readonly number[], work: (page: Page, timed: Timed) => Promise<void>) => Promise<void>;
/** Repeats a measurement and tells it as the row of its goal; what takes seconds is repeated once, whatever the machine does meanwhile. */
type Timed = (id: GoalId, measure: (repetition: number) => Promise<number>, turns?: number, note?: string) => Promise<void>;

/** Each measurement has a page of its own: what one leaves open or breaks is not the next one's. */
function onPages(wanted: Wanted, { browser, served }: Opened, hash: string, ready: (page: Page) => Promise<unknown>): OnPage {
  return (numbers, work) =>
    judged(wanted, numbers, async () => {
      const page = await openPage(browser, served.address, hash);
      try {
        await ready(page);
        await work(page, async (id, measure, turns, note) =>
          wanted.tell([timedRow(id, await repeated(measure, () => fixedLoad(page), wanted.repeats, turns), note)]),
        );
      } finally {
        await page.context().close();
      }
    });
}

async function measureSorting(onPage: OnPage, number: number, filter: 'filter' | 'filterMany', sort: 'sort' | 'sortMany'): Promise<void> {
  await onPage([number], async (page, timed) => {
    await filterOnce(page, 0);
    await timed(filter, (repetition) => filterOnce(page, repetition + 1));
    await page.getByRole('combobox', { name: 'Filter runs' }).fill('');
    await sortOnce(page);
    await timed(sort, () => sortOnce(page));
  });
}

/** Goals over 10,000 runs. */
export async function measureTable(wanted: Wanted): Promise<void> {
  const { wants, tell, repeats } = wanted;
  const numbers = [5, 7, 8, 9, 12, 13, 15, 17, 18, 25, 33, 34];
  if (!wants(...numbers)) return;
  await withStudio(10_000, async (opened) => {
    const onPage = onPages(wanted, opened, '#/runs', settled);
    await measureSorting(onPage, 5, 'filter', 'sort');
    await onPage([8], async (page, timed) => {
      await groupOnce(page);
      await groupOnce(page);
      await timed('group', () => groupOnce(page));
    });
    await onPage([18], async (page, timed) => {
      await timed('feedback', () => feedbackOnce(page));
      await timed('longestTask', () => longestTask(page));
    });
    await onPage([17], async (page, timed) => {
      await switchOnce(page);
      await timed('switching', () => switchOnce(page));
    });
    await onPage([9], async (page, timed) => {
      await openPivot(page);
      await timed('pivot', () => pivotOnce(page));
    });
    await onPage([7], async (page, timed) => {
      await openWideTable(page);
      let blank = 0;
      await timed('scroll', async () => {
        const found = await scrollOnce(page);
        blank = Math.max(blank, found.blankFrames);
        return found.median;
      });
      tell([countedRow('blank', blank)]);
    });
    await onPage([25], async (page, timed) => {
      await openWideTable(page);
      await timed('csv', () => exportOnce(page, 'CSV', 10_000), 1);
      await timed('xlsx', () => exportOnce(page, 'Excel workbook', 10_000), 1);
    });
    await onPage([12, 15], async (page) => tell(await chartRows(page, repeats, wants)));
    await onPage([13], async (page, timed) => {
      await openCurves(page, longRun);
      await zoomOnce(page);
      await timed('zoom', () => zoomOnce(page));
    });
    await onPage([34], async (page) => {
      // The page that has shown 10,000 runs, with the charts of a comparison beside one another.
      await page.evaluate(() => (location.hash = '#/runs/run-1?tab=curves'));
      await page.locator('main figure canvas').first().waitFor();
      await page.evaluate(() => (window as unknown as { gc?: () => void }).gc?.());
      const charts = await page.locator('main figure canvas').count();
      tell([countedRow('memoryFull', await memoryOf(opened.browser, opened.served), `${charts} charts`)]);
    });
    // Last, since it moves runs through the trash.
    await onPage([33], (page, timed) => timed('undo', () => undoOnce(page)));
  });
}

/** Goals over 100,000 runs. */
export async function measureMany(wanted: Wanted): Promise<void> {
  if (!wanted.wants(6)) return;
  await withStudio(100_000, (opened) => measureSorting(onPages(wanted, opened, '#/runs', settled), 6, 'filterMany', 'sortMany'));
}

/** Paired tests, through the link and a worker. The fixed load is felt in an empty page. */
export async function measureTests(wanted: Wanted): Promise<void> {
  if (!wanted.wants(10, 11)) return;
  await withStudio(undefined, (opened) =>
    withHome(async (home) => {
      putStore(home, 10_000);
      const bench = await openTestBench(home);
      const onPage = onPages(wanted, opened, '#/help', () => Promise.resolve());
      try {
        // Answers are kept by their question: every repetition asks with another seed.
        let seed = 1;
        await onPage([10], async (_page, timed) => {
          await significanceOnce(bench, seed++);
          await timed('significance', () => significanceOnce(bench, seed++));
        });
        await onPage([11], async (_page, timed) => {
          await timed('bootstrap', async () => (await bootstrapOnce(bench, seed++)) / 1000);
          await timed('cancelled', () => cancelOnce(bench, seed++));
        });
      } finally {
        await bench.close();
      }
    }),
  );
}

/** Goals on the demo, with runs at work and none. */
export async function measureDemo(wanted: Wanted): Promise<void> {
  const { wants, tell } = wanted;
  if (!wants(14, 16, 24, 34, 35)) return;
  await withStudio(undefined, async (opened) => {
    const { home, browser, served } = opened;
    const demo = (page: Page) => page.getByRole('link', { name: /Demo/ }).first().waitFor({ timeout: 60_000 });
    const onPage = onPages(wanted, opened, '#/datasets', demo);
    await onPage([34], async () => tell([countedRow('memoryIdle', await memoryOf(browser, served))]));
    // The window in sight: out of it there is less to do.
    await onPage([35], (_page, timed) => timed('idle', () => processorShare(browser, served, 5), 1, 'window in sight'));
    await onPage([24], async (page, timed) => {
      await trainBriefly(home);
      await openRecommendations(page);
      await userOnce(page, 0);
      await timed('user', (repetition) => userOnce(page, repetition + 1));
    });
    await onPage([16], (page, timed) =>
      besideRun(home, [2, 20, 700], async (run) => {
        await openCurves(page, run.id);
        await timed('chartDelay', async () => quantile(await chartDelays(page, run, 1), 0.5) / 1000);
      }),
    );
    await onPage([14], (page, timed) =>
      besideRun(home, [200, 1000, 500], async (run) => {
        await openCurves(page, run.id);
        await timed('live', async () => quantile(await liveFrames(page, 3), 0.95), 1);
        await timed('liveShare', () => liveShare(page, 3), 1);
      }),
    );
  });
}

/** Work beside a live run of so many series that told so many epochs at once and tells one every so many milliseconds. */
async function besideRun(
  home: string,
  [series, behind, everyMs]: readonly [number, number, number],
  work: (run: LiveRun) => Promise<void>,
): Promise<void> {
  const run = await startLiveRun(home, series, behind, everyMs);
  try {
    await work(run);
  } finally {
    await run.stop();
  }
}
