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
import { chartDelays, liveCost, openCurves, startLiveRun } from './live.ts';
import { openRecommendations, trainBriefly, userOnce } from './recommending.ts';
import { repeated } from './repeated.ts';
import { filterOnce, groupOnce, settled, sortOnce, switchOnce, undoOnce } from './runs-table.ts';
import { openWideTable, scrollOnce } from './scrolling.ts';
import { openBrowser, openPage, serveHome, type Served } from './served.ts';
import { bootstrapOnce, cancelOnce, openTestBench, significanceOnce } from './testing.ts';
import { countedRow, timedRow, type UiRow } from './ui-report.ts';
import { zoomOnce } from './zooming.ts';

export interface Wanted {
  readonly repeats: number;
  readonly wants: (...goals: number[]) => boolean;
  readonly tell: (rows: readonly UiRow[]) => void;
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

async function tableRows(page: Page, filter: 'filter' | 'filterMany', sort: 'sort' | 'sortMany', { tell, repeats }: Wanted): Promise<void> {
  const fixed = () => fixedLoad(page);
  await settled(page);
  await filterOnce(page, 0);
  tell([timedRow(filter, await repeated((repetition) => filterOnce(page, repetition + 1), fixed, repeats))]);
  await page.getByRole('combobox', { name: 'Filter runs' }).fill('');
  await sortOnce(page);
  tell([timedRow(sort, await repeated(() => sortOnce(page), fixed, repeats))]);
}

/** Goals over 10,000 runs. */
export async function measureTable(wanted: Wanted): Promise<void> {
  const { wants, tell, repeats } = wanted;
  if (!wants(5, 7, 8, 9, 12, 13, 15, 17, 18, 25, 33, 34)) return;
  await withStudio(10_000, async ({ browser, served }) => {
    const page = await openPage(browser, served.address, '#/runs');
    const fixed = () => fixedLoad(page);
    const timed = async (id: Parameters<typeof timedRow>[0], measure: (repetition: number) => Promise<number>) =>
      tell([timedRow(id, await repeated(measure, fixed, repeats))]);
    await settled(page);
    if (wants(5)) await tableRows(page, 'filter', 'sort', wanted);
    if (wants(8)) {
      await groupOnce(page);
      await groupOnce(page);
      await timed('group', () => groupOnce(page));
    }
    if (wants(18)) {
      await timed('feedback', () => feedbackOnce(page));
      await timed('longestTask', () => longestTask(page));
    }
    if (wants(33)) await timed('undo', () => undoOnce(page));
    if (wants(17)) {
      await switchOnce(page);
      await timed('switching', () => switchOnce(page));
    }
    if (wants(9)) {
      await openPivot(page);
      await timed('pivot', () => pivotOnce(page));
    }
    if (wants(7, 25)) await openWideTable(page);
    if (wants(7)) {
      let blank = 0;
      await timed('scroll', async () => {
        const found = await scrollOnce(page);
        blank = Math.max(blank, found.blankFrames);
        return found.median;
      });
      tell([countedRow('blank', blank)]);
    }
    // What takes seconds is repeated once, whatever the machine does meanwhile.
    if (wants(25)) tell([timedRow('csv', await repeated(() => exportOnce(page, 10_000), fixed, repeats, 1))]);
    if (wants(12, 15)) tell(await chartRows(page, repeats, wants));
    if (wants(13)) {
      await openCurves(page, longRun);
      await zoomOnce(page);
      await timed('zoom', () => zoomOnce(page));
    }
    if (wants(34)) {
      // The page that has shown 10,000 runs, with the charts of a comparison beside one another.
      await page.evaluate(() => (location.hash = '#/runs/run-1?tab=curves'));
      await page.locator('main figure canvas').first().waitFor();
      await page.evaluate(() => (window as unknown as { gc?: () => void }).gc?.());
      const charts = await page.locator('main figure canvas').count();
      tell([countedRow('memoryFull', await memoryOf(browser, served), `${charts} charts`)]);
    }
    await page.close();
  });
}

/** Goals over 100,000 runs. */
export async function measureMany(wanted: Wanted): Promise<void> {
  if (!wanted.wants(6)) return;
  await withStudio(100_000, async ({ browser, served }) => {
    await tableRows(await openPage(browser, served.address, '#/runs'), 'filterMany', 'sortMany', wanted);
  });
}

/** Paired tests, through the link and a worker. The fixed load is felt in an empty page. */
export async function measureTests({ wants, tell, repeats }: Wanted): Promise<void> {
  if (!wants(10, 11)) return;
  await withStudio(undefined, async ({ browser, served }) => {
    const page = await openPage(browser, served.address, '#/help');
    const fixed = () => fixedLoad(page);
    await withHome(async (home) => {
      putStore(home, 10_000);
      const bench = await openTestBench(home);
      try {
        // Answers are kept by their question: every repetition asks with another seed.
        let seed = 1;
        await significanceOnce(bench, seed++);
        if (wants(10)) tell([timedRow('significance', await repeated(() => significanceOnce(bench, seed++), fixed, repeats))]);
        if (wants(11)) {
          tell([timedRow('bootstrap', await repeated(async () => (await bootstrapOnce(bench, seed++)) / 1000, fixed, repeats))]);
          tell([timedRow('cancelled', await repeated(() => cancelOnce(bench, seed++), fixed, repeats))]);
        }
      } finally {
        await bench.close();
      }
    });
  });
}

/** Goals on the demo, with runs at work and none. */
export async function measureDemo({ wants, tell, repeats }: Wanted): Promise<void> {
  if (!wants(14, 16, 24, 34, 35)) return;
  await withStudio(undefined, async ({ home, browser, served }) => {
    const page = await openPage(browser, served.address, '#/datasets');
    const fixed = () => fixedLoad(page);
    await page.getByRole('link', { name: /Demo/ }).first().waitFor({ timeout: 60_000 });
    if (wants(34)) tell([countedRow('memoryIdle', await memoryOf(browser, served))]);
    // The window in sight: out of it there is less to do.
    if (wants(35)) tell([timedRow('idle', await repeated(() => processorShare(browser, served, 5), fixed, repeats, 1), 'window in sight')]);
    if (wants(24)) {
      await trainBriefly(home);
      await openRecommendations(page);
      await userOnce(page, 0);
      tell([timedRow('user', await repeated((repetition) => userOnce(page, repetition + 1), fixed, repeats))]);
    }
    if (wants(16)) {
      const run = await startLiveRun(home, 2, 20, 700);
      try {
        await openCurves(page, run.id);
        const delay = async () => quantile(await chartDelays(page, run, 1), 0.5) / 1000;
        tell([timedRow('chartDelay', await repeated(delay, fixed, repeats))]);
      } finally {
        await run.stop();
      }
    }
    if (wants(14)) {
      const run = await startLiveRun(home, 200, 1000, 500);
      try {
        await openCurves(page, run.id);
        const shares: number[] = [];
        const cost = async () => {
          const found = await liveCost(page, 3);
          shares.push(found.share);
          return quantile(found.frames, 0.95);
        };
        tell([timedRow('live', await repeated(cost, fixed, repeats, 1))]);
        tell([countedRow('liveShare', quantile(shares, 0.5))]);
      } finally {
        await run.stop();
      }
    }
  });
}
