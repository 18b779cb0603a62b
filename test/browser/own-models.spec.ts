import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { NewExperimentPage } from './pages/new-experiment.ts';
import { expect, expectAccessible, inTheme, keep, test } from './studio.ts';

test('a model of one’s own is written, chosen, and broken says where', async ({ page, studio, server }) => {
  const form = new NewExperimentPage(page);
  await studio.goTo('New experiment');
  await form.what.getByRole('button', { name: 'Add a model' }).click();
  const dialog = page.getByRole('dialog', { name: 'A model of your own' });
  await dialog.getByLabel('Name').fill('My model');
  await dialog.getByRole('button', { name: 'Write the folder' }).click();
  await expect(dialog).toContainText('"My model" is no name for a model');
  await dialog.getByLabel('Name').fill('my-model');
  await dialog.getByRole('button', { name: 'Write the folder' }).click();
  const folder = join(server.home, 'models', 'my-model');
  await expect(dialog.getByRole('status')).toContainText(folder);
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    await keep(page, `own-model-${theme}`);
    await expectAccessible(page, `a model of one's own, ${theme}`);
  }
  await page.keyboard.press('Escape');
  // It is compiled and tried in a process of its own.
  await expect(form.model('My Model')).toBeVisible({ timeout: 60_000 });
  await form.choose(['My Model']);
  await expect.poll(() => form.rows()).toEqual(['My Model']);

  appendFileSync(join(folder, 'card.ts'), 'export const more = ;\n');
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  const own = form.what.getByRole('group', { name: 'Models of your own' });
  await expect(own).toContainText('cannot be used', { timeout: 60_000 });
  await expect(own).toContainText(/my-model\/card\.ts:\d+/);
});
