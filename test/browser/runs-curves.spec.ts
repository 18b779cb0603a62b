import type { Locator } from '@playwright/test';
import { expect, expectAccessible, filledBy, inTheme, test } from './studio.ts';

test.use(filledBy('fill-home.ts'));

test('ticked rows are one press away from their curves, and one row from its own', async ({ page, studio }) => {
  const runs = await studio.runs();
  await runs.filter('status = finished and dataset = demo and (model = bpr or model = vbpr)', 2);
  await runs.grid.getByRole('checkbox', { name: 'Select all runs matched' }).click();
  await runs.selected.getByRole('button', { name: 'Curves' }).click();
  await expect(page.getByRole('tab', { name: 'Curves' })).toHaveAttribute('aria-selected', 'true');
  const names = page.getByRole('tabpanel', { name: 'Curves' }).getByRole('table').getByRole('button', { pressed: false });
  await expect(names.filter({ hasText: /PR/ })).toHaveCount(2);
  await page.goBack();
  await runs.filter('status = finished and dataset = demo and model = bpr', 1);
  await runs.rows().first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'See its curves' }).click();
  await expect(names.filter({ hasText: /PR/ })).toHaveCount(1);
});

test('curves stand beside the table and follow what is ticked, as a chart or as a table', async ({ page, studio }) => {
  const runs = await studio.runs();
  await runs.filter('status = finished and dataset = demo and (model = bpr or model = vbpr)', 2);
  await runs.grid.focus();
  await studio.palette('curves beside the runs');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: 'Curves' });
  const names = panel.getByRole('table').getByRole('button', { pressed: false }).filter({ hasText: /PR/ });
  await expect(panel.getByText('Every row; tick rows to choose')).toBeVisible();
  await expect(names).toHaveCount(2);
  await runs.rows().filter({ hasText: 'VBPR' }).getByRole('checkbox').click();
  await expect(names).toHaveText([/^\s*VBPR/]);
  await panel.getByRole('combobox', { name: 'Metric' }).click();
  await page.getByRole('option', { name: 'NDCG@20' }).click();
  await expect(panel.getByRole('img', { name: /^Validation NDCG@20 over epochs for VBPR/ })).toBeVisible();
  await panel.getByRole('group', { name: /^Curves/ }).press('Home');
  await expect(panel.getByRole('heading', { name: 'Epoch 1', exact: true })).toBeVisible();
  await page.keyboard.press('t');
  await expect(panel.getByRole('region', { name: 'Validation NDCG@20 by epoch' })).toBeVisible();
  await panel.getByRole('button', { name: 'Open in Compare' }).click();
  await expect(page.getByRole('tab', { name: 'Curves' })).toHaveAttribute('aria-selected', 'true');
  await page.goBack();
  // The look at one row takes their place, and gives it back.
  await expect(panel).toBeVisible();
  await runs.grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+Space');
  const look = page.getByRole('complementary', { name: /PR on Demo$/ });
  await expect(look).toBeVisible();
  await expect(panel).toHaveCount(0);
  await look.getByRole('button', { name: 'Close panel' }).click();
  await panel.getByRole('button', { name: 'Close panel' }).press('Escape');
  await expect(panel).toHaveCount(0);
});

test('the way from curves to their table names the keys that Settings give it', async ({ page, studio }) => {
  const section = await studio.settings('Shortcuts');
  await section.getByRole('button', { name: 'Change keys: Show a chart as its table' }).click();
  await page.keyboard.press('Control+j');
  await expect(section.getByRole('row', { name: /^Show a chart as its table/ })).toContainText('Ctrl J');
  await studio.goTo('Runs');
  await page.getByRole('button', { name: 'Curves beside' }).click();
  const panel = page.getByRole('complementary', { name: 'Curves' });
  await panel.getByRole('button', { name: 'As a table (Ctrl+J)' }).focus();
  await page.keyboard.press('t');
  await expect(panel.getByRole('button', { name: 'As a table (Ctrl+J)' })).toBeVisible();
  await page.keyboard.press('Control+j');
  await expect(panel.getByRole('region', { name: /by epoch$/ })).toBeVisible();
  await panel.getByRole('button', { name: 'Close panel' }).click();
  await (await studio.settings('Shortcuts')).getByRole('button', { name: 'Reset this section' }).click();
  await expect(section.getByRole('row', { name: /^Show a chart as its table/ })).not.toContainText('Ctrl J');
});

test('the table comes back as it was left: its filter, ticked rows, place and saved view', async ({ page, studio }) => {
  const runs = await studio.runs();
  await runs.filter('status = finished');
  await expect(page.getByRole('heading', { level: 1 })).not.toContainText('100');
  await runs.rows().first().getByRole('checkbox').click();
  await expect(runs.selected).toContainText('1 row');
  await page.setViewportSize({ width: 1280, height: 600 });
  await runs.grid.evaluate((grid) => (grid.scrollTop = 140));
  await expect.poll(() => runs.grid.evaluate((grid) => grid.scrollTop)).toBe(140);
  await studio.goTo('Queue');
  await studio.goTo('Runs');
  await expect(runs.query).toHaveValue('status = finished');
  await expect(runs.selected).toContainText('1 row');
  await expect.poll(() => runs.grid.evaluate((grid) => grid.scrollTop)).toBe(140);
  await page.getByRole('button', { name: 'Save view', exact: true }).click();
  const view = page
    .getByRole('navigation', { name: 'Views of the runs table' })
    .getByRole('button', { name: 'Finished ones', exact: true });
  const dialog = page.getByRole('dialog', { name: 'Save this view' });
  await dialog.getByRole('textbox').fill('Finished ones');
  await dialog.getByRole('button', { name: 'Save view' }).click();
  await expect(view).toHaveAttribute('aria-current', 'true');
  await studio.goTo('Queue');
  await studio.goTo('Runs');
  await expect(view).toHaveAttribute('aria-current', 'true');
  await expect(runs.query).toHaveValue('status = finished');
});

