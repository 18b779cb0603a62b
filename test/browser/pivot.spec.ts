import { openExperiment } from './crowd.ts';
import { RunsPage } from './pages/runs-page.ts';
import { expect, expectAccessible, filledBy, inTheme, keep, test } from './studio.ts';

test.use(filledBy('fill-home.ts'));

test('best and second of all rows of a dataset are marked, masked test values beside them are not, and what is said stands beside its number', async ({
  page,
  studio,
}) => {
  const runs = await studio.runs();
  await expect(runs.rows().first()).toBeVisible();
  // Two datasets: no row is the best of both.
  await expect(runs.grid.getByRole('group', { name: /^Recall@20 .*, (best|second)$/ })).toHaveCount(0);
  await runs.filter('dataset = Demo');
  const best = runs.grid.getByRole('group', { name: /^Recall@20 \S+ ± .*, best$/ });
  await expect(best).toHaveCount(1);
  await expect(runs.grid.getByRole('group', { name: /^Recall@20 \S+ ± .*, second$/ })).toHaveCount(1);
  await best.hover();
  const tip = page.getByRole('tooltip').filter({ hasText: 'Best of its column, on unrounded values.' });
  await expect(tip).toContainText('Of all matched configurations on Demo under one protocol.');
  const [number, words] = [(await best.boundingBox())!, (await tip.boundingBox())!];
  expect(words.x).toBeLessThanOrEqual(number.x + number.width);
  expect(Math.min(Math.abs(words.y - number.y - number.height), Math.abs(words.y + words.height - number.y))).toBeLessThan(24);
  await keep(page, 'runs-marks');
  // A mean of chosen seeds has no mark, and in a narrow column a sign says so beside the whole number.
  await runs.filter('dataset = Demo and seed <= 2');
  await expect(
    page
      .getByTitle(/^Only 2 of 5 finished seeds/)
      .filter({ hasText: '*' })
      .first(),
  ).toBeVisible();
  await expect(runs.grid.getByRole('group', { name: /^Recall@20 .*, (best|second)$/ })).toHaveCount(0);
});

