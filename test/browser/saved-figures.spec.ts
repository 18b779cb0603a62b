import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Locator, Page } from '@playwright/test';
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

/** What the desktop does where a figure is saved: the person chooses this path. */
async function savingTo(page: Page, path: string): Promise<void> {
  await page.evaluate((chosen) => Object.assign(window, { avocet: { saveFile: () => Promise.resolve(chosen) } }), path);
}

/** Moves what a filter finds first into the trash, in another window. */
async function trashed(context: BrowserContext, page: Page, filter: string): Promise<Page> {
  const other = await context.newPage();
  await other.goto(new URL(`#/runs?filter=${encodeURIComponent(filter)}`, page.url()).href);
  const grid = other.getByRole('grid', { name: 'Runs' });
  await grid
    .getByRole('row')
    .filter({ has: other.getByRole('gridcell') })
    .first()
    .getByRole('checkbox')
    .click();
  await other.getByRole('toolbar', { name: 'Selected runs' }).getByRole('button', { name: 'Move to trash' }).click();
  await expect(other.getByRole('status', { name: 'Messages' })).toContainText('moved to the trash');
  return other;
}

/** Brings back what was put into the trash there. */
async function restored(other: Page): Promise<void> {
  await other.getByRole('status', { name: 'Messages' }).getByRole('button', { name: 'Undo' }).click();
  await expect(other.getByRole('grid', { name: 'Runs' }).getByRole('checkbox')).not.toHaveCount(0);
  await other.close();
}

test('a figure saved as a file says that its data changed, and is drawn and written again as it was', async ({ studio, page, context }) => {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-figures-'));
  const path = join(folder, 'curves.svg');
  const lines = () => readFileSync(path, 'utf8').match(/<path[^>]* d="M[^"]{200,}"/g)?.length ?? 0;
  await studio.goTo('Export');
  const what = page.getByRole('navigation', { name: 'What to export' });
  await what.getByRole('link', { name: /^Twenty lines/ }).click();
  await what.getByRole('link', { name: 'Figure: its curves' }).click();
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.getByRole('img', { name: /Recall@20 over epochs/ })).toBeVisible({ timeout: 120_000 });
  await page.getByText('SVG', { exact: true }).click();
  await page.getByText('Two, 7.16 in', { exact: true }).click();
  await savingTo(page, path);
  await preview.getByRole('button', { name: 'Save as…' }).click();
  await expect(page.getByRole('status', { name: 'Messages' })).toContainText(`Saved ${path}`);
  expect([lines(), readFileSync(path, 'utf8').includes('width="515.52pt"')]).toEqual([20, true]);

  await page.getByRole('button', { name: 'Saved exports…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Saved exports' });
  const entry = dialog.getByRole('list', { name: 'Saved exports' }).getByRole('listitem').filter({ hasText: path });
  await expect(entry).toContainText('Twenty lines Curves of Recall@20');
  await expect(entry).toContainText('Up to date', { timeout: 120_000 });
  await expect(dialog.getByRole('button', { name: 'Nothing has changed' })).toBeDisabled();
  await page.keyboard.press('Escape');

  const other = await trashed(context, page, 'n_layers = 4 and reg_weight = 0');
  await page.getByRole('button', { name: 'Saved exports…' }).click();
  await expect(entry).toContainText('Data changed', { timeout: 120_000 });
  // A file that cannot be written says why, and is still offered.
  rmSync(path);
  mkdirSync(path);
  await dialog.getByRole('button', { name: 'Write 1 file again' }).press('Enter');
  await expect(dialog.getByText('1 file could not be.')).toBeVisible({ timeout: 120_000 });
  await expect(dialog.getByRole('alert')).toContainText('curves.svg');
  rmdirSync(path);
  await dialog.getByRole('button', { name: 'Write 1 file again' }).press('Enter');
  await expect(dialog.getByText('1 file written again.')).toBeVisible({ timeout: 120_000 });
  await expect(entry).toContainText('Up to date', { timeout: 120_000 });
  expect([lines(), readFileSync(path, 'utf8').includes('width="515.52pt"')]).toEqual([19, true]);
  await dialog.getByRole('button', { name: `Forget ${path}; the file stays` }).click();
  await expect(entry).toHaveCount(0);
  expect(lines()).toBe(19);
  await restored(other);
  rmSync(folder, { recursive: true });
});