test('in a narrow window the bar of ticked rows and the buttons of a pivot keep clear of what they are for', async ({ page, studio }) => {
  const place = async (of: Locator) => (await of.boundingBox())!;
  await page.setViewportSize({ width: 1000, height: 700 });
  const runs = await studio.runs();
  await page.getByRole('button', { name: 'Curves beside' }).click();
  await runs.rows().first().getByRole('checkbox').click();
  await expect(runs.selected).toContainText('1 row');
  const [grid, bar] = [await place(runs.grid), await place(runs.selected)];
  expect(grid.y + grid.height).toBeLessThanOrEqual(bar.y);
  await page.getByRole('button', { name: 'Close panel' }).click();
  await page.getByRole('button', { name: 'Pivot', exact: true }).click();
  const deeds = await Promise.all(
    ['Copy', 'Compare these runs', 'Back to rows (Esc)'].map((name) => place(page.getByRole('button', { name }))),
  );
  expect(new Set(deeds.map(({ y }) => y)).size).toBe(1);
  await page.keyboard.press('Escape');
});

test('the key of charts changes the chart and not the choice that has the focus; in its open list it is a letter', async ({
  page,
  studio,
}) => {
  const runs = await studio.runs();
  await runs.filter('status = finished and dataset = demo and (model = bpr or model = vbpr)', 2);
  await runs.grid.getByRole('checkbox', { name: 'Select all runs matched' }).click();
  await runs.selected.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('tab', { name: 'Trade-off' }).click();
  const against = page.getByRole('combobox', { name: /^Against/ });
  await expect(against).toHaveAccessibleName('Against: Training time');
  const table = page.getByRole('table').filter({ has: page.getByRole('columnheader', { name: 'On the front' }) });
  await against.press('t');
  await expect(table).toBeVisible();
  await expect(against).toHaveAccessibleName('Against: Training time');
  await against.press('Enter');
  await page.keyboard.press('t');
  await expect(page.getByRole('option', { name: /^T/ }).and(page.locator('[data-highlighted]'))).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(table).toBeVisible();
});

test('curves of a comparison are zoomed into by dragging and by keys, all three at once, and say what their own metric was at its best', async ({
  page,
  studio,
}) => {
  const runs = await studio.runs();
  await runs.filter('status = finished and dataset = demo and model = bpr', 1);
  await runs.rows().first().getByRole('checkbox').click();
  await runs.selected.getByRole('button', { name: 'Curves' }).click();
  const charts = page.getByRole('group', { name: /^Curves; arrow keys/ });
  const main = charts.getByRole('img').first();
  const whole = page.getByRole('button', { name: /^Epochs \d+ to \d+: show all$/ });
  await expect(main).toHaveAccessibleName(/^Validation Recall@20 .*best of the first 0\.0565 at epoch/);
  await page.getByRole('combobox', { name: 'Metric' }).click();
  await page.getByRole('option', { name: 'NDCG@20' }).click();
  await expect(main).toHaveAccessibleName(/^Validation NDCG@20 .*best of the first 0\.0332 at epoch/);
  const box = (await main.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.2, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 100, { steps: 4 });
  await page.mouse.up();
  await expect(whole).toBeVisible();
  await main.dblclick();
  await expect(whole).toHaveCount(0);
  await charts.focus();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  const near = await whole.textContent();
  // The cross-hair takes the charts along where it leaves them.
  await page.keyboard.press('Home');
  await expect(page.getByRole('heading', { name: 'Epoch 1', exact: true })).toBeVisible();
  await expect(whole).not.toHaveText(near!);
  await expect(whole).toHaveText(/Epochs [01] to/);
  await page.keyboard.press('0');
  await expect(whole).toHaveCount(0);
});

for (const theme of ['light', 'dark'] as const) {
  test(`curves beside the table are accessible, ${theme}`, async ({ page, studio }) => {
    await inTheme(page, theme);
    await studio.goTo('Runs');
    await page.getByRole('button', { name: 'Curves beside' }).click();
    await expect(page.getByRole('complementary', { name: 'Curves' }).getByRole('heading', { name: /^Epoch/ })).toBeVisible();
    await expectAccessible(page, `runs with curves beside them, ${theme}`);
    await page.setViewportSize({ width: 720, height: 800 });
    await expectAccessible(page, `runs under their curves in a narrow window, ${theme}`);
    await page.getByRole('button', { name: 'Close panel' }).click();
  });
}
