import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { ComparePage } from './pages/compare-page.ts';
import { ExportPage } from './pages/export-page.ts';
import { avocet, expect, expectAccessibleInBoth, filledBy, test } from './studio.ts';

test.use(filledBy('fill-figures.ts'));
test.beforeEach(({ context }) => context.grantPermissions(['clipboard-read', 'clipboard-write']));

async function saved(page: Page, button: Locator): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 120_000 }), button.click()]);
  return readFileSync(await download.path());
}

test('G1: from a comparison of 60 runs to LaTeX that compiles, in at most four clicks', async ({ studio, page }) => {
  await studio.goTo('Compare');
  const compare = new ComparePage(page);
  await compare.open('Twenty lines');
  // Where it stands the rows are models; every configuration is one choice away, and each step is counted.
  let clicks = 0;
  await page.getByRole('button', { name: 'Export table' }).click();
  clicks += 1;
  const exports = new ExportPage(page);
  await expect(exports.preview).toContainText('LightGCN', { timeout: 120_000 });
  const latex = await exports.copy();
  clicks += 1;
  expect(clicks).toBeLessThanOrEqual(4);
  expect(latex).toContain('\\toprule');
  expect(latex).toMatch(/mean \$\\pm\$ sd over 3 seeds|over 3 seeds/);
  await test.step('compiles as it is', () => {
    test.skip(!existsSync('/usr/bin/pdflatex'), 'pdflatex is not installed');
    const folder = mkdtempSync(join(tmpdir(), 'avocet-sixty-'));
    const source = latex.includes('\\documentclass')
      ? latex
      : `\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n${latex}\n\\end{document}\n`;
    writeFileSync(join(folder, 'table.tex'), source);
    execFileSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', 'table.tex'], { cwd: folder, timeout: 60_000 });
    rmSync(folder, { recursive: true });
  });
});

