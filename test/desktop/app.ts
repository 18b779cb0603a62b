import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, test as base, type ElectronApplication, type Page } from '@playwright/test';
import { linkedFolder, root, runtime } from './runtime.ts';

export interface RunningApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** What main and its workers wrote, for the report of a failed test. */
  output(): string;
}

/** Command lines that start the built app, and the packaged test build. */
export interface StartLine {
  readonly executablePath: string;
  readonly args: readonly string[];
}

export function builtApp(): StartLine {
  const { folder, isShipped } = runtime();
  return isShipped
    ? { executablePath: join(folder, 'electron'), args: [root] }
    : { executablePath: join(linkedFolder, 'electron'), args: [] };
}

/** Starts the app on a data folder and waits for its window's page. */
export async function launch({ executablePath, args }: StartLine, home: string): Promise<RunningApp> {
  // Chromium's sandbox refuses the root user, which CI is; the sandbox settings of the page are asserted all the same.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const { AVOCET_HOME: _home, ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, LANGUAGE: _language, ...env } = process.env;
  const app = await _electron.launch({
    executablePath,
    args: [...args, ...asRoot, '--disable-gpu'],
    // The page begins in the language of the system.
    env: { ...(env as Record<string, string>), LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', AVOCET_HOME: home, AVOCET_MEASURE: 'off' },
    timeout: 120_000,
  });
  let output = '';
  for (const stream of [app.process().stdout, app.process().stderr]) {
    stream?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  }
  const page = await app.firstWindow();
  // The window exists before its page; what is asked of it earlier would be lost with the empty one.
  await page.waitForURL(/^app:\/\/avocet\//);
  return { app, page, output: () => output };
}

/** Chooses a command of the native menu, as a person does who opens it: the label of the menu, of a menu within, of the command. */
export const choose = (app: ElectronApplication, ...labels: readonly string[]): Promise<void> =>
  app.evaluate(({ Menu }, path) => {
    let items = Menu.getApplicationMenu()!.items;
    for (const label of path.slice(0, -1)) items = items.find((item) => item.label === label)!.submenu!.items;
    items.find((item) => item.label === path.at(-1))!.click();
  }, labels);

/** What a menu of the native one holds, nothing where it is not there. */
export const commandsOf = (app: ElectronApplication, ...labels: readonly string[]): Promise<string[]> =>
  app.evaluate(({ Menu }, path) => {
    let items = Menu.getApplicationMenu()!.items;
    for (const label of path) items = items.find((item) => item.label === label)?.submenu?.items ?? [];
    return items.map(({ label }) => label);
  }, labels);

interface Fixtures {
  /** A data folder of its own, gone after the test. */
  readonly home: string;
  readonly avocet: RunningApp;
}

/** Tests with a started app; its output is attached where a test fails. */
export const test = base.extend<Fixtures>({
  home: async ({}, use) => {
    const home = mkdtempSync(join(tmpdir(), 'avocet-desktop-'));
    await use(home);
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  },
  avocet: async ({ home }, use, info) => {
    const running = await launch(builtApp(), home);
    await use(running);
    if (info.status !== info.expectedStatus) await info.attach('output of the app', { body: running.output(), contentType: 'text/plain' });
    await running.app.close();
  },
});
export { expect } from '@playwright/test';
