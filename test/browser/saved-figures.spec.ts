import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { ComparePage } from './pages/compare-page.ts';
import { expect, filledBy, test } from './studio.ts';

test.use(filledBy('fill-figures.ts'));

/** Keeps figures from being drawn to the end: each needs its font, which is asked for and not given until `go`. */
async function heldFont(page: Page): Promise<{ readonly asked: Promise<unknown>; readonly go: () => void }> {
  const isFont = /inter-latin-wght-normal[^/]*\.woff2/;
  const asked = page.waitForRequest(isFont);
  let go = () => undefined as void;
  const released = new Promise<void>((resolve) => (go = resolve));
  await page.route(isFont, (route) => released.then(() => route.continue()));
  return { asked, go };
}

test('a figure that is saved while it is being drawn is saved once it is drawn', async ({ studio, page }) => {
  await studio.goTo('Compare');
  const compare = new ComparePage(page);
  await compare.open('Twenty lines');
  await compare.tab('Curves');
  const font = await heldFont(page);
  await page.getByRole('button', { name: 'Save figure…' }).click({ timeout: 120_000 });
  const figure = page.getByRole('dialog', { name: 'Save figure' });
  await font.asked;
  const save = figure.getByRole('button', { name: 'Save as…' });
  await save.click();
  await expect(save).toHaveAttribute('aria-busy', 'true');
  const download = page.waitForEvent('download', { timeout: 120_000 });
  font.go();
  expect(readFileSync(await (await download).path(), 'latin1').slice(0, 5)).toBe('%PDF-');
  await expect(figure.getByRole('img', { name: /Recall@20 over epochs/ })).toBeVisible();
});

test('as runs begin and end, the figure in Export stays in sight until the next one is drawn', async ({ studio, page, context }) => {
  await studio.goTo('Export');
  const what = page.getByRole('navigation', { name: 'What to export' });
  await what.getByRole('link', { name: /^Twenty lines/ }).click();
  await what.getByRole('link', { name: 'Figure: its curves' }).click();
  const picture = page.getByRole('region', { name: 'Preview' }).getByRole('img', { name: /Recall@20 over epochs/ });
  await expect(picture).toBeVisible({ timeout: 120_000 });
  const before = await picture.getAttribute('src');
  const font = await heldFont(page);
  const other = await context.newPage();
  await other.goto(new URL('#/runs?filter=n_layers+%3D+4+and+reg_weight+%3D+0', page.url()).href);
  await other
    .getByRole('grid', { name: 'Runs' })
    .getByRole('row')
    .filter({ has: other.getByRole('gridcell') })
    .first()
    .getByRole('checkbox')
    .click();
  await other.getByRole('toolbar', { name: 'Selected runs' }).getByRole('button', { name: 'Move to trash' }).click();
  await font.asked;
  await expect(picture).toBeVisible();
  await expect(picture).toHaveAttribute('src', before!);
  font.go();
  await expect(picture).not.toHaveAttribute('src', before!, { timeout: 120_000 });
  await other.getByRole('status', { name: 'Messages' }).getByRole('button', { name: 'Undo' }).click();
  await expect(other.getByRole('grid', { name: 'Runs' }).getByRole('checkbox')).not.toHaveCount(0);
  await other.close();
});
