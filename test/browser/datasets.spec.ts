import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { zipSync } from 'fflate';
import { writeDatasetFolder } from '../desktop/dataset-folder.ts';
import { expect, expectAccessible, test } from './studio.ts';

let source: string;
test.beforeEach(() => {
  source = mkdtempSync(join(tmpdir(), 'avocet-source-'));
});
test.afterEach(() => rmSync(source, { recursive: true, force: true }));

const inspect = (path: string) => async (dialog: Locator) => {
  await dialog.getByLabel('Folder or file').fill(path);
  await dialog.getByLabel('Folder or file').press('Enter');
};

test('the demo is there at first start, with pictures, charts and their tables by T (G25)', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await expect(studio.dataset('Demo')).toBeVisible({ timeout: 60_000 });
  await studio.dataset('Demo').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Demo' })).toBeVisible();
  const items = page.getByRole('region', { name: 'Items' });
  // Pictures below the window are fetched when they come into view.
  await expect.poll(() => items.locator('img').count(), { timeout: 60_000 }).toBeGreaterThan(4);
  await expect(items.getByRole('radio', { name: /^No picture \d/ })).toHaveCount(1);
  const charts = page.getByRole('region', { name: 'Distributions' });
  await expect(charts.getByRole('img', { name: /^Items per user: median/ }).locator('canvas')).toBeVisible();
  await page.keyboard.press('t');
  await expect(charts.getByRole('table')).toHaveCount(3);
  await page.keyboard.press('t');
  await expect(charts.getByRole('table')).toHaveCount(0);
});

test('items are searched, filtered and opened', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await studio.dataset('Demo').click({ timeout: 60_000 });
  await page.getByRole('tab', { name: 'Items' }).click();
  const items = page.getByRole('region', { name: 'Items' });
  const missing = items.getByRole('radio', { name: /^No picture \d/ });
  await expect(missing).toHaveCount(1);
  await missing.check({ force: true });
  await expect(items.getByText('no picture', { exact: true }).first()).toBeVisible();
  await items.getByRole('listitem').first().getByRole('button').click();
  const panel = page.getByRole('complementary');
  await expect(panel.getByText('Source id')).toBeVisible();
  await expectAccessible(page, 'items with the panel open');
  await panel.getByRole('button', { name: 'Close panel' }).click();
  await expect(panel).toHaveCount(0);
  await items.getByRole('radio', { name: /^All/ }).check({ force: true });
  await items.getByRole('searchbox').fill('umbrella');
  await expect(items.getByRole('listitem').filter({ hasText: /umbrella/i })).not.toHaveCount(0);
  await expect(items.getByRole('listitem').filter({ hasNotText: /umbrella/i })).toHaveCount(0);
});

test('a folder is inspected live and becomes a dataset that says where it comes from', async ({ studio, page }) => {
  writeDatasetFolder(source);
  await studio.importDataset('Small folder', async (dialog) => {
    // Packed, it is unpacked by the studio and looked at as it lies there.
    const files = readdirSync(source).map((name) => [`packed/${name}`, new Uint8Array(readFileSync(join(source, name)))] as const);
    writeFileSync(join(source, 'packed.zip'), zipSync(Object.fromEntries(files)));
    await inspect(join(source, 'packed.zip'))(dialog);
    await expect(dialog.getByText('60 users, 40 items, 480 rows')).toBeVisible({ timeout: 60_000 });
    rmSync(join(source, 'packed.zip'));
    await inspect(source)(dialog);
    await expect(dialog.getByText('60 users, 40 items, 480 rows')).toBeVisible();
    await expect(dialog.getByText('40 × 8 float32')).toBeVisible();
    await expectAccessible(page, 'import dialog with findings');
  });
  await studio.dataset('Small folder').click();
  await page.getByRole('tab', { name: 'Fingerprints' }).click();
  await expect(page.getByRole('row', { name: /^Split / }).first()).toContainText(/[0-9a-f]{64}/);
});

test('a broken folder says what, where and how to put it right, and imports nothing', async ({ studio, page }) => {
  writeDatasetFolder(source);
  writeFileSync(join(source, 'small.inter'), 'userID\titemID\tx_label\n0\t0\t0\n0\tminus one\t0\n');
  await studio.goTo('Datasets');
  await page.getByRole('button', { name: 'Import dataset' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Import dataset' });
  await inspect(source)(dialog);
  await expect(dialog.getByText(/small\.inter:3/).first()).toBeVisible();
  await expect(dialog.getByText('Fix').first()).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Import/ })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
});