test('G15: twenty lines of a thousand points are a vector PDF below 300 kB with its font inside', async ({ studio, page }) => {
  await studio.goTo('Compare');
  const compare = new ComparePage(page);
  await compare.open('Twenty lines');
  await compare.tab('Curves');
  await page.getByRole('button', { name: 'Save figure…' }).click({ timeout: 120_000 });
  const figure = page.getByRole('dialog', { name: 'Save figure' });
  await expect(figure.getByRole('img', { name: /Recall@20 over epochs/ })).toBeVisible({ timeout: 120_000 });
  const pdf = await saved(page, figure.getByRole('button', { name: 'Save as…' }));
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.toString('latin1')).toContain('/FontFile2');
  expect(pdf.toString('latin1')).not.toContain('/Subtype /Image');
  expect(pdf.length).toBeLessThan(300_000);
  await figure.getByText('SVG', { exact: true }).click();
  const svg = (await saved(page, figure.getByRole('button', { name: 'Save as…' }))).toString('utf8');
  expect(svg).not.toContain('<image');
  expect(svg).toMatch(/^<svg width="252pt"/);
  // All twenty are drawn.
  expect(svg.match(/<path[^>]* d="M[^"]{200,}"/g)?.length ?? 0).toBeGreaterThanOrEqual(20);
  await test.step('as large as it says, to the hundredth of a point and to the pixel; in Export the same to the last pixel', async () => {
    await figure.getByText('Two, 7.16 in', { exact: true }).click();
    await figure.getByText('PDF', { exact: true }).click();
    const wide = (await saved(page, figure.getByRole('button', { name: 'Save as…' }))).toString('latin1');
    expect(/\/MediaBox \[0 0 (\S+)/.exec(wide)?.[1]).toMatch(/^515\.5/);
    await figure.getByText('PNG, 300 dpi', { exact: true }).click();
    const png = await saved(page, figure.getByRole('button', { name: 'Save as…' }));
    expect([png.readUInt32BE(16), png.readUInt32BE(png.indexOf('pHYs') + 4)]).toEqual([2148, 11811]);
    await page.keyboard.press('Escape');
    await studio.goTo('Export');
    await page
      .getByRole('navigation', { name: 'What to export' })
      .getByRole('link', { name: /^Twenty lines/ })
      .click();
    await page.getByRole('link', { name: 'Figure: its curves' }).click();
    await page.getByText('Two, 7.16 in', { exact: true }).click();
    await page.getByText('PNG, 300 dpi', { exact: true }).click();
    const same = await saved(page, page.getByRole('region', { name: 'Preview' }).getByRole('button', { name: 'Save as…' }));
    expect(same.equals(png)).toBe(true);
  });
});

test('Export shows the figure of a comparison beside its tables, as it will be saved', async ({ studio, page }) => {
  await studio.goTo('Export');
  const what = page.getByRole('navigation', { name: 'What to export' });
  const preview = page.getByRole('region', { name: 'Preview' });
  await what.getByRole('link', { name: /^Twenty lines/ }).click();
  await what.getByRole('link', { name: 'Figure: its curves' }).click();
  await expect(preview.getByRole('img', { name: /Recall@20 over epochs/ })).toBeVisible({ timeout: 120_000 });
  await expectAccessibleInBoth(page, 'a figure in Export');
  await page.getByRole('combobox', { name: 'Metric' }).click();
  await page.getByRole('option', { name: 'NDCG@20' }).click();
  await expect(preview.getByRole('img', { name: /NDCG@20 over epochs/ })).toBeVisible({ timeout: 120_000 });
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')]);
  expect(download.suggestedFilename()).toBe('curves-ndcg-20.pdf');
  expect(
    readFileSync(await download.path())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  const csv = (await saved(page, preview.getByRole('button', { name: 'Data as CSV' }))).toString('utf8');
  expect(csv.split('\n')[0]).toContain('Validation NDCG@20');
  await what.getByRole('link', { name: /^Twenty lines/ }).click();
  await expect(preview.getByRole('button', { name: 'Copy' })).toBeEnabled({ timeout: 120_000 });
});

test('what is kept on one tab is said on every other, and Statistics says that it tests all', async ({ studio, page }) => {
  await studio.goTo('Compare');
  const compare = new ComparePage(page);
  await compare.open('Twenty lines');
  await compare.tab('Curves');
  await page
    .getByRole('button', { name: /^Hide LightGCN/ })
    .first()
    .click({ timeout: 120_000 });
  await page.getByRole('button', { name: /^Keep these 19 on every tab/ }).click();
  for (const name of ['Segments', 'Config diff'] as const)
    await expect((await compare.tab(name)).getByRole('status').filter({ hasText: /^Kept on every tab: .*57 of 60 runs/ })).toBeVisible();
  const statistics = await compare.tab('Statistics');
  await expect(statistics.getByText(/^Kept on the other tabs: .*Tests, corrections and ranks take in every row/)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(statistics.getByText(/^Kept on/)).toHaveCount(0);
});

test('G18: a formula stands for the metric under Parameters and in the trade-off, and is a column of the table', async ({
  studio,
  page,
}) => {
  await studio.goTo('Compare');
  const compare = new ComparePage(page);
  await compare.open('Twenty lines');
  const parameters = await compare.tab('Parameters');
  await parameters.getByRole('button', { name: 'Formula…' }).press('Enter', { timeout: 120_000 });
  const dialog = page.getByRole('dialog', { name: 'Formula column' });
  await dialog.getByLabel('Formula', { exact: true }).fill('val.recall@20 / n_layers');
  await dialog.getByLabel('Name').fill('Recall per layer');
  await dialog.getByLabel('Name').press('Enter');
  await expect(dialog).toBeHidden();
  await expect(parameters.getByRole('img', { name: /^Recall per layer of 60 runs by / })).toBeVisible();
  await expect(parameters.getByRole('heading', { name: 'What Recall per layer depends on' })).toBeVisible();
  await expect(parameters.getByRole('img', { name: /^Slices: Recall per layer/ })).toBeVisible();
  await expect(parameters.getByRole('img', { name: /^Permutation importance for Recall per layer: n_layers/ })).toBeVisible();
  await page.keyboard.press('t');
  await expect(parameters.getByRole('columnheader', { name: 'Recall per layer' })).toBeVisible();
  await parameters.getByRole('button', { name: 'Save figure…' }).first().click();
  const figure = page.getByRole('dialog', { name: 'Save figure' });
  const csv = (await saved(page, figure.getByRole('button', { name: 'Data as CSV' }))).toString('utf8');
  expect(csv.split('\r\n')[0]).toBe('run,seed,kept,n_layers,reg_weight,Recall per layer');
  await page.keyboard.press('Escape');
  const tradeOff = await compare.tab('Trade-off');
  await tradeOff.getByRole('combobox', { name: /^Accuracy/ }).click();
  await page.getByRole('option', { name: 'Recall per layer' }).click();
  await expect(tradeOff.getByRole('img', { name: /^Recall per layer against / })).toBeVisible();
  await compare.tab('Table');
  await expect(page.getByRole('columnheader', { name: '↑ Recall per layer' })).toBeVisible();
});

test('segments drawn as a chart have its menu by keys', async ({ studio, page }) => {
  await studio.goTo('Compare');
  const compare = new ComparePage(page);
  await compare.open('Twenty lines');
  const segments = await compare.tab('Segments');
  await expect(segments.getByRole('table')).toBeVisible({ timeout: 120_000 });
  await page.keyboard.press('t');
  await segments.getByRole('group', { name: 'Points; arrow keys walk them' }).focus();
  await page.keyboard.press('Shift+F10');
  const menu = page.getByRole('menu', { name: 'Chart' });
  await expect(menu.getByRole('menuitem')).toHaveText([/Show as a table/, 'Copy as a table', 'Save figure…', 'Copy what it says']);
  await menu.getByRole('menuitem', { name: /Show as a table/ }).press('Enter');
  await expect(segments.getByRole('table')).toBeVisible();
});

test('a saved table says that its data changed, and is written again by one button', async ({ studio, page, server, context }) => {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-saved-'));
  const path = join(folder, 'lines.csv');
  await avocet(server.home, 'table', '--experiment', 'Twenty lines', '--rows', 'configuration', '--format', 'csv', '--output', path);
  const before = readFileSync(path, 'utf8');
  await studio.goTo('Export');
  await page.getByRole('button', { name: 'Saved exports…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Saved exports' });
  const entry = dialog.getByRole('list', { name: 'Saved exports' }).getByRole('listitem').filter({ hasText: path });
  await expect(entry).toContainText('Up to date', { timeout: 120_000 });
  await expect(dialog.getByRole('button', { name: 'Nothing has changed' })).toBeDisabled();
  await page.keyboard.press('Escape');

  // A window that shows the table meanwhile follows.
  const watching = await context.newPage();
  await watching.goto(new URL('#/export', page.url()).href);
  await expect(watching.getByText('60 of 60 runs')).toBeVisible({ timeout: 120_000 });

  const runs = await studio.runs();
  await runs.filter('n_layers = 4 and reg_weight = 0', 1);
  await runs.rows().first().getByRole('checkbox').click();
  await runs.selected.getByRole('button', { name: 'Move to trash' }).click();
  await expect(page.getByRole('status', { name: 'Messages' })).toContainText('3 runs moved to the trash');
  await expect(watching.getByText('57 of 60 runs')).toBeVisible({ timeout: 120_000 });
  await watching.close();

  await studio.goTo('Export');
  await page.getByRole('button', { name: 'Saved exports…' }).click();
  await expect(entry).toContainText('Data changed', { timeout: 120_000 });
  await dialog.getByRole('button', { name: 'Write 1 file again' }).click();
  await expect(dialog.getByText('1 file written again.')).toBeVisible({ timeout: 120_000 });
  await expect(entry).toContainText('Up to date');
  expect(readFileSync(path, 'utf8').split('\n').length).toBe(before.split('\n').length - 1);
  rmSync(folder, { recursive: true });
});
