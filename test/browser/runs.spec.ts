import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { openExperiment } from './crowd.ts';
import { ExportPage } from './pages/export-page.ts';
import { expect, expectAccessible, filledBy, inTheme, keep, test } from './studio.ts';

test.use(filledBy('fill-home.ts'));

const said = (page: Page, text: string | RegExp) => page.getByRole('status', { name: 'Messages' }).getByText(text).last();
/** By the button of the top bar: the message with its own leaves after a while. */
const undo = (page: Page, what: string) => page.getByRole('button', { name: `Undo: ${what}` }).click();

test('a query is completed by keys, names the place of a fault, and is saved as a view that a link brings back', async ({
  page,
  studio,
}) => {
  const runs = await studio.runs();
  await expect(runs.rows().first()).toBeVisible();
  await page.keyboard.press('Control+F');
  await expect(runs.query).toBeFocused();
  await page.keyboard.type('mod');
  await expect(page.getByRole('option', { name: /^model text/ })).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.type('= light');
  await page.keyboard.press('Tab');
  await page.keyboard.type('and val.re');
  await expect(page.getByRole('option', { name: /^val\.recall@20 number 0\.\d+ to 0\.\d+/ })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(runs.query).toHaveValue('model = LightGCN and val.recall@20 ');
  await page.keyboard.type('> 0.01');
  await expect(page.getByText(/^\d+ runs match$/)).toBeVisible();
  await page.keyboard.type(' and state = broken');
  await expect(page.getByRole('alert')).toContainText('Character 55: "broken" is no state of a run');
  await expectAccessible(page, 'a query with a fault');
  await runs.query.fill('model = LightGCN and ii_q = 3');
  await expect(page.getByRole('alert')).toContainText(/Character 22: Runs have no field ii_q. Did you mean ii_k/);
  // Of a filter with a fault nothing is said about runs, also where the one before it matched none.
  await runs.query.fill('nosuchrun');
  await expect(page.getByText('No run matches this filter.')).toBeVisible();
  await runs.query.fill('nosuchrun and ii_q = 3');
  await expect(page.getByText('The filter cannot be read as it stands; no run is hidden or lost.')).toBeVisible();
  await runs.query.fill('model = LightGCN and val.recall@20 / elapsedSeconds > 0.001');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+S');
  await page.getByRole('textbox', { name: 'Name of the view' }).fill('Layers');
  await page.keyboard.press('Enter');
  await expect(said(page, 'View Layers saved')).toBeVisible();
  const views = page.getByRole('navigation', { name: 'Views of the runs table' });
  await expect(views.getByRole('button', { name: 'Layers' })).toHaveAttribute('aria-current', 'true');
  const shown = await runs.rows().count();
  await page.reload();
  await expect(runs.query).toHaveValue(/^model = LightGCN and val/);
  await expect(runs.rows()).toHaveCount(shown);
  await runs.grid.getByRole('button', { name: /NDCG@20/ }).click();
  await expect(views.getByRole('button', { name: 'Layers, changed' })).toBeVisible();
  await page.keyboard.press('Control+S');
  await expect(said(page, 'View Layers updated')).toBeVisible();
  await views.getByRole('button', { name: 'View menu' }).click();
  await page.getByRole('menuitem', { name: 'Delete view' }).click();
  await expect(views.getByRole('button', { name: 'Layers' })).toHaveCount(0);
  await undo(page, 'View Layers deleted');
  await expect(views.getByRole('button', { name: 'Layers' })).toBeVisible();
});

test('columns, a formula, groups, the reading and a baseline change the table, and each is taken back', async ({ page, studio }) => {
  const runs = await studio.runs();
  await page.getByRole('button', { name: 'Columns' }).click();
  const dialog = page.getByRole('dialog', { name: 'Columns' });
  await dialog.getByRole('searchbox', { name: 'Find a column' }).fill('n_layers');
  await dialog.getByRole('checkbox', { name: /^n_layers/ }).check();
  // A whole set at once, of what was found: taken back by one undo.
  const settings = dialog.getByRole('checkbox', { name: 'Whole set: Settings' });
  await expect(settings).toBeChecked();
  await dialog.getByRole('searchbox', { name: 'Find a column' }).fill('layers');
  await expect(settings).toBeChecked({ indeterminate: true });
  await settings.click();
  await expect(dialog.getByRole('checkbox', { name: /^n_ui_layers/ })).toBeChecked();
  await settings.click();
  await expect(dialog.getByRole('checkbox', { name: /^n_layers/ })).not.toBeChecked();
  await dialog.getByRole('checkbox', { name: /^n_layers/ }).check();
  await dialog.getByRole('textbox', { name: 'Formula' }).fill('val.recall@20 + elapsedSeconds');
  await expect(dialog.getByText(/Character 15: a plain number \+ seconds has no meaning/)).toBeVisible();
  // Accepted here, it would be refused as soon as the column came into sight, and every look at the table with it.
  await dialog.getByRole('textbox', { name: 'Formula' }).fill('val.recall@20 / nope');
  await dialog.getByRole('button', { name: 'Add formula' }).click();
  await expect(dialog.getByText(/Character 17: Runs have no field nope/)).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Formula' }).fill('val.recall@20 / val.ndcg@20');
  await dialog.getByRole('textbox', { name: 'Its name' }).fill('Share');
  await dialog.getByRole('button', { name: 'Add formula' }).click();
  for (let step = 0; step < 11; step++) await dialog.getByRole('button', { name: 'Move Share left' }).press('Alt+ArrowUp');
  await expectAccessible(page, 'the columns');
  await keep(page, 'runs-columns');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(runs.grid.getByRole('columnheader').nth(3)).toHaveText(/Share/);
  await runs.sortBy('Share');
  await expect(runs.grid.getByRole('columnheader', { name: 'Share' })).toHaveAttribute('aria-sort', 'descending');
  await runs.grid.getByRole('button', { name: /^Share/ }).press('Alt+ArrowRight');
  await expect(runs.grid.getByRole('columnheader').nth(4)).toHaveText(/Share/);
  await page.keyboard.press('Control+Z');
  await expect(runs.grid.getByRole('columnheader').nth(3)).toHaveText(/Share/);
  await page.keyboard.press('Control+Shift+Z');
  await expect(runs.grid.getByRole('columnheader').nth(4)).toHaveText(/Share/);

  await page.getByRole('button', { name: 'Reading: best validation' }).click();
  await page.getByRole('menuitem', { name: 'last epoch' }).click();
  await expect(runs.grid.getByRole('button', { name: '↑ Recall@20, last epoch' })).toBeVisible();
  await page.getByRole('button', { name: 'Group: none' }).click();
  await page.getByRole('dialog', { name: 'Group rows' }).getByRole('checkbox', { name: 'Dataset' }).check();
  await page.keyboard.press('Escape');
  const group = runs.grid.getByRole('row').filter({ hasText: /Demo.*configurations, 50 runs/ });
  await expect(group).toBeVisible();
  await group.getByRole('button', { name: 'Demo' }).click();
  await expect(group.getByRole('button', { name: 'Demo' })).toHaveAttribute('aria-expanded', 'false');

  await runs.filter('model = bpr or model = vbpr');
  await runs.grid.getByRole('button', { name: 'Pin BPR as baseline' }).first().click();
  const pinned = runs.grid.getByRole('rowgroup', { name: 'Pinned rows' });
  await expect(pinned).toContainText('baseline');
  await expect(runs.grid.getByRole('columnheader', { name: 'Δ', exact: true }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Δ absolute' }).click();
  await page.getByRole('menuitem', { name: 'Δ in sd of the baseline' }).click();
  await expect(runs.grid.getByRole('columnheader', { name: 'Δ sd' }).first()).toBeVisible();
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    await expectAccessible(page, `grouped runs with a baseline, ${theme}`);
    await keep(page, `runs-baseline-${theme}`);
  }
});

test('everything matched is tagged, locked, thrown away, brought back, and purged with its bytes, by keys', async ({ page, studio }) => {
  const runs = await studio.runs();
  await runs.filter('model = freedom and status = finished', 2);
  await runs.grid.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press(' ');
  await expect(runs.selected).toContainText('1 row, 5 runs selected');
  await runs.selected.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Lock against deletion' }).click();
  await expect(said(page, '5 runs locked')).toBeVisible();
  // From the box that was ticked, as from the table.
  await runs.rows().first().getByRole('checkbox').focus();
  await page.keyboard.press('Delete');
  await expect(said(page, /5 runs are locked and were not moved to the trash/)).toBeVisible();
  await page.keyboard.press('Control+A');
  await expect(runs.selected).toContainText(/2 rows, 9 runs selected/);
  await page.keyboard.press('Delete');
  await expect(said(page, /4 runs moved to the trash; 5 locked runs stayed/)).toBeVisible();
  await expect(runs.rows()).toHaveCount(1);
  await page.keyboard.press('Control+Z');
  await expect(runs.rows()).toHaveCount(2);
  await page.keyboard.press('Control+Shift+Z');
  await expect(runs.rows()).toHaveCount(1);

  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Show the trash' }).click();
  await expect(page.getByText(/^The trash: \d+ runs?, .* of files/)).toBeVisible();
  await runs.filter('model = freedom', 1);
  await runs.grid.getByRole('checkbox', { name: 'Select all runs matched' }).click();
  await runs.selected.getByRole('button', { name: 'Delete for good…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 4 runs for good' });
  await expect(dialog).toContainText(/4 runs with .*B of files/);
  await expectAccessible(page, 'the purge');
  await dialog.getByRole('button', { name: /^Delete 4 runs, / }).click();
  await expect(said(page, /4 runs deleted for good/)).toBeVisible();
  await expect(page.getByText('The trash holds no run that matches.')).toBeVisible();
});

test('reported values stand beside runs of their dataset, grey and uncounted; all that matches is exported as CSV', async ({
  page,
  studio,
}) => {
  const runs = await studio.runs();
  await runs.filter('dataset = demo and model = bpr', 1);
  const csv =
    'source,split,dataset,model,metric,value,note\nA paper,random,demo,BPR,recall@20,0.0575,\nA paper,random,demo,BPR,ndcg@20,0.0249,\n';
  const open = (name: string, text: string) =>
    page.getByLabel('File of reported values').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  // In percent it would stand a hundredfold beside ours.
  await open('percent.csv', csv.replace('0.0575', '5.75'));
  await expect(said(page, 'percent.csv:2: recall@20 is 5.75, and lies between 0 and 1. Divide values in percent by 100.')).toBeVisible();
  await open('papers.csv', csv);
  await expect(said(page, '1 reported row with 2 values from papers.csv')).toBeVisible();
  const row = runs.grid.getByRole('row').filter({ hasText: 'reported [1]' });
  await expect(row).toContainText('A paper');
  await expect(row).toContainText('0.0575');
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/Runs\s+5/);
  const exported = async (title: string) => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: `Export all matched as ${title}`, exact: true }).click();
    return readFileSync(await (await download).path(), 'utf8')
      .trimEnd()
      .split('\r\n');
  };
  const lines = await exported('CSV');
  // The reported row comes last and names its source.
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('val.recall@20/mean,val.recall@20/sd,val.recall@20/n');
  expect(lines[2]).toMatch(/^BPR,demo,.*,A paper$/);
  const [header, units, ...rest] = await exported('CSV with a row of units');
  expect([header, ...rest]).toEqual(lines);
  expect(units!.split(',')[header!.split(',').indexOf('val.recall@20/mean')]).toBe('1');
  expect(units).toMatch(/^unit,/);
  await page.keyboard.press('Escape');
  await undo(page, '1 reported row');
  await expect(row).toHaveCount(0);
});

