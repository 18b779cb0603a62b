/** Goals of charts: a million points painted, and one planted sample of them visible at every zoom. */
import type { Page } from '@playwright/test';
import { longRun } from '../many-curves.ts';
import { fixedLoad } from './fixed-load.ts';
import { repeated } from './repeated.ts';
import { countedRow, timedRow, type UiRow } from './ui-report.ts';

/** Zooms of a fifth each from a million epochs to ten, and one to spare. */
const mostZooms = 9;

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

const loss = (page: Page) => page.getByRole('img', { name: /^Training loss over/ });

/** Shares of the zooms, from all epochs down to ten, at which the planted sample stands upright in the chart; each chosen by dragging. */
async function spikeShare(page: Page): Promise<number> {
  await longPaint(page);
  let seen = 0;
  let looked = 0;
  for (; looked < mostZooms; looked++) {
    const at = await page.evaluate(async () => {
      let found: number[] = [];
      const started = performance.now();
      do found = await window.bench.frame(() => window.bench.uprights('Training loss'));
      while (found.length === 0 && performance.now() - started < 5000);
      return found.length === 0 ? undefined : found[Math.floor(found.length / 2)]!;
    });
    if (at === undefined) break;
    seen += 1;
    const box = (await loss(page).boundingBox())!;
    const words = () => page.getByRole('button', { name: /^Epochs .* show all$/ }).textContent({ timeout: 5000 });
    const before = looked === 0 ? undefined : await words();
    // A fifth of what is shown, the sample a little aside of its middle.
    const half = box.width / 10;
    await page.mouse.move(box.x + Math.max(70, at - half), box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + Math.min(box.width - 14, at + half + 7), box.y + box.height / 2, { steps: 3 });
    await page.mouse.up();
    await page.mouse.move(box.x + 4, box.y - 8);
    if ((await words()) === before) {
      looked += 1;
      break;
    }
    await page.waitForTimeout(300);
  }
  return (100 * seen) / Math.max(1, looked);
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
  if (wants(15)) rows.push(countedRow('spike', await spikeShare(page)));
  return rows;
}
