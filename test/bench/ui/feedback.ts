/** From an input to what a person first sees of it, and the longest task of the main thread over the daily work on 10,000 runs. */
import type { Page } from '@playwright/test';
import { mainThread } from './main-thread.ts';
import { filterOnce, groupOnce, settled, sortOnce, switchOnce } from './runs-table.ts';

/** Slowest of: a letter in the filter, a tick of a facet, a screen's mark in the rail; each to its first painted frame. */
export async function feedbackOnce(page: Page): Promise<number> {
  const field = page.getByRole('combobox', { name: 'Filter runs' });
  await field.fill('');
  await settled(page);
  await field.focus();
  const typed = await fromInput(
    page,
    'keydown',
    () => (document.activeElement as HTMLInputElement).value !== '',
    () => page.keyboard.press('m'),
  );
  await field.fill('');
  await settled(page);
  const box = page.getByRole('grid', { name: 'Runs' }).getByRole('checkbox').nth(1);
  const before = await box.isChecked();
  const ticked = await fromInput(
    page,
    'click',
    (was) => {
      const [, own] = document.querySelectorAll<HTMLElement & { checked?: boolean }>(
        '[role="grid"] input[type="checkbox"], [role="grid"] [role="checkbox"]',
      );
      return (own?.checked ?? own?.getAttribute('aria-checked') === 'true') !== was;
    },
    () => box.click(),
    before,
  );
  await box.click();
  const link = (screen: string) => page.locator(`nav a[href="#/${screen}"]`);
  const moved = await fromInput(
    page,
    'click',
    () => document.querySelector('nav a[href="#/queue"][aria-current="page"]') !== null,
    () => link('queue').click(),
  );
  await link('runs').click();
  await settled(page);
  return Math.max(typed, ticked, moved);
}

async function fromInput<Argument>(
  page: Page,
  type: 'keydown' | 'click',
  isThere: (argument: Argument) => boolean,
  act: () => Promise<unknown>,
  argument?: Argument,
): Promise<number> {
  await page.evaluate(
    ([kind, source, given]) => {
      const found = new Function('given', `return (${source})(given)`) as (given: unknown) => boolean;
      window.bench.pending = window.bench.afterEvent(kind as 'click', () => found(given));
    },
    [type, isThere.toString(), argument] as const,
  );
  await act();
  return page.evaluate(() => window.bench.pending!);
}

/** Milliseconds of the longest task while runs are filtered, sorted, grouped, and screens are switched. */
export async function longestTask(page: Page): Promise<number> {
  const { longestTask: longest } = await mainThread(page, async () => {
    await filterOnce(page, 1);
    await page.getByRole('combobox', { name: 'Filter runs' }).fill('');
    await sortOnce(page);
    await groupOnce(page);
    await groupOnce(page);
    await switchOnce(page);
  });
  await page.evaluate(() => (location.hash = '#/runs'));
  await settled(page);
  return longest;
}
