/** Compare: the pivot of 22 models on five datasets by eight metrics with its marks, from a click to the painted table. */
import type { Page } from '@playwright/test';
import { cards } from '#models/cards.ts';
import { datasets } from '../many-runs.ts';

const seeds = 5;
/** Of the goal; there are more models by now. */
const models = 22;
/** As the screen calls them; the last is the one that comes and goes. */
const metrics = ['Recall@5', 'Recall@10', 'Recall@20', 'Recall@50', 'NDCG@5', 'NDCG@10', 'NDCG@20', 'NDCG@50'];
const last = metrics[metrics.length - 1]!;

/** One configuration of 22 models on each of five datasets, five seeds each, as many-runs.ts deals them out. */
const runs = datasets.flatMap((_, dataset) =>
  Array.from({ length: models * seeds }, (__, at) => `run-${dataset * cards.length * seeds + at}`),
);

async function toggle(page: Page, metric: string): Promise<void> {
  await page.getByRole('button', { name: /^Columns: / }).click();
  await page.getByRole('menuitem', { name: metric, exact: true }).click();
}

const cells = () => document.querySelectorAll('main table tbody tr:first-child td').length;

/** With all eight metrics. */
export async function openPivot(page: Page): Promise<void> {
  await page.evaluate((ids) => (location.hash = `#/compare?runs=${ids}`), runs.join(','));
  await page.getByRole('button', { name: /^Columns: / }).waitFor({ timeout: 60_000 });
  for (const [at, metric] of metrics.entries()) {
    // Two are there from the beginning.
    if (metric === 'Recall@20' || metric === 'NDCG@20') continue;
    await toggle(page, metric);
    const shown = Math.min(metrics.length, at < 2 ? at + 3 : at < 6 ? at + 2 : at + 1);
    await page.getByRole('button', { name: new RegExp(`^Columns: ${shown}(?: |$)`) }).waitFor();
  }
  await page.waitForFunction(
    (count) => document.querySelectorAll('main table tbody tr:first-child td').length >= count,
    datasets.length * metrics.length,
  );
}

/** The eighth metric is taken away and asked for again: milliseconds from that click to its painted columns. */
export async function pivotOnce(page: Page): Promise<number> {
  const whole = await page.evaluate(cells);
  await toggle(page, last);
  await page.waitForFunction((count) => document.querySelectorAll('main table tbody tr:first-child td').length < count, whole);
  await page.getByRole('button', { name: /^Columns: / }).click();
  const item = page.getByRole('menuitem', { name: last, exact: true });
  await item.waitFor();
  await page.evaluate((count) => {
    window.bench.pending = window.bench.afterEvent(
      'click',
      () => document.querySelectorAll('main table tbody tr:first-child td').length >= count,
    );
  }, whole);
  await item.click();
  return page.evaluate(() => window.bench.pending!);
}
