/**
 * From the start of the program to the first list painted, in browser mode and in the app on the Electron of the desktop ring. Cold: a
 * browser or an app that never saw the page (no compiled code, nothing kept), and none of the program's files in memory where the system
 * can let them go. Warm: the same once more. The mark the page sets by itself says when (renderer/state/first-list.ts).
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { median } from '#stats/median.ts';
import { builtApp, launch } from '#test/desktop/app.ts';
import prepareRuntime from '#test/desktop/prepare-runtime.ts';
import { root, runtime } from '#test/desktop/runtime.ts';
import { fixedWork, timed } from './fixed-work.ts';
import { writeRuns } from './many-runs.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '10000' },
    /** A folder to write the runs into once; measuring then starts at once. */
    home: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** Goals of the studio on the reference workstation, ms; on another machine they are a bearing, not a verdict. */
const goals = { cold: 2000, warm: 800, switch: 100 };
const screens = ['datasets', 'runs', 'compare', 'queue', 'new'] as const;
const times = new Map<string, { goalMs: number; all: number[] }>();

function note(work: string, goalMs: number, ms: number): void {
  const known = times.get(work) ?? { goalMs, all: [] };
  known.all.push(ms);
  times.set(work, known);
}

/** Lets the system forget the files of the program; another program that has them open may keep them. */
function letGo(folders: readonly string[]): void {
  for (const folder of folders) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of files) {
      try {
        execFileSync('dd', [`if=${join(parentPath, name)}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
      } catch {
        return;
      }
    }
  }
}

/** When the first list was painted, UTC milliseconds. */
async function listPainted(page: Page): Promise<number> {
  await page.waitForFunction(() => performance.getEntriesByName('avocet:first-list').length > 0, undefined, { timeout: 60_000 });
  return page.evaluate(() => performance.timeOrigin + performance.getEntriesByName('avocet:first-list')[0]!.startTime);
}

/** From the page's own request to its first list, milliseconds. */
function pageTime(page: Page): Promise<number> {
  return page.evaluate(() => performance.getEntriesByName('avocet:first-list')[0]!.startTime);
}

/** From a click in the rail until the screen has its heading and no grey bars, painted; once to load its code, then as it is used. */
async function switches(page: Page, shell: string): Promise<void> {
  for (const turn of [0, 1, 2]) {
    for (const screen of screens) {
      const ms = await page.evaluate(async (to) => {
        const started = performance.now();
        location.hash = `#/${to}`;
        const isThere = () =>
          document.querySelector(`nav a[href="#/${to}"][aria-current="page"]`) !== null &&
          document.querySelector('main h1') !== null &&
          document.querySelector('main [role="status"][aria-label^="Loading"]') === null;
        do await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
        while (!isThere() && performance.now() - started < 20_000);
        return performance.now() - started;
      }, screen);
      if (turn > 0) note(`${shell}: switch to ${screen}`, goals.switch, ms);
    }
  }
}

async function browserStart(context: BrowserContext, home: string, work: string, goalMs: number): Promise<void> {
  const started = Date.now();
  const child = spawn(process.execPath, [join(root, 'main/cli/avocet.mjs'), 'serve', '--no-open', '--home', home], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
    env: { ...process.env, AVOCET_MEASURE: 'off' },
  });
  try {
    const address = await new Promise<string>((done) => {
      let output = '';
      child.stdout.on('data', (bytes: Buffer) => {
        const found = /http:\/\/\S+token=[\w-]+/.exec((output += bytes.toString()));
        if (found !== null) done(found[0]);
      });
    });
    note(`${work}: address printed`, goalMs, Date.now() - started);
    const page = await context.newPage();
    await page.goto(`${address}#/runs`);
    note(work, goalMs, (await listPainted(page)) - started);
    note(`${work}: of it the page`, goalMs, await pageTime(page));
    if (work.includes('warm')) await switches(page, 'browser');
    await page.close();
  } finally {
    const ended = new Promise((done) => child.once('exit', done));
    process.kill(-child.pid!, 'SIGTERM');
    await ended;
  }
}

async function appStart(home: string, work: string, goalMs: number): Promise<void> {
  const started = Date.now();
  const line = builtApp();
  const { app, page } = await launch({ ...line, args: [...line.args, 'avocet://runs'] }, home);
  try {
    note(work, goalMs, (await listPainted(page)) - started);
    note(`${work}: of it the page`, goalMs, await pageTime(page));
    if (work.includes('warm')) await switches(page, 'app');
  } finally {
    await app.close();
  }
}

const kept = values.home ?? mkdtempSync(join(tmpdir(), 'avocet-bench-start-'));
try {
  if (!existsSync(join(kept, 'avocet.sqlite'))) writeRuns(kept, Number(values.runs));
  if (values.only !== 'browser') prepareRuntime();
  let browser: Browser | undefined;
  const fixed: number[] = [];
  const feel = async () => void fixed.push(await timed(fixedWork));
  for (let round = 0; round < Number(values.rounds); round++) {
    const home = mkdtempSync(join(tmpdir(), 'avocet-start-'));
    cpSync(kept, home, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    const own = [join(root, 'out'), join(root, 'main'), join(root, 'preload')];
    if (values.only !== 'app') {
      browser ??= await chromium.launch({
        executablePath: process.env['AVOCET_CHROMIUM'] ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      });
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      letGo([...own, home]);
      await feel();
      await browserStart(context, home, 'browser: cold start', goals.cold);
      await browserStart(context, home, 'browser: warm start', goals.warm);
      await context.close();
    }
    if (values.only !== 'browser') {
      letGo([...own, home, runtime().folder]);
      await feel();
      await appStart(home, 'app: cold start', goals.cold);
      await appStart(home, 'app: warm start', goals.warm);
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  }
  await browser?.close();
  const fixedMs = median(fixed);
  const rows = [...times].map(([work, { goalMs, all }]) => {
    const ms = median(all);
    return { work, runs: Number(values.runs), ms, slowestMs: Math.max(...all), ratio: ms / fixedMs, goalMs, met: ms < goalMs };
  });
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, fixedMs }, null, 2)}\n`);
  else {
    for (const { work, ms, slowestMs, ratio, goalMs, met } of rows)
      process.stdout.write(
        `${work.padEnd(36)} ${ms.toFixed(0).padStart(6)} ms   slowest ${slowestMs.toFixed(0).padStart(6)}   ${ratio.toFixed(1).padStart(5)} × fixed   goal < ${goalMs} ms, ${met ? 'met' : 'NOT met'}\n`,
      );
    process.stdout.write(`fixed work: a sort of 200,000 numbers, ${fixedMs.toFixed(1)} ms\n`);
  }
} finally {
  if (values.home === undefined) rmSync(kept, { recursive: true, force: true, maxRetries: 5 });
}