test('the edge of a column gives it another width, as its keys and its menu do, and a link brings the widths back', async ({
  page,
  studio,
}) => {
  const runs = await studio.runs();
  await expect(runs.rows().first()).toBeVisible();
  const column = (name: string) => runs.grid.getByRole('columnheader', { name });
  const wide = async (name: string) => Math.round((await column(name).boundingBox())!.width);
  const first = await wide('Dataset');
  const box = (await column('Dataset').boundingBox())!;
  const drag = async (to: number, last?: string) => {
    await page.mouse.move(box.x + box.width - 3, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 3 + to, box.y + box.height / 2, { steps: 4 });
    if (last !== undefined) await page.keyboard.press(last);
    await page.mouse.up();
  };
  // Esc while the edge is held leaves the column as it was.
  await drag(90, 'Escape');
  expect(await wide('Dataset')).toBe(first);
  await drag(60);
  expect(await wide('Dataset')).toBe(first + 60);
  await expect(column('Dataset')).not.toHaveAttribute('aria-sort', 'descending');
  await undo(page, 'Column width changed');
  expect(await wide('Dataset')).toBe(first);

  const button = column('Dataset').getByRole('button');
  await button.press('Alt+Shift+ArrowRight');
  await button.press('Alt+Shift+ArrowRight');
  await button.press('Alt+Shift+ArrowLeft');
  expect(await wide('Dataset')).toBe(first + 16);
  await button.press('Shift+F10');
  await page.getByRole('menu', { name: 'Column Dataset' }).getByRole('menuitem', { name: 'Fit to content' }).click();
  const cell = runs.grid.getByText('Amazon Reviews 2014', { exact: false }).first();
  await expect.poll(() => cell.evaluate((each) => each.scrollWidth - each.clientWidth)).toBe(0);
  const fitted = await wide('Dataset');
  await column('Configuration').getByRole('button').press('Alt+Shift+ArrowRight');
  const names = await wide('Configuration');

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'View menu' }).click();
  await page.getByRole('menuitem', { name: 'Copy a link to this view' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.goto('about:blank');
  await page.goto(link);
  await expect.poll(() => wide('Dataset')).toBe(fitted);
  expect(await wide('Configuration')).toBe(names);
  await column('Dataset').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'All widths as at first' }).click();
  expect(await wide('Dataset')).toBe(first);
});

