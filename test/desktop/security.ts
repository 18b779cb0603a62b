/** Electron's security list of the specification, line by line, on a running app: the built one and the packaged one alike. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';
import { expect, test, type RunningApp } from './app.ts';
import { root, runtime } from './runtime.ts';

type Bridge = Record<string, (...given: unknown[]) => Promise<unknown>>;

/** `preload`: the app's own, for a page that is none of its. */
export async function checkSecurity({ app, page }: RunningApp, home: string, preload: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
  await test.step('sandbox, context isolation, web security; no Node, no webview, no insecure content, no experimental or Blink features', () =>
    checkPreferences(app));
  await test.step('the page has neither Node nor raw IPC, and of the preload a few named functions', () => checkNames(page));
  await test.step('only bundled content, from its own scheme', () => checkContent(page));
  await test.step('a strict policy, without unsafe-inline or unsafe-eval', () => checkPolicy(page));
  await test.step('navigation and new windows are refused; https addresses of listed sites alone open in the browser', () =>
    checkNavigation(app, page));
  await test.step('every permission is denied', () => checkPermissions(page));
  await test.step('input of another form is refused, and so are paths that were not given', () => checkInput(page, home));
  await test.step('messages of another page are not answered', () => checkSender(app, preload));
  await test.step('the version of Electron is the one that ships', () => checkVersion(app));
}

async function checkPreferences(app: ElectronApplication): Promise<void> {
  const found = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    const preferences = contents.getLastWebPreferences();
    const wanted = [
      'sandbox',
      'contextIsolation',
      'webSecurity',
      'nodeIntegration',
      'nodeIntegrationInWorker',
      'nodeIntegrationInSubFrames',
    ];
    const more = ['webviewTag', 'allowRunningInsecureContent', 'experimentalFeatures', 'enableBlinkFeatures', 'enablePreferredSizeMode'];
    // What was never asked for may be absent or empty, by the version.
    return Object.fromEntries([...wanted, ...more].map((name) => [name, Boolean(preferences[name])]));
  });
  expect(found).toEqual({
    sandbox: true,
    contextIsolation: true,
    webSecurity: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    enableBlinkFeatures: false,
    enablePreferredSizeMode: false,
  });
}

async function checkNames(page: Page): Promise<void> {
  const names = ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'];
  expect(await page.evaluate((all) => all.filter((name) => name in window), names)).toEqual([]);
  const bridge = await page.evaluate(() =>
    Object.entries((window as unknown as { avocet: object }).avocet).map(([name, value]) => `${name}: ${typeof value}`),
  );
  const given = [
    'chooseFile',
    'chooseFolder',
    'copyText',
    'onCommand',
    'onUpdate',
    'pathOf',
    'requestPort',
    'reveal',
    'saveFile',
    'screenCommands',
    'trash',
    'update',
  ];
  expect(bridge.sort()).toEqual(given.map((name) => `${name}: function`));
}

async function checkContent(page: Page): Promise<void> {
  expect(page.url()).toMatch(/^app:\/\/avocet\/index\.html/);
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  expect(loaded.filter((address) => !/^(?:app:\/\/avocet\/|blob:app:\/\/avocet\/|data:)/.test(address))).toEqual([]);
  const statuses = await page.evaluate(async () => {
    const addresses = [
      'app://avocet/../main/desktop.cjs',
      'app://avocet/%2e%2e/main/desktop.cjs',
      'app://elsewhere/index.html',
      'file:///etc/hostname',
      'http://example.com/',
      'https://example.com/',
    ];
    return Promise.all(
      addresses.map((address) =>
        fetch(address).then(
          ({ status }) => status,
          () => 'refused',
        ),
      ),
    );
  });
  for (const status of statuses) expect([404, 'refused']).toContain(status);
}

async function checkPolicy(page: Page): Promise<void> {
  const answer = await page.evaluate(async () => {
    const { headers } = await fetch('index.html');
    return { policy: headers.get('content-security-policy') ?? '', sniff: headers.get('x-content-type-options') };
  });
  expect(answer.policy).toMatch(/default-src 'none'.*script-src 'self'.*style-src 'self'/);
  expect(answer.policy).not.toMatch(/unsafe-|\*|https?:/);
  expect(answer.sniff).toBe('nosniff');
  const outcome = await page.evaluate(
    () =>
      new Promise<Record<string, boolean>>((resolve) => {
        const marks = window as unknown as { inline?: boolean };
        const script = document.createElement('script');
        script.textContent = 'window.inline = true';
        const style = document.createElement('style');
        style.textContent = 'body { outline: 3px solid red }';
        const text = document.createElement('p');
        text.innerHTML = '<img src="x" onerror="window.inline = true">';
        document.body.append(script, style, text);
        // Once a handler in the markup would have run, and outside the debugger's own evaluation, which the policy does not bind.
        text.firstElementChild!.addEventListener('error', () => {
          let made = true;
          try {
            made = new Function('return true')() as boolean;
          } catch {
            made = false;
          }
          const styled = getComputedStyle(document.body).outlineStyle === 'solid';
          for (const part of [script, style, text]) part.remove();
          resolve({ inline: marks.inline === true, styled, made });
        });
      }),
  );
  expect(outcome).toEqual({ inline: false, styled: false, made: false });
}

