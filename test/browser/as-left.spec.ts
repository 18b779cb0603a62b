import { frozenExperiment } from './crowd.ts';
import { Keys } from './hands.ts';
import { expect, filledBy, test } from './studio.ts';

test.use(filledBy('fill-home.ts'));

test('a comparison comes back with its tab, choices and place, and a second press leads to all of them', async ({ page, studio }) => {
  await page.setViewportSize({ width: 1280, height: 560 });
  const main = page.getByRole('main');
  const link = page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Compare', exact: true });
  const correction = page.getByRole('combobox', { name: 'Correction' });
  await studio.goTo('Compare');
  await page.getByRole('link', { name: frozenExperiment, exact: true }).first().click();
  await page.getByRole('tab', { name: 'Statistics' }).click();
  await correction.click();
  await page.getByRole('option', { name: /Benjamini/ }).click();
  await expect(page.getByRole('table').first()).toBeVisible();
  await main.evaluate((element) => element.scrollTo(0, 160));
  await expect.poll(() => main.evaluate((element) => element.scrollTop)).toBe(160);
  await studio.goTo('Queue');
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  await expect.poll(() => main.evaluate((element) => element.scrollTop)).toBe(0);
  await link.click();
  await expect(page.getByRole('tab', { name: 'Statistics' })).toHaveAttribute('aria-selected', 'true');
  await expect(correction).toContainText('Benjamini');
  await expect.poll(() => main.evaluate((element) => element.scrollTop)).toBeGreaterThan(150);
  await link.click();
  await expect(page.getByRole('heading', { level: 1, name: 'Compare' })).toBeVisible();
  // The first page is where it is left now.
  await studio.goTo('Queue');
  await link.click();
  await expect(page.getByRole('heading', { level: 1, name: 'Compare' })).toBeVisible();
});

test('keys and the palette lead to what was left too', async ({ page, studio }) => {
  await studio.settings('Paths and storage');
  await page.keyboard.press('Alt+3');
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  await page.keyboard.press('Alt+8');
  await expect(page.getByRole('region', { name: 'Paths and storage', exact: true })).toBeVisible();
  await page.keyboard.press('Alt+3');
  await studio.palette('settings');
  await page
    .getByRole('option', { name: /^Settings\s/ })
    .first()
    .click();
  await expect(page.getByRole('region', { name: 'Paths and storage', exact: true })).toBeVisible();
  await new Keys(page).go('Settings');
  await expect(page.getByRole('region', { name: 'General', exact: true })).toBeVisible();
});

test('items of a dataset and the settings of a run come back with their search and filter', async ({ page, studio }) => {
  const rail = page.getByRole('navigation', { name: 'Screens' });
  await studio.goTo('Datasets');
  await studio.dataset('Demo').click();
  await page.getByRole('tab', { name: /^Items/ }).click();
  const search = page.getByRole('searchbox', { name: 'Title or id' });
  await search.fill('1');
  const order = page.getByRole('combobox', { name: 'Order' });
  await order.click();
  await page.getByRole('option', { name: 'popularity' }).click();

  const runs = await studio.runs();
  await runs.filter('status = finished and dataset = demo and model = bpr', 1);
  await runs.openFirst();
  await page.getByRole('tab', { name: 'Config' }).click();
  await page.getByRole('searchbox', { name: 'Find a setting' }).fill('learning');

  await rail.getByRole('link', { name: 'Datasets', exact: true }).click();
  await expect(search).toHaveValue('1');
  await expect(order).toContainText('popularity');
  await rail.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(page.getByRole('searchbox', { name: 'Find a setting' })).toHaveValue('learning');
});

test('what is searched in a console is of its run', async ({ page, studio }) => {
  const search = page.getByRole('searchbox', { name: 'Search the console' });
  const consoleOf = async (model: string, rows: number) => {
    const runs = await studio.runs();
    await runs.filter(`status = finished and dataset = demo and model = ${model}`, rows);
    await runs.openFirst();
    await page.getByRole('tab', { name: 'Console' }).click();
    await expect(search).toBeVisible();
  };
  await consoleOf('bpr', 1);
  await search.fill('epoch 7');
  await consoleOf('lightgcn', 5);
  await expect(search).toHaveValue('');
  await consoleOf('bpr', 1);
  await expect(search).toHaveValue('epoch 7');
});

test('a note is stored while it is written, before its field is left', async ({ page, studio, context, server }) => {
  const runs = await studio.runs();
  await runs.filter('status = finished and dataset = demo and model = bpr', 1);
  await runs.openFirst();
  await page.getByRole('tab', { name: 'Notes' }).click();
  const note = page.getByRole('textbox', { name: 'Note', exact: true });
  await note.pressSequentially('Half a thought');
  await expect(page.getByRole('region', { name: 'Notes' }).getByRole('status')).toHaveText('Saved');
  await expect(note).toBeFocused();
  const other = await context.newPage();
  await other.goto(`${server.address}${new URL(page.url()).hash}`);
  await expect(other.getByRole('textbox', { name: 'Note', exact: true })).toHaveValue('Half a thought');
  await other.close();
});
