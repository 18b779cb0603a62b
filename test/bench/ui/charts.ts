/** Goals of charts: a million points painted, and one planted sample of them visible at every zoom. */
import type { Page } from '@playwright/test';
import { longRun } from '../many-curves.ts';
import { fixedLoad } from './fixed-load.ts';
import { repeated } from './repeated.ts';
import { timedRow, type UiRow } from './ui-report.ts';

/** From the list of runs to the curves of the run with a million points, until its spike is painted. */
async function longPaint(page: Page): Promise<number> {
  await page.evaluate(() => (location.hash = '#/runs'));
  await page.waitForFunction(() => window.bench.table() !== undefined, undefined, { timeout: 60_000 });
  await page.waitForTimeout(300);
  return page.evaluate(async (run) => {
    const started = performance.now();
    location.hash = `#/runs/${run}?tab=curves`;
    while (!(await window.bench.frame(() => window.bench.uprights('Training loss').length > 0)) && performance.now() - started < 30_000);
    return performance.now() - started;
  }, longRun);
}

export async function chartRows(page: Page, repeats: number, wants: (goal: number) => boolean): Promise<UiRow[]> {
  const rows: UiRow[] = [];
  await longPaint(page);
  if (wants(12))
    rows.push(
      timedRow(
        'longPaint',
        await repeated(
          () => longPaint(page),
          () => fixedLoad(page),
          repeats,
        ),
      ),
    );
  return rows;
}
