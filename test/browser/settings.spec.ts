import { addExperiment, addRun, finishRun, openStore } from '#test/unit/store/fixture.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, expectLoaded, ownStudio, test } from './studio.ts';

/** Two finished runs with files of known sizes, one of them in the trash. */
test.use(
  ownStudio((home) => {
    const store = openStore(home);
    addExperiment(store, 'exp-a', 'Layers');
    for (const [at, id] of ['run-a', 'run-b'].entries()) {
      addRun(store, { id, seed: at, configuration: 'one', hyper: { n_layers: 2 } });
      finishRun(store, id, { 'recall@20': 0.1 + at / 10 });
      mkdirSync(join(home, 'runs', id), { recursive: true });
      writeFileSync(join(home, 'runs', id, 'checkpoint-best.bin'), Buffer.alloc(3_000_000));
    }
    store.trash.move(['run-b'], Date.now());
    store.close();
  }),
);

test('keys are changed, refused, swapped and used, and every list follows', async ({ studio, page }) => {
  const section = await studio.settings('Shortcuts');
  const row = (what: string) => section.getByRole('row', { name: new RegExp(`^${what}`) });
  await section.getByRole('searchbox', { name: 'Find a command or keys' }).fill('rail');
  await section.getByRole('button', { name: 'Change keys: Collapse or expand the rail' }).click();
  const capture = section.getByRole('button', { name: /^Press the new keys/ });
  await expect(capture).toBeFocused();
  await page.keyboard.press('Control+c');
  await expect(section.getByRole('alert')).toContainText('stays as it is');
  await page.keyboard.press('Control+j');
  await expect(row('Collapse or expand the rail')).toContainText('Ctrl J');

  // The new keys do it, the former ones nothing; the list behind Ctrl+/ and the tooltip's words follow.
  await page.keyboard.press('Control+b');
  await expect(page.getByRole('button', { name: 'Collapse the rail', exact: true })).toHaveAttribute('title', 'Ctrl+J');
  await page.keyboard.press('Control+j');
  await expect(page.getByRole('button', { name: 'Expand the rail', exact: true })).toBeVisible();
  await page.keyboard.press('Control+j');
  await page.keyboard.press('Control+/');
  await expect(page.getByRole('dialog').getByRole('row', { name: /^Collapse or expand the rail/ })).toContainText('Ctrl J');
  await page.keyboard.press('Escape');

  // Keys that another command has are offered to be swapped.
  await section.getByRole('button', { name: 'Change keys: Collapse or expand the rail' }).click();
  await page.keyboard.press('Control+k');
  await expect(section.getByRole('alert')).toContainText('already starts “Search or run a command”');
  await section.getByRole('button', { name: 'Swap the two' }).click();
  await expect(row('Collapse or expand the rail')).toContainText('Ctrl K');
  await page.reload();
  await expectLoaded(page);
  // Keys do what Settings say once these are read.
  await expect(row('Collapse or expand the rail')).toContainText('Ctrl K');
  await page.keyboard.press('Control+j');
  await expect(page.getByRole('combobox', { name: 'Search or run a command' })).toBeFocused();
  await page.keyboard.press('Escape');

  await section.getByRole('button', { name: 'Reset this section' }).click();
  await expect(row('Search or run a command')).toContainText('Ctrl K');
  await expect(row('Collapse or expand the rail')).toContainText('Ctrl B');
  // Said, with the way back beside it.
  const said = page.getByRole('status', { name: 'Messages' });
  await expect(said).toContainText('Settings of Shortcuts reset');
  await said.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(row('Collapse or expand the rail')).toContainText('Ctrl K');
  await section.getByRole('button', { name: 'Reset this section' }).click();
  await expect(row('Collapse or expand the rail')).toContainText('Ctrl B');
});