async function checkNavigation(app: ElectronApplication, page: Page): Promise<void> {
  await app.evaluate(({ shell }) => {
    const opened: string[] = [];
    Object.assign(globalThis, { opened });
    shell.openExternal = (address: string) => {
      opened.push(address);
      return Promise.resolve();
    };
  });
  const asked = ['https://example.com/', 'http://arxiv.org/', 'https://arxiv.org/abs/2002.02126', 'file:///etc/hostname', 'app://avocet/'];
  expect(await page.evaluate((addresses) => addresses.map((address) => window.open(address) !== null), asked)).toEqual(
    asked.map(() => false),
  );
  for (const address of ['https://example.com/', 'file:///etc/hostname', 'data:text/html,<p>stranger'])
    await page.evaluate((href) => {
      const link = document.createElement('a');
      link.href = href;
      document.body.append(link);
      link.click();
      link.remove();
    }, address);
  await expect
    .poll(() => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened))
    .toEqual(['https://arxiv.org/abs/2002.02126']);
  expect(page.url()).toMatch(/^app:\/\/avocet\//);
  expect(app.windows()).toHaveLength(1);
  expect(
    await page.evaluate(
      () => document.createElement('webview') instanceof HTMLUnknownElement || !('src' in document.createElement('webview')),
    ),
  ).toBe(true);
}

async function checkPermissions(page: Page): Promise<void> {
  const answers = await page.evaluate(async () => {
    const media = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => 'granted',
      () => 'denied',
    );
    const place = await new Promise<string>((resolve) => {
      navigator.geolocation.getCurrentPosition(
        () => resolve('granted'),
        () => resolve('denied'),
      );
    });
    return [media, place, await Notification.requestPermission()];
  });
  expect(answers).toEqual(['denied', 'denied', 'denied']);
}

async function checkInput(page: Page, home: string): Promise<void> {
  const ask = (name: string, ...args: unknown[]) =>
    page.evaluate(
      async ([asked, given]) => {
        const bridge = (window as unknown as { avocet: Bridge }).avocet;
        return bridge[asked]!(...given).then(
          () => 'done',
          (error: Error) => error.message,
        );
      },
      [name, args] as const,
    );
  expect(await ask('reveal', '/etc/passwd')).toMatch(/neither in the data folder nor a place chosen/);
  expect(await ask('reveal', `${home}/../.ssh`)).toMatch(/neither in the data folder/);
  expect(await ask('reveal', 7)).toMatch(/host\.reveal/);
  expect(await ask('trash', '/etc/passwd')).toMatch(/neither in the data folder/);
  expect(await ask('trash', join(home, 'avocet.sqlite'))).toMatch(/a part of the data folder/);
  expect(await ask('saveFile', '../outside.csv')).toMatch(/without folders/);
  expect(await ask('chooseFile', ['*'])).toMatch(/host\.chooseFile/);
  expect(await ask('update', 'install-now')).toMatch(/host\.update/);
  expect(await ask('copyText', { text: 1 })).toMatch(/host\.copyText/);
}

async function checkSender(app: ElectronApplication, script: string): Promise<void> {
  const message = await app.evaluate(async ({ BrowserWindow }, preload) => {
    const stranger = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
    await stranger.loadURL('data:text/html,<p>stranger</p>');
    const answer = (await stranger.webContents.executeJavaScript(
      `Promise.race([
        window.avocet.copyText('x').then(() => 'answered', (error) => error.message),
        new Promise((resolve) => {
          window.addEventListener('message', () => resolve('got a port'));
          window.avocet.requestPort();
        }),
      ])`,
    )) as string;
    stranger.destroy();
    return answer;
  }, script);
  expect(message).toMatch(/own page only/);
}

/** The old runtime of tests is none that ships: what it lacks is said, not passed over. */
async function checkVersion(app: ElectronApplication): Promise<void> {
  const version = await app.evaluate(() => process.versions['electron']);
  expect(version).toBe(runtime().version);
  if (!runtime().isShipped) {
    const description = `supported version: this ring runs on Electron ${version}, which never ships`;
    test.info().annotations.push({ type: 'not checked', description });
    console.log(`not checked: ${description}`);
    return;
  }
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
  expect(version).toBe(devDependencies['electron']);
}
