/** A studio in browser mode on a data folder, and a browser that looks at it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { chromium, type Browser, type Page } from '@playwright/test';
import { inPage } from './in-page.ts';

const root = join(import.meta.dirname, '../../..');

export interface Served {
  /** With the token of a session. */
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function serveHome(home: string): Promise<Served> {
  const child = spawn(process.execPath, [join(root, 'main/cli/avocet.mjs'), 'serve', '--no-open', '--home', home], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own: the command starts another process, and both must end.
    detached: true,
    env: { ...process.env, AVOCET_MEASURE: 'off' },
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const address = await new Promise<string>((done, fail) => {
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => {
      const found = /http:\/\/\S+token=[\w-]+/.exec((output += bytes.toString()));
      if (found !== null) done(found[0]);
    });
    child.once('exit', (code) => fail(new Error(`avocet serve ended with ${code} before it had an address`)));
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGTERM');
    await ended;
  };
  return { address, pid: child.pid!, stop };
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['AVOCET_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--js-flags=--expose-gc',
    ],
  });
}

/** A page of the studio with the instruments of in-page.ts. */
export async function openPage(browser: Browser, address: string, hash: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(inPage);
  await page.goto(`${address}${hash}`);
  return page;
}
