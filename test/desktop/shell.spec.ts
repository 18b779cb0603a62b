import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import type { ElectronApplication } from '@playwright/test';
import { StudioPage } from '../browser/pages/studio-page.ts';
import { builtApp, choose, commandsOf, expect, launch, test } from './app.ts';
import { root } from './runtime.ts';
import { checkSecurity } from './security.ts';

test('the security list of the specification holds, line by line', async ({ avocet, home }) => {
  await checkSecurity(avocet, home, join(root, 'out', 'preload', 'index.cjs'));
});

test('dialogs open in main, and what the person chose becomes known to the page', async ({ avocet: { app, page } }) => {
  const place = mkdtempSync(join(tmpdir(), 'avocet chosen ü-'));
  await app.evaluate(({ dialog, shell }, folder) => {
    dialog.showOpenDialog = (() => Promise.resolve({ canceled: false, filePaths: [folder] })) as unknown as typeof dialog.showOpenDialog;
    shell.showItemInFolder = () => undefined;
    shell.trashItem = () => Promise.resolve();
  }, place);
  const path = await page.evaluate(async () => {
    const bridge = (window as unknown as { avocet: Record<string, (path?: string) => Promise<string>> }).avocet;
    const chosen = await bridge['chooseFolder']!();
    await bridge['reveal']!(chosen);
    await bridge['trash']!(chosen);
    return chosen;
  });
  expect(path).toBe(place);
  rmSync(place, { recursive: true });
  const revealed = page.evaluate(
    (chosen) => (window as unknown as { avocet: { reveal(path: string): Promise<void> } }).avocet.reveal(chosen),
    place,
  );
  await expect(revealed).rejects.toThrow(/not there any more/);
});

test('the native menu holds the commands, and the page obeys them', async ({ avocet: { app, page } }) => {
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
  await choose(app, 'File', 'Import dataset…');
  await expect(page.getByRole('dialog', { name: 'Import dataset' })).toBeVisible();
});

/** Starts the app once more on the folder, as the system does for a link; the first one takes it. */
async function startAgain(home: string, link: string): Promise<void> {
  const { executablePath, args } = builtApp();
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const second = spawn(executablePath, [...args, ...asRoot, '--disable-gpu', link], {
    env: { ...process.env, AVOCET_HOME: home },
    stdio: 'ignore',
  });
  expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0);
}

test('a link to the view is copied from the native menu, and a second start opens that very view', async ({
  avocet: { app, page },
  home,
}) => {
  const studio = new StudioPage(page);
  await studio.goTo('Runs');
  const present = () => page.evaluate(() => location.hash);
  await page.evaluate(() => void (location.hash = '#/export?format=latex&note=%C3%BC+(a)'));
  const copied = () => app.evaluate(({ clipboard }) => clipboard.readText());
  const copy = async () => {
    await app.evaluate(({ clipboard }) => clipboard.clear());
    await choose(app, 'File', 'Copy a link to this view');
    await expect.poll(copied).not.toBe('');
    return copied();
  };
  const link = await copy();
  expect(link).toBe('avocet://export?format=latex&note=%C3%BC+(a)');
  await studio.goTo('Runs');
  await expect.poll(copy).toMatch(/^avocet:\/\/runs\?table=/);
  await startAgain(home, link);
  await expect(page.getByRole('heading', { level: 1, name: 'Export' })).toBeVisible();
  expect(await present()).toBe('#/export?format=latex&note=%C3%BC+(a)');
  await startAgain(home, 'avocet://run/no-such-run');
  await expect(page.getByRole('alert').first()).toContainText(/no-such-run/);
  await startAgain(home, 'avocet://<nothing>');
  await expect(page.getByRole('heading', { level: 1, name: 'Unknown page' })).toBeVisible();
});

test('the native menu does what keys do where the focus is', async ({ avocet: { app, page } }) => {
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
  const region = () => page.evaluate(() => document.activeElement?.closest('[data-region]')?.getAttribute('data-region'));
  await page.getByRole('link', { name: /to Datasets/ }).focus();
  await choose(app, 'Go', 'Next region of the window');
  await expect.poll(region).toBe('rail');
  await choose(app, 'Go', 'Previous region of the window');
  await expect.poll(region).toBe('top');
  await choose(app, 'File', 'Export the table');
  await expect(page.getByRole('heading', { level: 1, name: 'Export' })).toBeVisible();
  await new StudioPage(page).goTo('Runs');
  await expect
    .poll(() => commandsOf(app, 'Screen'))
    .toEqual(expect.arrayContaining(['Select the row', 'Move to the trash', 'Filter the runs']));
});

test('a file that the system opens with the app is shown, listed in the native menu and opened from there again', async ({
  avocet: { app, page },
  home,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'avocet opened ü-'));
  try {
    const file = join(folder, 'a sweep.yaml');
    writeFileSync(file, 'name: From a file\ndatasets: [Demo]\nmodels:\n  - model: lightgcn\nseeds: [4, 5]\n');
    await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
    await startAgain(home, file);
    const question = page.getByRole('textbox', { name: 'Question of the experiment' });
    await expect(page.getByText('Nothing was started')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1, name: 'New experiment' })).toBeVisible();
    await new StudioPage(page).goTo('Queue');
    const entry = `a sweep.yaml (${folder})`;
    await expect.poll(() => commandsOf(app, 'File', 'Open recent')).toEqual([entry, '', 'Clear the list']);
    await choose(app, 'File', 'Open recent', entry);
    await expect(question).toBeVisible();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('one app runs per data folder: a second start brings the first forward and shows what its link names', async ({
  avocet: { page },
  home,
}) => {
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
  await startAgain(home, 'avocet://queue');
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
});

test('the window comes back where it was, and whole when its screen is gone', async ({ home }) => {
  const place = { x: 120, y: 80, width: 1200, height: 760 };
  const started = async (look: (app: ElectronApplication) => Promise<void>) => {
    const { app } = await launch(builtApp(), home);
    try {
      await look(app);
    } finally {
      await app.close();
    }
  };
  const bounds = (app: ElectronApplication) => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getNormalBounds());
  await started(async (app) => {
    await app.evaluate(({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]!.setBounds(wanted), place);
    await expect.poll(() => bounds(app)).toEqual(place);
  });
  await started((app) => expect.poll(() => bounds(app)).toEqual(place));
  writeFileSync(join(home, 'window.json'), JSON.stringify({ ...place, x: 9000, isMaximised: false }));
  await started(async (app) => {
    const right = await app.evaluate(({ screen }) => Math.max(...screen.getAllDisplays().map(({ bounds }) => bounds.x + bounds.width)));
    const reach = async () => {
      const { x, width } = await bounds(app);
      return x + width;
    };
    await expect.poll(reach).toBeLessThanOrEqual(right);
  });
});