test('figures of every tab of a comparison are written again by one button, with what was chosen there', async ({
  studio,
  page,
  context,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-figures-'));
  const contents = () => Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  await studio.goTo('Compare');
  const compare = new ComparePage(page);
  await compare.open('Twenty lines');
  const dialog = page.getByRole('dialog', { name: 'Save figure' });
  const messages = page.getByRole('status', { name: 'Messages' });
  const save = async (button: Locator, name: string) => {
    await button.click({ timeout: 120_000 });
    await dialog.getByText('SVG', { exact: true }).click();
    await expect(dialog.getByRole('img')).toBeVisible({ timeout: 120_000 });
    await savingTo(page, join(folder, name));
    await dialog.getByRole('button', { name: name.endsWith('.csv') ? 'Data as CSV' : 'Save as…' }).click();
    await expect(messages).toContainText(name);
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  };
  // A point and a row for each configuration: one that goes is seen.
  await page.getByRole('combobox', { name: /^Rows/ }).click();
  await page.getByRole('option', { name: 'configuration' }).click();
  const first = (panel: Locator) => panel.getByRole('button', { name: 'Save figure…' }).first();

  const parameters = await compare.tab('Parameters');
  await save(first(parameters), 'parallel.svg');
  await save(parameters.getByRole('region', { name: 'Slices' }).getByRole('button', { name: 'Save figure…' }), 'slices.svg');
  await save(parameters.getByRole('region', { name: 'Importance' }).getByRole('button', { name: 'Save figure…' }), 'importance.svg');
  const tradeOff = await compare.tab('Trade-off');
  await save(first(tradeOff), 'trade-off.svg');
  await save(first(tradeOff), 'trade-off.csv');
  await save(first(await compare.tab('Segments')), 'segments.svg');
  const curves = await compare.tab('Curves');
  const hide = page.getByRole('button', { name: /^Hide LightGCN/ }).first();
  await hide.click();
  await save(first(curves), 'curves.svg');
  const before = contents();
  expect(Object.keys(before)).toHaveLength(7);
  const lines = (svg: string | undefined) => svg?.match(/<path[^>]* d="M[^"]{200,}"/g)?.length;
  expect(lines(before['curves.svg'])).toBe(19);

  const other = await trashed(context, page, 'n_layers = 4 and reg_weight = 0.001');
  await studio.goTo('Export');
  await page.getByRole('button', { name: 'Saved exports…' }).click();
  const saved = page.getByRole('dialog', { name: 'Saved exports' });
  const entries = saved.getByRole('list', { name: 'Saved exports' }).getByRole('listitem').filter({ hasText: folder });
  await expect(entries.filter({ hasText: 'Data changed' })).toHaveCount(7, { timeout: 120_000 });
  await expect(entries.filter({ hasText: 'Parameters behind Recall@20' })).toHaveCount(3);
  await saved.getByRole('button', { name: 'Write 7 files again' }).click();
  await expect(saved.getByText('7 files written again.')).toBeVisible({ timeout: 120_000 });
  await expect(entries.filter({ hasText: 'Up to date' })).toHaveCount(7, { timeout: 120_000 });
  const after = contents();
  for (const [name, content] of Object.entries(before)) expect(after[name], name).not.toBe(content);
  expect([lines(after['curves.svg']), after['trade-off.csv']?.split('\r\n').length]).toEqual([18, 21]);
  for (const name of ['parallel', 'slices', 'importance', 'trade-off', 'segments']) expect(after[`${name}.svg`]).toContain('@font-face');
  await restored(other);
  rmSync(folder, { recursive: true });
});

test('words of a figure and of its data are English whatever the page speaks', async ({ studio, page }) => {
  await studio.goTo('Export');
  const address = new URL(page.url());
  address.searchParams.set('locale', 'pseudo');
  address.hash = '#/export?figure=curves';
  await page.goto(address.href);
  const preview = page.getByRole('main').getByRole('region').last();
  await expect(preview.getByRole('img')).toBeVisible({ timeout: 120_000 });
  await expect(preview.getByRole('img', { name: /Validation/ })).toHaveCount(0);
  const [download] = await Promise.all([page.waitForEvent('download'), preview.getByRole('button').first().click()]);
  const csv = readFileSync(await download.path(), 'utf8');
  expect(csv.split('\r\n')[0]).toBe('line,epoch,step,seconds,Validation Recall@20,sd,seeds');
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
  const other = await trashed(context, page, 'n_layers = 4 and reg_weight = 0');
  await font.asked;
  await expect(picture).toBeVisible();
  await expect(picture).toHaveAttribute('src', before!);
  font.go();
  await expect(picture).not.toHaveAttribute('src', before!, { timeout: 120_000 });
  await restored(other);
});
