import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { StudioPage } from './pages/studio-page.ts';

export const root = resolve(import.meta.dirname, '../..');

export interface Server {
  /** With the token; opens the page once, a cookie does the rest. */
  readonly address: string;
  readonly home: string;
  /** Ends it as a power cut would, or as a person does. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts the studio in browser mode on a data folder. Port 0 takes a free one. */
export async function serve(home: string, port = 0, more: Readonly<Record<string, string>> = {}): Promise<Server> {
  const child = spawn(process.execPath, [join(root, 'main/cli/avocet.mjs'), 'serve', '--no-open', '--port', String(port), '--home', home], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Figures of a busy machine would choose the device of the tests; one test asks for them.
    env: { ...process.env, AVOCET_MEASURE: 'off', ...more },
    // A group of its own: the command starts another process, and both must end.
    detached: true,
  });
  const address = await new Promise<string>((done, fail) => {
    let output = '';
    const take = (bytes: Buffer) => {
      output += bytes.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(output);
      if (found !== null) done(found[0]);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('exit', (code) => fail(new Error(`avocet serve ended with ${code} before it had an address:\n${output}`)));
  });
  return { address, home, stop: (signal = 'SIGTERM') => ended(child, signal) };
}

/** A command of the terminal on the same data folder. Resolves with its standard output; a problem rejects with its standard error. */
export async function avocet(home: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'main/cli/avocet.mjs'), ...args, '--home', home], {
    cwd: root,
    timeout: 600_000,
  });
  return stdout;
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once('exit', () => done());
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  });
}

interface Fixtures {
  /** The page, opened and connected. */
  readonly studio: StudioPage;
}

interface Shared {
  /** Fills the data folder before the studio opens it; see {@link ownStudio}. */
  readonly fill: (home: string) => Promise<void>;
  /** What its environment says besides. */
  readonly env: Readonly<Record<string, string>>;
  /** One studio for all tests of a file that runs in one worker; its data folder goes with it. */
  readonly server: Server;
}

export const test = base.extend<Fixtures, Shared>({
  // Playwright takes a bare function for the fixture itself, so the value is handed over with use.
  fill: [({}, use) => use(() => Promise.resolve()), { option: true, scope: 'worker' }],
  env: [{}, { option: true, scope: 'worker' }],
  server: [
    async ({ fill, env }, use) => {
      const home = mkdtempSync(join(tmpdir(), 'avocet-browser-'));
      await fill(home);
      const server = await serve(home, 0, env);
      await use(server);
      await server.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 10 });
    },
    // What fills the folder counts in this time.
    { scope: 'worker', timeout: 1_200_000 },
  ],
  studio: async ({ page, server }, use) => {
    const refused: string[] = [];
    page.on('console', (message) => void (message.text().includes('Content Security Policy') && refused.push(message.text())));
    await page.goto(server.address);
    await expect(page.getByRole('contentinfo')).toContainText('Data:', { timeout: 60_000 });
    await use(new StudioPage(page));
    expect(refused, 'The policy of the page refused something of its own').toEqual([]);
  },
});

/** For `test.use`: a studio of the file's own, on a data folder that is filled first. Playwright tells studios apart by the function. */
export function ownStudio(fill: (home: string) => unknown = () => undefined): Parameters<typeof test.use>[0] {
  return { fill: [({}, use) => use(async (home) => void (await fill(home))), { scope: 'worker' }] };
}

/** The same, filled by a script of this folder in a process of its own. */
export function filledBy(script: `fill-${string}.ts`, ...args: readonly string[]): Parameters<typeof test.use>[0] {
  return ownStudio((home) => promisify(execFile)(process.execPath, [join(root, 'test/browser', script), home, ...args]));
}

/** Saves the screen as an artefact of the test, named by screen and theme. */
export async function keep(page: Page, name: string): Promise<void> {
  const body = await page.screenshot({ path: join(root, 'test-results/screens', `${name}.png`) });
  await test.info().attach(name, { body, contentType: 'image/png' });
}

/**
 * Nothing serious or critical by axe on what is shown, by all rules or by these. Where something is found it is read again, up to
 * twice: the screen may have been read between two states. The clock has no say, since axe takes its time on a busy machine.
 */
export async function expectAccessible(page: Page, what: string, rules?: readonly string[]): Promise<void> {
  let found = await graveViolations(page, rules);
  for (let again = 0; again < 2 && found.length > 0; again++) found = await graveViolations(page, rules);
  expect(found, what).toEqual([]);
}

/** A theme changes colours and nothing else, so that the dark one is read by these alone. */
export const colourRules = ['color-contrast', 'link-in-text-block'];

export async function expectAccessibleInBoth(page: Page, what: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    await expectAccessible(page, `${what}, ${theme}`, theme === 'dark' ? colourRules : undefined);
  }
}

async function graveViolations(page: Page, rules: readonly string[] | undefined): Promise<readonly string[]> {
  const axe = new AxeBuilder({ page });
  const chosen =
    rules === undefined
      ? axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      : axe.withRules([...rules]);
  const { violations } = await chosen.analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** Everything the screen loads is there. Its grey bars are counted from their start, before they are drawn. */
export async function expectLoaded(page: Page): Promise<void> {
  const bars = page.getByRole('status', { name: /^(?:Loading|Making|Looking|Reading)/, includeHidden: true });
  await expect(bars).toHaveCount(0, { timeout: 60_000 });
}

/** Chooses a theme for the page without touching the settings of the data folder. */
export async function inTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
}

export { expect };