test('the matched runs as a pivot, by keys: fields and value are chosen, a cell shows its runs, undo comes back, Esc leaves it', async ({
  page,
  studio,
}) => {
  const runs = await studio.runs();
  await expect(runs.rows().first()).toBeVisible();
  await studio.palette('pivot');
  await page.keyboard.press('Enter');
  const pivot = page.getByRole('table', { name: '↑ Recall@20 by Model and Dataset' });
  await expect(pivot.getByRole('rowheader', { name: 'EGRA' })).toBeVisible();
  await expect(pivot.getByRole('columnheader', { name: 'Demo' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Rows: Model' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.type('n_lay');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('table', { name: '↑ Recall@20 by n_layers and Dataset' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo: Pivot changed' }).click();
  await expect(pivot).toBeVisible();
  await expectAccessible(page, 'the pivot of the runs');
  await keep(page, 'runs-pivot');
  await inTheme(page, 'dark');
  await keep(page, 'runs-pivot-dark');
  await page.getByRole('button', { name: 'Back to rows (Esc)' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await expect(
    page
      .getByRole('status')
      .filter({ hasText: /^EGRA, Demo\. ↑ Recall@20 0\.\d{4} ± 0\.\d{4}\. Mean ± sd over \d finished runs of 1 configuration/ }),
  ).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(runs.query).toHaveValue('model = EGRA and dataset = Demo');
  await expect(runs.grid).toBeFocused();
  await expect(runs.rows()).toHaveCount(1);
  await page.keyboard.press('Control+Z');
  await expect(pivot).toBeVisible();
  await expect(runs.query).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(runs.grid).toBeFocused();
  await expect(pivot).toHaveCount(0);
  // By pointer, with the way on to the paper table of the same runs.
  await page.getByRole('button', { name: 'Pivot', exact: true }).click();
  await runs.filter('model = EGRA and dataset = Demo');
  await expect(pivot.getByRole('rowheader')).toHaveCount(1);
  await page.getByRole('button', { name: 'Compare these runs' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '5 runs' })).toBeVisible();
});

test('a formula among the columns can stand in the cells of a pivot, and one over test values stays masked', async ({ page, studio }) => {
  const runs = await studio.runs();
  await expect(runs.rows().first()).toBeVisible();
  for (const [name, text] of [
    ['Rise', '1000 * val.recall@20 / epochs'],
    ['Lost', 'test.recall@20 - val.recall@20'],
  ] as const) {
    await page.getByRole('button', { name: 'Columns' }).click();
    const dialog = page.getByRole('dialog', { name: 'Columns' });
    await dialog.getByRole('textbox', { name: 'Formula' }).fill(text);
    await dialog.getByRole('textbox', { name: 'Its name' }).fill(name);
    await dialog.getByRole('button', { name: 'Add formula' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(runs.grid.getByRole('columnheader', { name })).toBeVisible();
  }
  await page.getByRole('button', { name: 'Pivot', exact: true }).click();
  await page.getByRole('combobox', { name: /^Value/ }).click();
  await page.getByRole('option', { name: 'Rise' }).click();
  const pivot = page.getByRole('table', { name: 'Rise by Model and Dataset' });
  await expect(pivot.getByRole('row', { name: /^VBPR/ }).getByRole('button').first()).toHaveText(/^\s*[\d.]+ ± [\d.]+ \(\d\)\s*$/);
  await page.getByRole('combobox', { name: /^Value/ }).click();
  await page.getByRole('option', { name: 'Lost' }).click();
  const lost = page.getByRole('table', { name: 'Lost by Model and Dataset' });
  await expect(lost.getByRole('row', { name: /^BPR/ }).getByRole('button').first()).toHaveText(/−0\.\d+ ± /);
  await expect(lost.getByRole('row', { name: /^VBPR/ }).getByRole('button').first()).toHaveText('masked');
  await page.keyboard.press('Escape');
});

test('a condition typed into the palette filters the runs, a model that is named too, and Shift+Space looks at a run beside the table', async ({
  page,
  studio,
}) => {
  const runs = new RunsPage(page);
  const { query } = runs;
  await studio.goTo('Queue');
  const palette = await studio.palette('seed = 3 and val.recall@20 > 0.01');
  await expect(palette.getByRole('option', { name: /^Filter runs: seed = 3 and val\.recall@20 > 0\.01 \d+ runs$/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(query).toHaveValue('seed = 3 and val.recall@20 > 0.01');
  await expect(runs.rows().first()).toBeVisible();
  // Changed by hand and asked for again, it is there again; the address goes along.
  await query.fill('');
  await expect(page).not.toHaveURL(/filter=/);
  await studio.palette('egra demo');
  await palette.getByRole('option', { name: 'Filter runs: model = EGRA and demo 5 runs' }).click();
  await expect(query).toHaveValue('model = EGRA and demo');
  await query.fill('model = EGRA');
  await expect(page).toHaveURL(/filter=model\+%3D\+EGRA(?:&|$)/);
  await page.reload();
  await expect(query).toHaveValue('model = EGRA');
  await studio.goTo('Queue');
  await studio.palette('vbpr demo');
  await expect(palette.getByRole('option', { name: /^Filter runs: model = VBPR and demo/ })).toBeVisible();
  const run = palette.getByRole('option', { name: /^VBPR on Demo, seed 5/ });
  await expect(run).toBeVisible();
  while ((await run.getAttribute('aria-selected')) !== 'true') await page.keyboard.press('ArrowDown');
  await expect(palette.getByText('look in drawer')).toBeVisible();
  await page.keyboard.press('Shift+Space');
  await expect(page.getByRole('complementary', { name: 'VBPR on Demo' })).toBeVisible();
  await expect(palette).toHaveCount(0);
});

test('controls of a test explain themselves where the keys are, their words are no stops; what is under way is not called incomplete', async ({
  page,
  studio,
}) => {
  await studio.goTo('Queue');
  await expect(page.getByText(/^\d+ of \d+ done$/).first()).toBeVisible();
  await expect(page.getByText(/^incomplete: /)).toHaveCount(0);
  await studio.goTo('Compare');
  await page.getByRole('link', { name: openExperiment, exact: true }).click();
  await page.getByRole('tab', { name: 'Statistics' }).click();
  const test = page.getByRole('combobox', { name: 'Statistical test: Usual: Wilcoxon' });
  await expect(test).toHaveAccessibleDescription(/^Wilcoxon goes by the ranks of the paired differences/);
  await page.getByRole('radio', { name: 'Per user' }).focus();
  await page.keyboard.press('Tab');
  await expect(test).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('combobox', { name: 'Correction: Holm' })).toBeFocused();
  // Once for who listens, and once in sight.
  const about = page.getByText(/^Many comparisons bring some p below α by chance\./);
  await expect(about).toHaveCount(2);
  await page.keyboard.press('Tab');
  await expect(about).toHaveCount(1);
});
