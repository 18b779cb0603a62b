import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { StudioPage } from '../browser/pages/studio-page.ts';
import { builtApp, choose, expect, launch, test } from './app.ts';
import { writeDatasetFolder } from './dataset-folder.ts';

/** Chooses Quit in the native menu and answers the question that comes with one of its buttons. */
async function quit(app: ElectronApplication, button: string): Promise<void> {
  await app.evaluate(({ dialog }, wanted) => {
    const answer = (...args: unknown[]) => {
      const { buttons } = args.at(-1) as { buttons: readonly string[] };
      return Promise.resolve({ response: buttons.indexOf(wanted), checkboxChecked: false });
    };
    dialog.showMessageBox = answer as unknown as typeof dialog.showMessageBox;
  }, button);
  await choose(app, 'File', 'Quit Avocet');
}

/** Both: Playwright clears up after the process is gone, and the next start is not to fall into that. */
const ended = (app: ElectronApplication): Promise<unknown> =>
  Promise.all([app.waitForEvent('close'), new Promise((resolve) => app.process().once('exit', resolve))]);

test('quitting asks while a run is under way: paused it goes on at the next start, stopped it keeps its best epoch', async ({ home }) => {
  let running = await launch(builtApp(), home);
  let studio = new StudioPage(running.page);
  await studio.startExperiment({ dataset: 'Demo', model: 'LightGCN', epochs: 'endless' });
  await studio.waitForEpochAfter(2);
  const before = await studio.epoch();

  await quit(running.app, 'Cancel');
  await studio.waitForEpochAfter(before);

  let end = ended(running.app);
  await quit(running.app, 'Pause until the next start');
  await end;

  running = await launch(builtApp(), home);
  studio = new StudioPage(running.page);
  await studio.goTo('Queue');
  await studio.waitForEpochAfter(before);
  await studio.goTo('Runs');
  end = ended(running.app);
  await quit(running.app, 'Stop');
  await end;

  running = await launch(builtApp(), home);
  studio = new StudioPage(running.page);
  await studio.goTo('Queue');
  const finished = running.page.getByRole('region', { name: 'Finished today' });
  await expect(finished.getByRole('link', { name: /: stopped, validation/ })).toBeVisible();
  await running.app.close();
});

test('an import goes on when the window is closed, and the app ends with it', async ({ home }) => {
  const source = mkdtempSync(join(tmpdir(), 'avocet-large-'));
  writeDatasetFolder(source);
  const rows = ['userID\titemID\tx_label'];
  for (let user = 0; user < 300_000; user++)
    for (let step = 0; step < 5; step++) rows.push(`${user}\t${(user + step) % 40}\t${Math.max(0, step - 2)}`);
  writeFileSync(join(source, 'small.inter'), `${rows.join('\n')}\n`);
  let running = await launch(builtApp(), home);
  let studio = new StudioPage(running.page);
  await studio.goTo('Datasets');
  await expect(studio.dataset('Demo')).toBeVisible();
  await running.page.keyboard.press('Control+O');
  const dialog = running.page.getByRole('dialog', { name: 'Import dataset' });
  await dialog.getByLabel('Folder or file').fill(source);
  await dialog.getByLabel('Folder or file').press('Enter');
  await dialog.getByLabel('Name', { exact: true }).fill('Large');
  await dialog.getByRole('button', { name: 'Import Large' }).click();
  await expect(dialog.getByRole('progressbar')).toBeVisible();
  const end = ended(running.app);
  await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close());
  await end;

  running = await launch(builtApp(), home);
  studio = new StudioPage(running.page);
  await studio.goTo('Datasets');
  await expect(studio.dataset('Large')).toBeVisible();
  await running.app.close();
  rmSync(source, { recursive: true, force: true });
});
