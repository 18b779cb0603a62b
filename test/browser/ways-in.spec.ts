import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { writeDatasetFolder } from '../desktop/dataset-folder.ts';
import { endless } from './pages/epoch.ts';
import { QueuePage } from './pages/queue-page.ts';
import { StudioPage } from './pages/studio-page.ts';
import { avocet, expect, keep, ownStudio, serve, test } from './studio.ts';

// Other ways into the same studio: an import, the keyboard, its settings, a second tab, the command line, a restart. In one order, on
// one data folder: the last run started is the one that lives through the restart.
test.describe.configure({ mode: 'serial' });
test.use(ownStudio());

const statusBar = (page: Page) => page.getByRole('contentinfo');

test('an import asks what to do with repeats; a broken folder says where and how', async ({ studio, page }) => {
  const source = mkdtempSync(join(tmpdir(), 'avocet-source-'));
  writeDatasetFolder(source);
  appendFileSync(join(source, 'small.inter'), '0\t0\t0\n');
  await studio.importDataset('With repeats', async (dialog) => {
    await dialog.getByLabel('Folder or file').fill(source);
    await dialog.getByRole('button', { name: 'Inspect' }).click();
    const choice = dialog.getByRole('group', { name: /repeat/ });
    await expect(choice).toContainText('1');
    await choice.getByRole('radio').first().check();
    await keep(page, 'journey-import-choice');
  });
  appendFileSync(join(source, 'small.inter'), '3\t4000\t0\n');
  await page.getByRole('button', { name: 'Import dataset' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Import dataset' });
  await dialog.getByLabel('Folder or file').fill(source);
  await dialog.getByRole('button', { name: 'Inspect' }).click();
  await expect(dialog.getByText(/small\.inter:\d+/).first()).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Import/ })).toBeDisabled();
  await keep(page, 'journey-import-broken');
  rmSync(source, { recursive: true });
});