test('an import that fails after its window was closed stands among the datasets with its reason until it is put away', async ({
  studio,
  page,
  context,
  server,
}) => {
  writeDatasetFolder(source);
  await studio.goTo('Datasets');
  await page.keyboard.press('Control+O');
  const dialog = page.getByRole('dialog', { name: 'Import dataset' });
  await inspect(source)(dialog);
  const start = dialog.getByRole('button', { name: /^Import / });
  await expect(start).toBeEnabled({ timeout: 60_000 });
  // Between the look and the import the file grows, so that its fault comes to light only after the window is gone.
  const inter = readdirSync(source).find((name) => name.endsWith('.inter'))!;
  const [head] = readFileSync(join(source, inter), 'utf8').split('\n');
  writeFileSync(join(source, inter), `${head}\n${'0\t0\t0\n'.repeat(4_000_000)}0\t0\t9\n`);
  const other = await context.newPage();
  await other.goto(`${server.address}#/runs`);
  await start.click();
  await expect(dialog.getByRole('progressbar')).toBeVisible();
  await page.close();
  await other.getByRole('contentinfo').getByRole('link', { name: '1 failed in the background' }).click({ timeout: 60_000 });
  const failed = other.getByRole('listitem').filter({ has: other.getByRole('heading', { name: /^Failed: Importing / }) });
  await expect(failed).toContainText(`${inter}:4000002`);
  await expectAccessible(other, 'datasets with a failed import');
  await failed.getByRole('button', { name: 'Put away' }).click();
  await expect(failed).toHaveCount(0);
  await expect(other.getByRole('link', { name: '1 failed in the background' })).toHaveCount(0);
});

