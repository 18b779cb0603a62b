import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { strToU8, zipSync } from 'fflate';
import { writeNpy } from '#data/formats/npy-writer.ts';
import { writeDatasetFolder } from '../desktop/dataset-folder.ts';
import { event, file, scalar } from '../unit/logs/event-files.ts';
import { expect, expectAccessible, keep, ownStudio, test } from './studio.ts';

// Everything that may be dropped on the window, and the same by keys. One data folder: each ends with its preview left.
test.use(ownStudio());

const patience = { timeout: 60_000 };
let folder = '';
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'avocet-opening-'));
  mkdirSync(join(folder, 'small'));
  writeDatasetFolder(join(folder, 'small'));
  const events = [1, 2, 3].map((step) => event(step, 100 + step, [scalar('valid/Recall@20', step / 8)]));
  for (const run of ['a', 'b']) {
    mkdirSync(join(folder, 'logs', run), { recursive: true });
    writeFileSync(join(folder, 'logs', run, 'events.out.tfevents.1.h'), file(events));
  }
  const manifest = {
    format: 'avocet-bundle',
    version: 1,
    title: 'Empty',
    createdAt: 1,
    program: 'test',
    runs: [],
    tables: [],
    files: [],
    omitted: [],
  };
  writeFileSync(join(folder, 'bundle.zip'), zipSync({ 'manifest.json': strToU8(JSON.stringify(manifest, null, 2)) }));
  writeFileSync(
    join(folder, 'sweep.yaml'),
    'name: From a file\ndatasets: [Demo]\nmodels:\n  - model: lightgcn\n    vary: { n_layers: [1, 2] }\nseeds: [4, 5]\n',
  );
  writeFileSync(join(folder, 'wrong.yaml'), 'datasets: [Demo]\nmodels:\n  - model: lightgcn\n    varry: { n_layers: [1, 2] }\n');
  for (const [name, rows] of [
    ['users', 3],
    ['items', 4],
  ] as const)
    writeFileSync(join(folder, `${name}.npy`), writeNpy(new Float32Array(rows * 2), [rows, 2]));
  writeFileSync(join(folder, 'published.csv'), 'source,split,dataset,model,metric,value,note\nA paper,mmrec,demo,MGCN,recall@20,0.0964,\n');
  const lists = [0, 1, 2].flatMap((user) => [9, 8, 7, 6, 5].map((score, item) => `${user},${item},${score / 10}`));
  writeFileSync(join(folder, 'lists.csv'), lists.join('\n'));
  writeFileSync(join(folder, 'picture.png'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2));
});
test.afterAll(() => rmSync(folder, { recursive: true }));

/** A drop as the system hands it to the browser: with folders, and with content only. */
async function drop(page: Page, ...names: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const files = names.map((name) => join(folder, name));
  const invitation = page.getByText('Drop to open');
  // A busy browser may lose what it is handed for the system; then nothing has happened, and it is dropped again.
  await expect(async () => {
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      if (type === 'drop') await expect(invitation).toBeVisible({ timeout: 20_000 });
      await session.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data: { items: [], files, dragOperationsMask: 1 } });
    }
    await expect(invitation).toBeHidden({ timeout: 20_000 });
  }).toPass({ timeout: 120_000 });
  await session.detach();
}

test('a dataset, runs of other tools, a bundle and values of papers come to the screen that shows them', async ({ page, studio }) => {
  await studio.goTo('Queue');
  await drop(page, 'small');
  const dataset = page.getByRole('dialog', { name: 'Import dataset' });
  await expect(dataset.getByRole('button', { name: 'Import small' })).toBeEnabled(patience);
  // Where it was sent from is not known; where it lies now is.
  await expect(dataset.getByLabel('Folder or file')).toHaveValue(/incoming.*small$/);
  await keep(page, 'opening-dataset');
  await page.keyboard.press('Escape');

  await drop(page, 'logs');
  const logs = page.getByRole('dialog', { name: 'Import runs of other tools' });
  await expect(logs.getByRole('status')).toHaveText('1 run found, none of them imported before.', patience);
  await page.keyboard.press('Escape');

  await drop(page, 'bundle.zip');
  const bundle = page.getByRole('dialog', { name: 'Reproducibility bundle' });
  await expect(bundle.getByRole('status')).toContainText('Everything agrees', patience);
  await expect(bundle.getByText(/, saved \d{1,2} \w{3} \d{4}, \d\d:\d\d by/)).toBeVisible();
  // Sent from the dialog itself too, which says that it only checks.
  await expect(bundle.getByText('Nothing of it is added to your runs.')).toBeVisible();
  await bundle.getByLabel('Bundle', { exact: true }).fill('');
  await bundle.getByLabel('Bundle of this computer').setInputFiles(join(folder, 'bundle.zip'));
  await expect(bundle.getByLabel('Bundle', { exact: true })).toHaveValue(/incoming.*bundle\.zip$/, patience);
  await expect(bundle.getByRole('status')).toContainText('Everything agrees', patience);
  await page.keyboard.press('Escape');

  await drop(page, 'published.csv');
  await expect(page.getByText('1 reported row with 1 value from published.csv')).toBeVisible(patience);
});

