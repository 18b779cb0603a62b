import type { ElectronApplication } from '@playwright/test';
import { StudioPage } from '../browser/pages/studio-page.ts';
import { builtApp, choose, expect, launch, test } from './app.ts';

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

test('quitting asks while a run is under way: paused it goes on at the next start, stopped it keeps its best epoch', async ({ home }) => {
  let running = await launch(builtApp(), home);
  let studio = new StudioPage(running.page);
  await studio.startExperiment({ dataset: 'Demo', model: 'LightGCN', epochs: 'endless' });
  await studio.waitForEpochAfter(2);
  const before = await studio.epoch();

  await quit(running.app, 'Cancel');
  await studio.waitForEpochAfter(before);

  // Both: Playwright clears up after the process is gone, and the next start is not to fall into that.
  const ended = () =>
    Promise.all([running.app.waitForEvent('close'), new Promise((resolve) => running.app.process().once('exit', resolve))]);
  let end: Promise<unknown> = ended();
  await quit(running.app, 'Pause until the next start');
  await end;

  running = await launch(builtApp(), home);
  studio = new StudioPage(running.page);
  await studio.goTo('Queue');
  await studio.waitForEpochAfter(before);
  await studio.goTo('Runs');
  end = ended();
  await quit(running.app, 'Stop');
  await end;

  running = await launch(builtApp(), home);
  studio = new StudioPage(running.page);
  await studio.goTo('Queue');
  const finished = running.page.getByRole('region', { name: 'Finished today' });
  await expect(finished.getByRole('link', { name: /: stopped, validation/ })).toBeVisible();
  await running.app.close();
});
