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

/** Grouped by model and back, from the click to painted groups. */
export async function groupOnce(page: Page): Promise<number> {
  await settled(page);
  await page
    .getByRole('button', { name: /^Group/ })
    .first()
    .click();
  const box = page.getByRole('group', { name: 'Fields to group by' }).getByRole('checkbox', { name: 'Model', exact: true });
  await box.waitFor();
  await page.evaluate(() => {
    const before = window.bench.table();
    window.bench.pending = window.bench.afterEvent('click', () => ![undefined, before].includes(window.bench.table()));
  });
  await box.click();
  const took = await page.evaluate(() => window.bench.pending!);
  await page.keyboard.press('Escape');
  return took;
}

/** A thousand runs into the trash, then Ctrl+Z until their rows are painted again. */
export async function undoOnce(page: Page): Promise<number> {
  const field = page.getByRole('combobox', { name: 'Filter runs' });
  await field.fill('createdAt < 2023-11-15T14:53');
  const before = await settled(page);
  if (!before.startsWith('Runs 1,000 ')) throw new Error(`1,000 runs should match, found ${before.slice(0, 20)}`);
  await page.getByRole('grid', { name: 'Runs' }).getByRole('checkbox', { name: 'Select all runs matched' }).click();
  await page.getByRole('grid', { name: 'Runs' }).focus();
  await page.keyboard.press('Delete');
  await page.getByText('No run matches this filter.').waitFor();
  await page.evaluate((rows) => {
    window.bench.pending = window.bench.afterEvent('keydown', () => window.bench.table() === rows);
  }, before);
  await page.keyboard.press('Control+z');
  return page.evaluate(() => window.bench.pending!);
}

const screens = ['datasets', 'runs', 'queue', 'new', 'settings'];

/** From a change of the address until the screen, seen before, has its heading and no grey bars; the mean over some screens. */
export async function switchOnce(page: Page): Promise<number> {
  let sum = 0;
  for (const screen of screens)
    sum += await page.evaluate(async (to) => {
      const started = performance.now();
      location.hash = `#/${to}`;
      const isThere = () =>
        document.querySelector(`nav a[href="#/${to}"][aria-current="page"]`) !== null &&
        document.querySelector('main h1') !== null &&
        document.querySelector('main [role="status"][aria-label^="Loading"]') === null;
      while (!(await window.bench.frame(isThere)) && performance.now() - started < 20_000);
      return performance.now() - started;
    }, screen);
  return sum / screens.length;
}