test('a run is started with the keyboard alone', async ({ page, studio }) => {
  await studio.goTo('Datasets');
  const focused = () =>
    page.evaluate(() =>
      document.activeElement instanceof HTMLElement
        ? `${document.activeElement.ariaLabel ?? ''} ${document.activeElement.innerText}`.trim()
        : '',
    );
  const tabTo = async (name: RegExp) => {
    for (let press = 0; press < 120 && !name.test(await focused()); press++) await page.keyboard.press('Tab');
    await expect.poll(focused).toMatch(name);
  };
  await page.keyboard.press('Alt+2');
  // Before the lists are there, there is nothing to walk through.
  await expect(page.getByRole('button', { name: 'Clear' })).toBeVisible({ timeout: 60_000 });
  await tabTo(/^Clear/);
  await page.keyboard.press('Enter');
  await tabTo(/^BPR/);
  await page.keyboard.press('Space');
  await tabTo(/^Unlock/);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Epochs, at most')).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('2');
  const start = page.getByRole('button', { name: /^Start 3 runs · about/ });
  await expect(start).toBeEnabled({ timeout: 60_000 });
  await tabTo(/^Start 3 runs/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  await new QueuePage(page).waitUntilIdle(120_000);
});

test('settings: what the devices answer, a theme, and how many runs at once', async ({ studio, page }) => {
  await studio.settings('Compute');
  for (const device of ['wasm', 'cpu', 'tensorflow'])
    await expect(page.getByRole('listitem').filter({ hasText: new RegExp(`^\\s*${device}\\b`) })).toContainText(/ready|not available/, {
      timeout: 60_000,
    });
  await studio.settings('Queue');
  await page.getByLabel('Slots of Processor').fill('2');
  await page.getByLabel('Slots of Processor').press('Tab');
  await studio.goTo('Queue');
  await expect(page.getByRole('radio', { name: '2', exact: true })).toBeChecked();
  await page.getByRole('radio', { name: '1', exact: true }).check({ force: true });
  await studio.settings('Queue');
  await expect(page.getByLabel('Slots of Processor')).toHaveValue('1');
  await studio.settings('Appearance');
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
  const first = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--series-1').trim());
  const usual = await first();
  await page.getByRole('radio', { name: 'For any colour vision' }).check({ force: true });
  await expect.poll(first).not.toBe(usual);
  await page.getByRole('radio', { name: 'Standard' }).check({ force: true });
  await expect.poll(first).toBe(usual);
  await page.getByRole('radio', { name: 'System' }).check({ force: true });
});

test('a second tab and the command line see and do the same', async ({ studio, page, context, server }) => {
  const second = new StudioPage(await context.newPage());
  await second.page.goto(new URL('/#/queue', server.address).href);
  await expect(statusBar(second.page)).toContainText('Data:');
  await studio.goTo('Queue');
  const long = ['--epochs', String(endless), '--min-epochs', String(endless)];
  const command = avocet(server.home, 'run', '--dataset', 'demo', '--model', 'bpr', '--seed', '11', ...long, '--json');
  const started = 'BPR on Demo, seed 11';
  for (const tab of [page, second.page])
    await expect(new QueuePage(tab).card(started)).toContainText(/Epoch\s*[\d,]+ of ≤ 100,000/, { timeout: 120_000 });
  // Stopped in one tab, it has ended in the other and in the terminal.
  await new QueuePage(second.page).card(started).getByRole('button', { name: 'Stop', exact: true }).click();
  const answer = JSON.parse(await command) as { runs: { id: string; status: string }[] };
  expect(answer.runs.map((run) => run.status)).toEqual(['stopped']);
  await expect(new QueuePage(page).finished.getByRole('link', { name: new RegExp(`^${started}: stopped, validation`) })).toBeVisible();

  // And the other way round: what the window starts, the terminal lists while it runs.
  await studio.startExperiment({ dataset: 'Demo', model: 'BPR', epochs: 'endless' });
  await studio.waitForEpochAfter(0);
  const listed = JSON.parse(await avocet(server.home, 'runs', '--filter', 'status = running', '--json')) as {
    runs: { model: string; status: string }[];
  };
  expect(listed.runs).toMatchObject([{ model: 'bpr', status: 'running' }]);
  await expect(new QueuePage(second.page).card('BPR on Demo, seed 1')).toBeVisible();

  // What is changed without a run coming or going is there too: a view that is saved.
  await second.goTo('Runs');
  await studio.goTo('Runs');
  await page.getByRole('button', { name: 'Save view', exact: true }).click();
  const naming = page.getByRole('dialog', { name: 'Save this view' });
  await naming.getByLabel('Name of the view').fill('From the first tab');
  await naming.getByRole('button', { name: 'Save view' }).click();
  const views = (tab: Page) => tab.getByRole('navigation', { name: 'Views of the runs table' });
  await views(second.page).getByRole('button', { name: 'From the first tab' }).click();
  await second.page.close();
  // It is one of the things to export.
  await studio.goTo('Export');
  await page.getByRole('navigation', { name: 'What to export' }).getByRole('link', { name: 'Runs view: From the first tab' }).click();
  await expect(views(page).getByRole('button', { name: 'From the first tab' })).toHaveAttribute('aria-current', 'true');
});

test('the studio is killed and started again: the page says so, finds it and the run goes on', async ({ browser, server }) => {
  const port = Number(new URL(server.address).port);
  const page = await browser.newPage();
  await page.goto(`${server.address}#/queue`);
  const studio = new StudioPage(page);
  await studio.waitForEpochAfter(0);
  await server.stop('SIGKILL');
  await expect(page.getByRole('alert')).toContainText('The connection to the studio is lost', { timeout: 60_000 });
  const before = await studio.epoch();
  const again = await serve(server.home, port);
  try {
    await page.getByLabel('Address or token').fill(again.address);
    await page.getByRole('button', { name: 'Open with this token' }).click();
    await expect(page.getByRole('alert')).toHaveCount(0);
    await studio.goTo('Queue');
    await studio.waitForEpochAfter(before);
    await studio.stopRun();
    await new QueuePage(page).waitUntilIdle(60_000);
  } finally {
    await page.close();
    await again.stop();
  }
});
