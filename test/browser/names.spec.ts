import { frozenExperiment, openExperiment } from './crowd.ts';
import { ExportPage } from './pages/export-page.ts';
import { expect, filledBy, test } from './studio.ts';

// One name, one thing: what a person or a program asks for by its name is found once and leads where the name says.
test.use(filledBy('fill-home.ts'));

test('what lies behind a dialog has no name, and gets the focus back', async ({ page, studio }) => {
  await studio.goTo('Datasets');
  const open = page.getByRole('button', { name: 'Import dataset' });
  await open.click();
  await expect(page.getByRole('dialog', { name: 'Import dataset' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Screens' })).toHaveCount(0);
  // The one that starts the import; the one that opened the dialog lies behind it.
  await expect(open).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(open).toBeFocused();
});

test('Copy is the table, also where part of the name is enough', async ({ page, studio }) => {
  await studio.goTo('Export');
  await page
    .getByRole('navigation', { name: 'What to export' })
    .getByRole('link', { name: new RegExp(frozenExperiment) })
    .click();
  await expect(page.getByRole('button', { name: 'Copy' })).toHaveCount(1);
  await expect(page.getByRole('grid', { name: `Runs of ${frozenExperiment}` })).toBeVisible();
  await expect(page.getByText(/\d+ of \d+ runs/)).toBeVisible();
});

test('a table of many columns says how small it would be printed, and one button makes it larger', async ({ page, studio }) => {
  await studio.goTo('Export');
  const metrics = ['recall', 'ndcg'].flatMap((name) => [5, 10, 20, 50].map((k) => `${name}@${k}`)).join(',');
  await page.evaluate((address) => void (location.hash = address), `#/export?metrics=${metrics}`);
  const exports = new ExportPage(page);
  const warning = page.getByRole('status').filter({ hasText: /numbers come out at about \d\.\d pt/ });
  await expect(warning).toBeVisible();
  await expect(exports.preview.getByRole('columnheader', { name: 'Model' })).toHaveCount(1);
  await warning.getByRole('button', { name: /^Stack in 2 panels: [789]\.\d pt$/ }).click();
  await expect(warning).toHaveCount(0);
  await expect(exports.preview.getByRole('columnheader', { name: 'Model' })).toHaveCount(2);
  await expect(exports.source).toContainText('\\midrule[\\heavyrulewidth]');
  await exports.layout('Turned, on its own page');
  await expect(exports.source).toContainText('\\begin{sidewaystable*}');
  await exports.layout('All columns side by side');
  await expect(warning).toBeVisible();
});

test('a mean row opens its seeds, and each leads to its own run', async ({ page, studio }) => {
  const runs = await studio.runs();
  await runs.filter('model = bpr and dataset = demo', 1);
  const row = runs.rows().first();
  // The mean over seeds, in words too.
  await expect(row).toContainText(/mean best epoch of 5 seeds/);
  await row.getByRole('button', { name: /^Seeds of BPR/ }).click();
  await expect(runs.rows()).toHaveCount(6);
  await runs.grid.getByRole('link', { name: 'seed 2' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /seed 2/ })).toBeVisible();
});

test('the palette lists runs of the model that is typed before those of its experiment', async ({ studio }) => {
  await studio.goTo('Datasets');
  const palette = await studio.palette('egra');
  const runs = palette.getByRole('group', { name: /^Runs/ }).getByRole('option');
  await expect(runs).toContainText(Array.from({ length: 6 }, () => /^\s*EGRA/));
  await expect(runs.filter({ hasText: /seed 5/ }).first()).toBeVisible();
});

test('an address that leads nowhere says so', async ({ page, studio }) => {
  await studio.goTo('Queue');
  await page.evaluate(() => void (location.hash = '#/nosuch/place'));
  await expect(page.getByRole('heading', { level: 1, name: 'Unknown page' })).toBeVisible();
  await expect(page.getByText('There is no page at #/nosuch/place.')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Datasets' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
});

test('Ctrl+E exports the comparison that is shown, and the palette has what Export and a run can do', async ({ page, studio }) => {
  // Not the newest, which Export opens by itself.
  await studio.goTo('Compare');
  await page.getByRole('link', { name: openExperiment, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: openExperiment })).toBeVisible();
  await page.keyboard.press('Control+E');
  const what = page.getByRole('navigation', { name: 'What to export' });
  await expect(what.getByRole('link', { name: new RegExp(openExperiment) })).toHaveAttribute('aria-current', 'true');

  const palette = await studio.palette('bundle');
  await palette.getByRole('option', { name: 'Save or verify a bundle' }).click();
  await expect(page.getByRole('dialog', { name: 'Reproducibility bundle' })).toBeVisible();
  await page.keyboard.press('Escape');

  await (await studio.runs()).filter('model = bpr and dataset = demo and seed = 2', 1);
  await page.getByRole('grid').getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1, name: /BPR/ })).toBeVisible();
  await studio.palette('reproduce');
  await expect(palette.getByRole('option', { name: /^Reproduce and verify BPR/ })).toBeVisible();
  await page.keyboard.press('Escape');
});

test('an experiment gets another name by keys, everywhere at once, and the way back is one step', async ({ page, studio }) => {
  await studio.goTo('Compare');
  await page.getByRole('link', { name: openExperiment, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: openExperiment })).toBeVisible();
  await expect(page.getByText(/^Begun /)).toBeVisible();
  await page.keyboard.press('F2');
  const name = page.getByRole('dialog', { name: 'Rename the experiment' }).getByLabel('Name of the experiment');
  await expect(name).toHaveValue(openExperiment);
  await name.fill('Which links help');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Which links help' })).toBeVisible();
  await page.keyboard.press('Control+Z');
  await expect(page.getByRole('heading', { level: 1, name: openExperiment })).toBeVisible();
  await page.keyboard.press('Control+Shift+Z');
  await expect(page.getByRole('heading', { level: 1, name: 'Which links help' })).toBeVisible();
  await studio.goTo('Compare');
  await expect(page.getByRole('link', { name: 'Which links help', exact: true })).toBeVisible();
});
