import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StudioPage } from '../browser/pages/studio-page.ts';
import { expect, test } from './app.ts';
import { writeDatasetFolder } from './dataset-folder.ts';

test('a folder dropped on the window is opened where it lies, and nothing of it is copied', async ({ avocet: { page } }) => {
  const above = mkdtempSync(join(tmpdir(), 'avocet dropped ü-'));
  try {
    const folder = join(above, 'small');
    writeDatasetFolder(folder);
    const studio = new StudioPage(page);
    await studio.goTo('Queue');
    const session = await page.context().newCDPSession(page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      if (type === 'drop') await expect(page.getByText('Drop to open')).toBeVisible();
      await session.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data: { items: [], files: [folder], dragOperationsMask: 1 } });
    }
    const dialog = page.getByRole('dialog', { name: 'Import dataset' });
    await expect(dialog.getByLabel('Folder or file')).toHaveValue(folder);
    await dialog.getByRole('button', { name: 'Import small' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'small' })).toBeVisible();
  } finally {
    rmSync(above, { recursive: true, force: true });
  }
});
