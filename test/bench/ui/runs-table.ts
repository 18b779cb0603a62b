/** Goals of the runs table: filter and sort from the key to painted rows. */
import type { Page } from '@playwright/test';

/** Waits until the table shows whole rows that differ from `before`, and stand still. */
export async function settled(page: Page, before?: string): Promise<string> {
  await page.waitForFunction((former) => ![undefined, former].includes(window.bench.table()), before, { timeout: 60_000, polling: 50 });
  for (;;) {
    const found = await page.evaluate(() => window.bench.table());
    await page.waitForTimeout(250);
    if (found !== undefined && found === (await page.evaluate(() => window.bench.table()))) return found;
  }
}

/** Milliseconds from the key to the first painted frame with other rows. */
export async function fromKey(page: Page, key: string): Promise<number> {
  await page.evaluate(() => {
    const before = window.bench.table();
    window.bench.pending = window.bench.afterEvent('keydown', () => ![undefined, before].includes(window.bench.table()));
  });
  await page.keyboard.press(key);
  return page.evaluate(() => window.bench.pending!);
}

/** The last key of a filter over a setting and a metric; each time another one. */
export async function filterOnce(page: Page, repetition: number): Promise<number> {
  const field = page.getByRole('combobox', { name: 'Filter runs' });
  const before = await settled(page);
  await field.fill('p020 >= 2 and val.recall@20 > 0.0');
  // Shorter by one digit it matches more, and without an answer yet the keys would be one.
  await settled(page, repetition === 0 ? before : undefined);
  await field.press('End');
  return fromKey(page, String(5 + (repetition % 4)));
}

/** Enter on the header of a metric: turned round each time. */
export async function sortOnce(page: Page): Promise<number> {
  await settled(page);
  await page
    .getByRole('columnheader', { name: /Recall@20/ })
    .getByRole('button')
    .first()
    .focus();
  return fromKey(page, 'Enter');
}
