import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { event, file, scalar } from '../unit/logs/event-files.ts';
import { expect, expectAccessible, keep, ownStudio, test } from './studio.ts';

test.use(ownStudio());

test('runs of another tool are looked at, imported once and marked', async ({ page, studio }) => {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-logs-'));
  for (const [at, name] of ['fusion-a', 'fusion-b'].entries()) {
    mkdirSync(join(folder, name));
    const events = [1, 2, 3].map((step) => event(step, 100 + step, [scalar('valid/Recall@20', step / 8), scalar('accuracy', at)]));
    writeFileSync(join(folder, name, 'events.out.tfevents.1.host'), file(events));
  }
  mkdirSync(join(folder, 'torn'));
  writeFileSync(join(folder, 'torn', 'events.out.tfevents.1.host'), Buffer.alloc(40, 7));

  await studio.goTo('Runs');
  const ask = async () => {
    await page
      .getByRole('button', { name: /^Import runs of other tools|^More$/ })
      .first()
      .click();
    const entry = page.getByRole('menuitem', { name: 'Import runs of other tools…' });
    const dialog = page.getByRole('dialog', { name: 'Import runs of other tools' });
    await expect(entry.or(dialog)).toBeVisible();
    if (await entry.isVisible()) await entry.click();
    await dialog.getByRole('textbox', { name: 'Folder or file of runs' }).fill(folder);
    await dialog.getByRole('button', { name: 'Inspect' }).click();
    return dialog;
  };
  const dialog = await ask();
  await expect(dialog.getByRole('status')).toHaveText('2 runs found, none of them imported before.', { timeout: 60_000 });
  await dialog.getByText('fusion-a', { exact: true }).click();
  await expect(dialog.getByRole('table', { name: 'Metrics of fusion-a' })).toContainText('Recall@20, validation');
  await dialog.getByText('1 run left out').click();
  await expect(dialog.getByText(/torn.*byte 0/)).toBeVisible();
  await expectAccessible(page, 'the preview of an import');
  await keep(page, 'import-runs');
  await dialog.getByRole('textbox', { name: 'List them under the dataset' }).fill('Baby');
  await dialog.getByRole('button', { name: 'Import 2 runs' }).click();
  await expect(dialog).toBeHidden({ timeout: 60_000 });
  await expect(page.getByRole('img', { name: 'imported from TensorBoard' })).toHaveCount(2, { timeout: 60_000 });

  const again = await ask();
  await expect(again.getByRole('status')).toHaveText('2 runs found; all of them are here already.', { timeout: 60_000 });
  await expect(again.getByRole('button', { name: 'Import', exact: true })).toBeDisabled();
  await again.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('link', { name: 'fusion-b' }).click();
  await expect(page.getByRole('heading', { name: 'Imported from TensorBoard', exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('table').filter({ hasText: 'accuracy' })).toContainText('1');
  await expect(page.getByRole('link', { name: 'Clone' })).toHaveCount(0);
  await expectAccessible(page, 'an imported run');
  rmSync(folder, { recursive: true });
});