test('the trash is emptied by the bytes that were shown, and a setting is found by its words', async ({ studio, page }) => {
  const section = await studio.settings('Paths and storage');
  const sizes = section.getByRole('table', { name: 'What lies in it' });
  await expect(sizes.getByRole('row', { name: /^Trash/ })).toContainText('3.0 MB');
  await expect(sizes.getByRole('row', { name: /^Checkpoints/ })).toContainText('3.0 MB');
  await section.getByRole('button', { name: 'Empty the trash…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Empty the trash' });
  await expect(dialog).toContainText('Deletes one run: 3.0 MB in 1 files.');
  await dialog.getByRole('radio', { name: 'By age' }).check({ force: true });
  await expect(dialog).toContainText('Nothing in the trash matches.');
  await expect(dialog.getByRole('button', { name: /^Delete/ })).toBeDisabled();
  await dialog.getByRole('radio', { name: 'Everything' }).check({ force: true });
  await dialog.getByRole('button', { name: 'Delete 3.0 MB' }).click();
  await expect(page.getByText('Deleted one run, 3.0 MB freed')).toBeVisible();
  await expect(sizes.getByRole('row', { name: /^Trash/ })).toHaveCount(0);
  await expect(sizes.getByRole('row', { name: /^Checkpoints/ })).toContainText('3.0 MB');

  await page.keyboard.press('Control+f');
  await expect(page.getByRole('searchbox', { name: 'Find a setting' })).toBeFocused();
  await page.keyboard.type('suspend rows');
  await expect(page.getByText('No setting matches.')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Find a setting' }).fill('rows');
  await page.getByRole('link', { name: 'Density of tables' }).click();
  await expect(page.getByRole('radio', { name: 'Compact, 28 px' })).toBeFocused();
});

test('diagnostics are shown before they are saved, and a row is shown beside the runs', async ({ studio, page }) => {
  const section = await studio.settings('Privacy and diagnostics');
  await section.getByRole('button', { name: 'Show diagnostics…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Diagnostics' });
  const text = dialog.getByRole('textbox', { name: 'Diagnostics' });
  await expect(text).toHaveValue(/== Versions\nAvocet /, { timeout: 60_000 });
  const shown = await text.inputValue();
  const saved = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save diagnostics' }).click();
  const stream = await (await saved).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString('utf8')).toBe(shown);

  await studio.goTo('Runs');
  const grid = page.getByRole('grid', { name: 'Runs' });
  await expect(grid.getByRole('row').nth(1)).toBeVisible();
  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+Space');
  const drawer = page.getByRole('complementary', { name: /^LightGCN on Demo/i });
  await expect(drawer.getByRole('link').first()).toContainText(/LightGCN on Demo/i);
  await page.keyboard.press('Shift+Space');
  await expect(drawer).toHaveCount(0);
});

test('a section that is not there says so and leads on', async ({ studio, page }) => {
  await studio.settings('Notifications');
  await page.evaluate(() => (location.hash = '#/settings/magic'));
  const section = page.getByRole('region', { name: 'Unknown page' });
  await expect(section).toContainText('There is no section “magic” in Settings');
  await expect(page.getByRole('navigation', { name: 'Sections of Settings' }).locator('[aria-current]')).toHaveCount(0);
  await section.getByRole('link', { name: 'General' }).click();
  await expect(page.getByRole('region', { name: 'General', exact: true })).toBeVisible();
});

test('what a pointer at rest would explain is explained by keys, and the focus stays', async ({ studio, page }) => {
  const section = await studio.settings('Paths and storage');
  const said = page.getByRole('status', { name: 'Explanation' });
  const first = section.getByRole('link').or(section.getByRole('button')).first();
  await expect(section.getByRole('rowheader', { name: 'Database' })).toBeVisible();
  await first.focus();
  await page.keyboard.press('Shift+F1');
  await expect(said).not.toBeEmpty();
  await expect(async () => {
    await page.keyboard.press('ArrowDown');
    await expect(said).toContainText(/^Database: /, { timeout: 100 });
  }).toPass();
  await expect(first).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(said).toBeEmpty();
  await expect(first).toBeFocused();

  // From the palette as well, to a number of a table that leaves it no stop.
  await studio.goTo('Runs');
  const grid = page.getByRole('grid', { name: 'Runs' });
  await expect(grid.getByRole('row').nth(1)).toBeVisible();
  await grid.focus();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('explain what');
  await expect(page.getByRole('option', { name: /^Explain what stands here/ })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(async () => {
    await page.keyboard.press('ArrowRight');
    await expect(said).toContainText('Hits in the first 20', { timeout: 100 });
  }).toPass();
  await page.keyboard.press('Escape');
});

test('a line of the palette that was gone to stays chosen when answers come above it', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Search or run a command' });
  await expect(field).toBeFocused();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await field.fill('lightgcn');
  await field.press('ArrowDown');
  const chosen = page.getByRole('option', { selected: true });
  const name = await chosen.textContent();
  // Runs are asked for a moment after the last key, and stand above models and help.
  await page.clock.runFor(1000);
  await expect(page.getByRole('option', { name: /^Filter runs: model = LightGCN/i })).toBeVisible();
  await expect(chosen).toHaveText(name!);
});