test('Esc closes the list of folders first, and the dialog after it', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await page.keyboard.press('Control+O');
  const dialog = page.getByRole('dialog', { name: 'Import dataset' });
  await dialog.getByLabel('Folder or file').fill(source);
  await dialog.getByRole('button', { name: 'Browse' }).click();
  const folders = dialog.getByRole('group', { name: 'Folders on the studio’s machine' });
  await expect(folders.getByRole('button', { name: 'Use this folder' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(folders).toHaveCount(0);
  await expect(dialog.getByLabel('Folder or file')).toBeFocused();
  await expect(dialog.getByLabel('Folder or file')).toHaveValue(source);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('a log is mapped, filtered, split and imported', async ({ studio, page }) => {
  const rows = ['who,what,stars,when'];
  for (let user = 0; user < 30; user++) {
    for (let step = 0; step < 10; step++)
      rows.push(`u${user},i${(user * 3 + step * 7) % 25},${1 + ((user + step) % 5)},${1_600_000_000 + step * 86_400}`);
  }
  writeFileSync(join(source, 'log.csv'), `${rows.join('\n')}\n`);
  await studio.importDataset('My log', async (dialog) => {
    await inspect(join(source, 'log.csv'))(dialog);
    await dialog.getByRole('combobox', { name: /^User:/ }).click();
    await page.getByRole('option', { name: 'who' }).click();
    await dialog.getByRole('combobox', { name: /^Item:/ }).click();
    await page.getByRole('option', { name: 'what' }).click();
    await dialog.getByRole('combobox', { name: /^Rating:/ }).click();
    await page.getByRole('option', { name: 'not in this file' }).click();
    // The number above was counted by other columns, and says so.
    await expect(dialog.getByRole('list', { name: 'What was found' })).toContainText('by the columns as first guessed');
    await dialog.getByRole('combobox', { name: /^Rule/ }).click();
    await page.getByRole('option', { name: 'Ratio per user' }).click();
    await dialog.getByRole('combobox', { name: /^Order of rows:/ }).click();
    await page.getByRole('option', { name: 'random, seeded' }).click();
    // The field keeps the last number while letters stand in it: nothing is imported with a number that nobody sees.
    await dialog.getByLabel('Rows per user, at least').fill('three');
    await expect(dialog.getByRole('button', { name: 'Import log' })).toBeDisabled();
    await expect(dialog.getByText('“Rows per user, at least” holds no legal value')).toBeVisible();
    await dialog.getByLabel('Rows per user, at least').fill('3');
    // Nor is what cannot be made: the preview says why, and beside the button stands that it does.
    await dialog.getByLabel('Rows per item, at least').fill('900');
    await expect(dialog.getByText('This split cannot be made; the reason stands above')).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Import log' })).toBeDisabled();
    await dialog.getByLabel('Rows per item, at least').fill('3');
    await expectAccessible(page, 'import dialog of a log');
  });
  await studio.dataset('My log').click();
  await expect(page.getByText('ids alone').or(page.getByText('No features'))).toBeVisible();
});

test('a log with times is split by leave-one-out after a look at the preview, and its segments are shown', async ({ studio, page }) => {
  const rows = ['user_id,item_id,timestamp'];
  for (let user = 0; user < 24; user++)
    for (let step = 0; step < 8; step++) rows.push(`u${user},i${(user * 3 + step * 7) % 25},${1_600_000_000 + step * 86_400 + user}`);
  writeFileSync(join(source, 'timed.csv'), `${rows.join('\n')}\n`);
  await studio.importDataset('Timed log', async (dialog) => {
    await inspect(join(source, 'timed.csv'))(dialog);
    await dialog.getByRole('combobox', { name: /^Rule/ }).click({ timeout: 60_000 });
    await page.getByRole('option', { name: 'Leave one out' }).click();
    const preview = dialog.getByRole('region', { name: 'Preview', exact: true });
    await expect(preview.getByText('valid. 24')).toBeVisible({ timeout: 60_000 });
    await expect(preview.getByRole('img', { name: /^Rows over time: 144 train, 24 validation, 24 test/ })).toBeVisible();
    await expect(preview.getByRole('listitem', { name: /^User u\d+: 6 train, 1 validation, 1 test$/ })).toHaveCount(10);
    await dialog.getByLabel('Rows per user, at least').fill('9');
    await expect(preview.getByText('No interaction is left after filtering.')).toBeVisible({ timeout: 60_000 });
    await dialog.getByLabel('Rows per user, at least').fill('2');
    await expect(preview.getByText('valid. 24')).toBeVisible({ timeout: 60_000 });
    await expectAccessible(page, 'preview of a split');
  });
  await studio.dataset('Timed log').click();
  await page.getByRole('tab', { name: 'Distributions' }).click();
  const timeline = page.getByRole('img', { name: 'Rows over time: 144 train, 24 validation, 24 test' });
  await expect(timeline).toBeVisible({ timeout: 60_000 });
  await page.getByRole('tab', { name: /^Splits/ }).click();
  await expect(page.getByRole('img', { name: 'Split: train 144, validation 24, test 24' })).toContainText('valid. 24 (13 %)');
  await expect(timeline).toBeVisible();
  await page.keyboard.press('t');
  await expect(page.getByRole('region', { name: 'Timeline' }).last().getByRole('row')).not.toHaveCount(0);
  await expect(timeline).toHaveCount(0);
  await page.keyboard.press('t');
  await expect(page.getByRole('row', { name: /^6 to 10 24 100\.0 %/ })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Edit segments' }).click();
  await page
    .getByRole('dialog')
    .getByLabel(/^Users: largest number/)
    .fill('0, 6');
  await page.getByRole('dialog').getByRole('button', { name: 'Save segments' }).click();
  await expect(page.getByRole('row', { name: /^sparse, 1 to 6 24 100\.0 %/ })).toBeVisible({ timeout: 60_000 });
});

test('a dataset is renamed, with undo, and removed', async ({ studio, page }) => {
  writeDatasetFolder(source);
  await studio.importDataset('To rename', inspect(source));
  await page.getByRole('button', { name: 'Actions for To rename' }).click();
  await page.getByRole('menuitem', { name: /^Rename/ }).click();
  const rename = page.getByRole('dialog', { name: 'Rename To rename' });
  await rename.getByLabel('Name', { exact: true }).fill('Renamed');
  await rename.getByRole('button', { name: 'Rename', exact: true }).click();
  await expect(studio.dataset('Renamed')).toBeVisible();
  await expect(page.getByRole('status', { name: 'Messages' })).toContainText('Renamed to Renamed');
  await page.keyboard.press('Control+z');
  await expect(studio.dataset('To rename')).toBeVisible();
  await page.getByRole('button', { name: 'Actions for To rename' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Remove/ })
    .click();
  await expect(studio.dataset('To rename')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Undo: To rename removed' })).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(studio.dataset('To rename')).toBeVisible({ timeout: 60_000 });
});

test('datasets stand in a table as well: sorted by its headings, with the keys and the menu of the cards, kept and undone', async ({
  studio,
  page,
}) => {
  writeDatasetFolder(source);
  await studio.importDataset('A small one', inspect(source));
  await page.getByRole('radio', { name: 'Table' }).check({ force: true });
  const table = page.getByRole('table', { name: 'Datasets' });
  const row = table.getByRole('row', { name: /A small one/ });
  await expect(row).toContainText('60');
  await expect(row).toContainText('480');
  // A narrow window cuts a name before it hides a column.
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 1000, height: 700 });
  await expect(row.getByRole('button', { name: 'Actions for A small one' })).toBeInViewport({ ratio: 1 });
  await page.setViewportSize(size);
  await expect(page.getByRole('article')).toHaveCount(0);
  const first = table.getByRole('row').nth(1);
  await table.getByRole('button', { name: 'Users' }).click();
  await expect(table.getByRole('columnheader', { name: 'Users' })).toHaveAttribute('aria-sort', 'descending');
  await expect(first).not.toContainText('A small one');
  await table.getByRole('button', { name: 'Users' }).click();
  await expect(table.getByRole('columnheader', { name: 'Users' })).toHaveAttribute('aria-sort', 'ascending');
  await page.reload();
  await expect(table.getByRole('columnheader', { name: 'Users' })).toHaveAttribute('aria-sort', 'ascending');
  await expectAccessible(page, 'table of datasets');
  await studio.dataset('A small one').focus();
  await page.keyboard.press('F2');
  await expect(page.getByRole('dialog', { name: 'Rename A small one' })).toBeVisible();
  await page.keyboard.press('Escape');
  await studio.dataset('A small one').focus();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog', { name: 'Remove A small one?' })).toBeVisible();
  await page.keyboard.press('Escape');
  await row.getByRole('button', { name: 'Actions for A small one' }).click();
  for (const name of ['Open', 'New experiment with A small one', 'New split', 'Archive'])
    await expect(page.getByRole('menuitem', { name, exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  // Which version of its rows a split is stands whole beside its name, which is cut.
  await row.getByRole('button', { name: 'Actions for A small one' }).click();
  await page.getByRole('menuitem', { name: 'New split', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'New split of A small one' });
  await dialog.getByRole('combobox', { name: /^Rule/ }).click();
  await page.getByRole('option', { name: 'Cold users' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('A small one, some of its users cold, under a name that is long');
  await dialog.getByRole('button', { name: 'Make split' }).click();
  await expect(dialog).toBeHidden({ timeout: 60_000 });
  await studio.goTo('Datasets');
  const cell = table.getByRole('rowheader', { name: /some of its users cold.*Version 2 of 2/ });
  const [outer, tag] = [(await cell.boundingBox())!, (await cell.getByTitle('Version 2 of 2').boundingBox())!];
  expect(tag.x + tag.width).toBeLessThanOrEqual(outer.x + outer.width);
  await studio.dataset('A small one').focus();
  const names = table.getByRole('rowheader').getByRole('link');
  const at = (await names.allTextContents()).indexOf('A small one');
  await page.keyboard.press('ArrowDown');
  await expect(names.nth(at + 1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await studio.goTo('Datasets');
  await page.getByRole('radio', { name: 'Cards' }).check({ force: true });
  await expect(table).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(table).toBeVisible();
  await studio.palette('Show datasets as cards');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article').first()).toBeVisible();
});

test('a dataset is archived on its own page, with undo', async ({ studio, page }) => {
  writeDatasetFolder(source);
  await studio.importDataset('To archive', inspect(source));
  await studio.dataset('To archive').click();
  const more = page.getByRole('button', { name: 'More actions' });
  await more.click();
  await page.getByRole('menuitem', { name: 'Archive', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'To archive archived' })).toBeVisible();
  await more.click();
  await expect(page.getByRole('menuitem', { name: 'Show again' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('heading', { level: 1, name: 'To archive', exact: true })).toBeVisible();
});

test('a finding among the checks leads to its rows, from the overview too, and the rows stay over a reload', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await studio.dataset('Demo').click({ timeout: 60_000 });
  await page.getByRole('button', { name: /^Show: Test items without features/ }).click();
  await expect(page.getByRole('tab', { name: /^Splits/ })).toHaveAttribute('aria-selected', 'true');
  const rows = page.getByRole('region', { name: /^Test items without features/ }).getByRole('row');
  await expect(rows).toHaveCount(6, { timeout: 60_000 });
  await expect(rows.first()).toBeInViewport();
  await page.reload();
  await expect(rows).toHaveCount(6, { timeout: 60_000 });
});