test('an experiment file fills the form and starts nothing; a wrong key is named; the form is given back', async ({ page, studio }) => {
  await studio.goTo('Datasets');
  await drop(page, 'sweep.yaml');
  await expect(page.getByLabel('Name of the experiment')).toHaveValue('From a file', patience);
  await expect(page.getByRole('button', { name: /^Start 4 runs/ })).toBeVisible(patience);
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await expect(page.getByLabel('Name of the experiment')).toHaveValue('');
  await drop(page, 'wrong.yaml');
  const dialog = page.getByRole('dialog', { name: 'Open' });
  await expect(dialog.getByRole('alert')).toContainText('"varry" is not among the keys of a model; nearest: vary', patience);
  await expect(dialog.getByRole('alert')).toContainText('wrong.yaml');
});

test('results of a model of one’s own fill their form, a table that may be two things is asked about, the rest is named', async ({
  page,
  studio,
}) => {
  await studio.goTo('Datasets');
  await drop(page, 'users.npy', 'items.npy');
  const run = page.getByRole('dialog', { name: 'Add an external run' });
  await expect(run.getByLabel('User vectors')).toHaveValue(/users\.npy$/, patience);
  await expect(run.getByLabel('Item vectors')).toHaveValue(/items\.npy$/);
  await run.getByRole('button', { name: 'Cancel' }).click();

  await drop(page, 'lists.csv');
  const dialog = page.getByRole('dialog', { name: 'Open' });
  await expect(dialog.getByRole('status')).toContainText('lists.csv can be read in 2 ways', patience);
  await keep(page, 'opening-two-ways');
  await dialog.getByRole('button', { name: 'Ranked lists of your own model' }).click();
  await expect(run.getByLabel('Lists', { exact: true })).toHaveValue(/lists\.csv$/);
  await run.getByRole('button', { name: 'Cancel' }).click();

  await drop(page, 'picture.png');
  await expect(dialog.getByRole('alert')).toContainText('of no kind that Avocet knows: a picture', patience);
  await expect(dialog.getByRole('alert')).toContainText('What can be opened');
  await expectAccessible(page, 'what is not known');
});

test('by keys alone: Open from the palette, a path of the studio’s machine; files of this one through a file input', async ({
  page,
  studio,
}) => {
  await studio.goTo('Runs');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Search or run a command' })).toBeFocused(patience);
  await page.keyboard.type('Open a file or folder');
  await expect(page.getByRole('option').first()).toContainText('Open a file or folder', patience);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Open' });
  await expect(dialog.getByRole('textbox', { name: 'Folder or file' })).toBeFocused(patience);
  await expectAccessible(page, 'Open');
  await keep(page, 'opening');
  await dialog.getByLabel('Files to open').setInputFiles([join(folder, 'picture.png')]);
  await expect(dialog.getByRole('alert')).toContainText('a picture', patience);
  await dialog.getByRole('textbox', { name: 'Folder or file' }).fill(join(folder, 'small'));
  await dialog.getByRole('textbox', { name: 'Folder or file' }).press('Enter');
  const dataset = page.getByRole('dialog', { name: 'Import dataset' });
  await expect(dataset.getByRole('button', { name: 'Import small' })).toBeEnabled(patience);
  await expect(dataset.getByLabel('Folder or file')).toHaveValue(join(folder, 'small'));
});

test('what was opened before is listed in Open and the palette, said where it is gone, and taken off with a way back', async ({
  page,
  studio,
}) => {
  const path = join(folder, 'again ü.yaml');
  writeFileSync(path, 'name: Opened again\ndatasets: [Demo]\nmodels:\n  - model: lightgcn\nseeds: [4, 5]\n');
  await studio.goTo('Queue');
  const openDialog = async () => {
    await studio.palette('open a file');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Open', exact: true });
    await expect(dialog).toBeVisible();
    return dialog;
  };
  let dialog = await openDialog();
  await dialog.getByLabel('Folder or file').fill(path);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'New experiment' })).toBeVisible(patience);
  await studio.goTo('Queue');
  dialog = await openDialog();
  const before = dialog.getByRole('region', { name: 'Opened before' });
  const entry = before.getByRole('button', { name: /^again ü\.yaml/ });
  await expect(entry).toContainText('Experiment');
  await keep(page, 'opened-before');
  await expectAccessible(page, 'opened before');
  // By keys: the menu of the entry, and the entry itself.
  await entry.focus();
  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menuitem', { name: 'Take off the list' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(entry).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'New experiment' })).toBeVisible(patience);

  const palette = await studio.palette('again ü');
  await expect(palette.getByRole('option', { name: /^Open again: again ü\.yaml/ })).toBeVisible();
  await page.keyboard.press('Escape');

  rmSync(path);
  dialog = await openDialog();
  await expect(entry).toContainText('not there any more');
  await expect(entry).toBeDisabled();
  await before.getByRole('button', { name: `Take ${path} off the list` }).click();
  await expect(entry).toBeHidden();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  dialog = await openDialog();
  await expect(entry).toBeVisible();
});