test('each condition of the filter is a chip: pressed it brings its value under the caret, and its cross, or Delete, takes it out', async ({
  page,
  studio,
}) => {
  const runs = await studio.runs();
  await runs.filter('model = LightGCN and val.recall@20 > 0.01 and n_layers in (1, 2)');
  const chips = page.getByRole('group', { name: 'Conditions of the filter' });
  const show = page.getByRole('button', { name: /^Filters/ });
  if ((await show.getAttribute('aria-expanded')) === 'false') await show.click();
  await page.getByRole('complementary', { name: 'Filters' }).getByRole('checkbox', { name: /^Demo/ }).check();
  await expect(chips.getByRole('button')).toHaveText([
    'model = LightGCN',
    '',
    'val.recall@20 > 0.01',
    '',
    'n_layers in (1, 2)',
    '',
    'Dataset: Demo',
    '',
    'Clear all',
  ]);
  await expectAccessible(page, 'chips of a filter');
  await chips.getByRole('button', { name: 'model = LightGCN', exact: true }).click();
  await page.keyboard.type('vb');
  await page.keyboard.press('Tab');
  await expect(runs.query).toHaveValue('model = VBPR and val.recall@20 > 0.01 and n_layers in (1, 2)');
  await page.keyboard.press('Escape');
  await chips.getByRole('button', { name: 'Remove n_layers in (1, 2)' }).click();
  await expect(runs.query).toHaveValue('model = VBPR and val.recall@20 > 0.01');
  await undo(page, 'Condition removed');
  await expect(runs.query).toHaveValue('model = VBPR and val.recall@20 > 0.01 and n_layers in (1, 2)');

  // By keys alone: arrows walk, Delete takes out, the last one leaves the focus in the field.
  await chips.getByRole('button', { name: 'model = VBPR', exact: true }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(chips.getByRole('button', { name: 'val.recall@20 > 0.01', exact: true })).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(chips.getByRole('button', { name: 'n_layers in (1, 2)', exact: true })).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(chips.getByRole('button', { name: 'Dataset: Demo', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Filters' }).getByRole('checkbox', { name: /^Demo/ })).toBeFocused();
  await chips.getByRole('button', { name: 'Remove Dataset: Demo' }).click();
  await chips.getByRole('button', { name: 'model = VBPR', exact: true }).press('Delete');
  await expect(chips).toHaveCount(0);
  await expect(runs.query).toBeFocused();
});

test('test values that are masked are said once on the page of a run, with the way to see them', async ({ page, studio }) => {
  const runs = await studio.runs();
  await page.getByRole('switch', { name: 'Collapse seeds' }).setChecked(false);
  await runs.filter(`status = finished and experiment = "${openExperiment}" and seed = 1`);
  await runs.openFirst();
  await page.getByRole('tab', { name: 'Metrics' }).click();
  const masked = page.getByRole('region', { name: /^Test/ });
  await expect(masked.getByText(/until the selection is frozen/)).toHaveCount(1);
  await expect(masked.getByRole('table')).toHaveCount(0);
  await masked.getByRole('link', { name: /^Compare freezes/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: openExperiment })).toBeVisible();
});

test('a table as CSV has a row of units where it is asked for', async ({ page, studio }) => {
  await studio.goTo('Export');
  const exports = new ExportPage(page);
  await exports.format('CSV, full precision');
  await expect(exports.source).toContainText('model,settings');
  await expect(exports.source).not.toContainText('unit,,');
  await page.getByRole('checkbox', { name: 'Units in a row below the header' }).check();
  await expect(exports.source).toContainText('unit,,1,1,,');
});

test('what is typed as a kept range of settings and is none is named beside the fields, and the range of before holds', async ({
  page,
  studio,
}) => {
  const runs = await studio.runs();
  await runs.filter('status = finished and dataset = demo and model = lightgcn', 5);
  await runs.grid.getByRole('checkbox', { name: 'Select all runs matched' }).click();
  await runs.selected.getByRole('button', { name: /^Compare 5 / }).click();
  await page.getByRole('tab', { name: 'Parameters' }).click();
  const from = page.getByRole('textbox', { name: 'n_layers from' });
  await expect(page.getByText(/^\d+ runs of \d+ kept/)).toBeVisible();
  await from.fill('two');
  await from.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('n_layers: “two” is no number; the range is as it was');
  await expect(from).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText(/^(\d+) runs of \1 kept/)).toBeVisible();
  // What is no number does not outlive its fault.
  await page.getByRole('button', { name: 'Keep all' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(from).toHaveValue('');
  await from.fill('9');
  await from.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('n_layers: from 9 lies above to 4, so that nothing is kept');
  await page.getByRole('button', { name: 'Keep all' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByText(/^(\d+) runs of \1 kept/)).toBeVisible();
});
