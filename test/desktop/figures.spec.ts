import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StudioPage } from '../browser/pages/studio-page.ts';
import { builtApp, expect, launch, test } from './app.ts';
import { root } from './runtime.ts';

test('a figure saved where the person chose is listed with its file, and goes to the trash of the system', async ({ home }) => {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-figures-'));
  const path = join(folder, 'curves.pdf');
  await promisify(execFile)(process.execPath, [join(root, 'test/browser/fill-figures.ts'), home]);
  const { app, page } = await launch(builtApp(), home);
  await app.evaluate(({ dialog, shell }, filePath) => {
    dialog.showSaveDialog = (() => Promise.resolve({ canceled: false, filePath })) as unknown as typeof dialog.showSaveDialog;
    shell.trashItem = () => Promise.resolve();
  }, path);
  await new StudioPage(page).goTo('Export');
  await page.getByRole('link', { name: 'Figure: its curves' }).click();
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.getByRole('img', { name: /Recall@20 over epochs/ })).toBeVisible();
  await preview.getByRole('button', { name: 'Save as…' }).click();
  await expect(page.getByRole('status', { name: 'Messages' })).toContainText(`Saved ${path}`);
  expect(readFileSync(path, 'latin1').slice(0, 5)).toBe('%PDF-');
  await page.getByRole('button', { name: 'Saved exports…' }).click();
  const entry = page.getByRole('list', { name: 'Saved exports' }).getByRole('listitem').filter({ hasText: path });
  await expect(entry).toContainText('Curves of Recall@20');
  await expect(entry).toContainText('Up to date');
  await entry.getByRole('button', { name: `Move ${path} to the system’s trash` }).click();
  await expect(entry).toHaveCount(0);
  expect(existsSync(path)).toBe(true);
  await app.close();
  rmSync(folder, { recursive: true });
});
