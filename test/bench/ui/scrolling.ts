/** Scrolling the runs table at a quick hand's pace: main thread a frame, and rows that stay blank. */
import type { Page } from '@playwright/test';
import { quantile } from '../statistics.ts';
import { mainThread } from './main-thread.ts';
import { settled } from './runs-table.ts';
import { wideTable } from './table-columns.ts';

/** Two rows a frame, which at 60 Hz is 120 rows a second. */
const rowsPerFrame = 2;
const frames = 180;
const acrossPerFrame = 48;

export interface Scrolled {
  /** Main thread of a frame, ms: the median of all frames, and what 95 of 100 stay below. */
  readonly median: number;
  readonly high: number;
  /** Most frames in a row in which a row in sight was blank. */
  readonly blankFrames: number;
}

export async function openWideTable(page: Page): Promise<void> {
  // A table takes its view from the address when it is opened.
  await page.evaluate(() => (location.hash = '#/queue'));
  await page.locator('nav a[href="#/queue"][aria-current="page"]').waitFor();
  await page.evaluate((hash) => (location.hash = hash), wideTable);
  await settled(page);
}

/** From the top, by rows and, for a third of the way, by columns too; each time from where the last one ended, so that rows are new. */
export async function scrollOnce(page: Page): Promise<Scrolled> {
  let blankFrames = 0;
  const { frames: costs } = await mainThread(page, async () => {
    blankFrames = await page.evaluate(
      async ({ count, rows, across }) => {
        const grid = document.querySelector<HTMLElement>('[role="grid"][aria-label="Runs"]')!;
        const height = grid.querySelector('[role="row"][aria-rowindex="2"], .window > [role="row"]')?.getBoundingClientRect().height ?? 28;
        let longest = 0;
        let streak = 0;
        for (let frame = 0; frame < count; frame++) {
          grid.scrollTop += rows * height;
          if (frame % 3 === 0) grid.scrollLeft += across;
          const isBlank = await window.bench.markedFrame(() => {
            // Few questions: what is asked here is paid by the frame that it judges.
            const box = grid.getBoundingClientRect();
            const head = grid.querySelector('.head')!.getBoundingClientRect().bottom;
            const rows = grid.querySelector('.window')!.getBoundingClientRect();
            // A scroll bar may lie over the last row.
            const isCovered = rows.top <= head + 1 && rows.bottom >= box.bottom - 18;
            const isInSight = ({ top, bottom }: DOMRect) => bottom > head + 1 && top < box.bottom - 1;
            return !isCovered || [...grid.querySelectorAll('.window > .waiting')].some((row) => isInSight(row.getBoundingClientRect()));
          });
          streak = isBlank ? streak + 1 : 0;
          longest = Math.max(longest, streak);
        }
        return longest;
      },
      { count: frames, rows: rowsPerFrame, across: acrossPerFrame },
    );
  });
  return { median: quantile(costs, 0.5), high: quantile(costs, 0.95), blankFrames };
}
