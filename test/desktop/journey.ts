import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { StudioPage } from '../browser/pages/studio-page.ts';
import { expect, launch, test, type RunningApp, type StartLine } from './app.ts';
import { writeDatasetFolder } from './dataset-folder.ts';

/** Process ids of the workers that the system shows under a name starting with "run-". */
async function workerPids(app: ElectronApplication): Promise<readonly number[]> {
  return app.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .filter(({ type, name, serviceName }) => type === 'Utility' && `${name} ${serviceName}`.includes('run-'))
      .map(({ pid }) => pid),
  );
}

/** The app follows its studio's status, which comes once a second. Ids of power-save blockers are small numbers in the order they were made. */
async function expectKeptAwake(app: ElectronApplication, isAwake: boolean): Promise<void> {
  await expect
    .poll(() =>
      app.evaluate(({ powerSaveBlocker }) => Array.from({ length: 100 }, (_, id) => id).some((id) => powerSaveBlocker.isStarted(id))),
    )
    .toBe(isAwake);
}

/** What the desktop app must survive: start, import, train, a killed worker, a restart in the middle; the table is there at the end. */
export async function smoke(start: StartLine, home: string): Promise<void> {
  let running: RunningApp = await launch(start, home);
  let studio = new StudioPage(running.page);
  const source = mkdtempSync(join(tmpdir(), 'avocet-source-'));
  try {
    await test.step('the demo dataset is there at first start', async () => {
      await studio.goTo('Datasets');
      await expect(studio.dataset('Demo')).toBeVisible({ timeout: 60_000 });
    });

    await test.step('a folder chosen in the native dialog becomes a dataset', async () => {
      writeDatasetFolder(source);
      await running.app.evaluate(({ dialog }, folder) => {
        dialog.showOpenDialog = (() =>
          Promise.resolve({ canceled: false, filePaths: [folder] })) as unknown as typeof dialog.showOpenDialog;
      }, source);
      await studio.importDataset('Small', (dialog) => dialog.getByRole('button', { name: 'Choose folder' }).click());
    });

    await test.step('a run on the demo draws its curves', async () => {
      await studio.startExperiment({ dataset: 'Demo', model: 'LightGCN', epochs: 'endless' });
      await studio.waitForEpochAfter(2);
      for (const what of ['loss', 'Recall@20']) {
        const curve = studio.runningCard().getByRole('img', { name: new RegExp(what) });
        await expect(curve.locator('canvas, svg').first()).toBeVisible();
      }
    });

    await test.step('the machine is kept awake meanwhile', async () => {
      await expectKeptAwake(running.app, true);
    });

    await test.step('a killed worker goes on from its checkpoint', async () => {
      await expect.poll(() => workerPids(running.app)).toHaveLength(1);
      const pids = await workerPids(running.app);
      process.kill(pids[0]!, 'SIGKILL');
      await expect.poll(() => workerPids(running.app), { timeout: 60_000 }).not.toEqual(pids);
      const before = await studio.epoch();
      await studio.waitForEpochAfter(before);
    });

    await test.step('a paused run goes on when resumed', async () => {
      const card = studio.runningCard();
      await card.getByRole('button', { name: 'Pause', exact: true }).click();
      const resume = card.getByRole('button', { name: 'Resume' });
      await expect(resume).toBeVisible({ timeout: 60_000 });
      await expectKeptAwake(running.app, false);
      const before = await studio.epoch();
      await resume.click();
      await studio.waitForEpochAfter(before);
    });

    await test.step('a restarted app goes on with the run, which is stopped with its best epoch kept', async () => {
      const before = await studio.epoch();
      await running.app.close();
      running = await launch(start, home);
      studio = new StudioPage(running.page);
      await studio.goTo('Queue');
      await studio.waitForEpochAfter(before);
      await expectKeptAwake(running.app, true);
      await studio.stopRun();
      await expectKeptAwake(running.app, false);
    });

    await test.step('a run ends by itself, and a restarted app has its table', async () => {
      await studio.startExperiment({ dataset: 'Demo', model: 'LightGCN', epochs: 3 });
      const finished = running.page.getByRole('region', { name: 'Finished today' });
      await expect(finished.getByRole('link', { name: /^LightGCN on Demo, seed 1: validation/ })).toBeVisible({ timeout: 120_000 });
      await running.app.close();
      running = await launch(start, home);
      studio = new StudioPage(running.page);
      await studio.goTo('Export');
      await expect(running.page.getByRole('table').first()).toContainText(/LightGCN[^]*0\.\d{4}/);
      await studio.goTo('Runs');
      await expect(running.page.getByRole('row', { name: /LightGCN/ })).toHaveCount(2);
    });
  } catch (error) {
    await test.info().attach('output of the app', { body: running.output(), contentType: 'text/plain' });
    throw error;
  } finally {
    await running.app.close();
    rmSync(source, { recursive: true, force: true, maxRetries: 10 });
  }
}
