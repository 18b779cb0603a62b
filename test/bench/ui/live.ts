/** A run at work, told by a command of one's own (live-trainer.mjs): from the line it prints to the chart, and the cost of many live series. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { mainThread } from './main-thread.ts';

const root = join(import.meta.dirname, '../../..');
const trainer = join(import.meta.dirname, 'live-trainer.mjs');
const command = join(root, 'main/cli/avocet.mjs');
const env = { ...process.env, AVOCET_MEASURE: 'off' };
const patienceMs = 60_000;

export interface LiveRun {
  readonly id: string;
  stop(): Promise<void>;
  /** When epochs were printed, UTC milliseconds. */
  written(): ReadonlyMap<number, number>;
}

/** Starts a run with `series` loss terms that tells `behind` epochs at once and then one every `everyMs`. */
export async function startLiveRun(home: string, series: number, behind: number, everyMs: number): Promise<LiveRun> {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-bench-live-'));
  const log = join(folder, 'written');
  const sets = Object.entries({ series, behind, every: everyMs, log }).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const words = ['--dataset', 'demo', '--model', `Live ${series}`, '--command', `"${process.execPath}" "${trainer}"`, '--folder', root];
  const child = spawn(process.execPath, [command, 'run', ...words, ...sets, '--epochs', '100000', '--seeds', '1', '--home', home], {
    cwd: root,
    stdio: 'ignore',
    env,
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async () => {
    // Interrupted, the command pauses the run that it started.
    child.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const started = Date.now(); !existsSync(log); await wait(100)) {
    if (Date.now() - started < patienceMs && child.exitCode === null) continue;
    await stop();
    throw new Error('the command of the live run told no epoch');
  }
  const { stdout } = await promisify(execFile)(process.execPath, [command, 'runs', '--filter', 'state=running', '--json', '--home', home], {
    cwd: root,
    env,
    maxBuffer: 1e8,
  });
  const { runs } = JSON.parse(stdout) as { runs: { id: string }[] };
  const written = () =>
    new Map(
      readFileSync(log, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ').map(Number) as [number, number]),
    );
  return { id: runs[0]!.id, stop, written };
}

const loss = '[role="img"][aria-label^="Training loss"]';

/** Opens the curves of the run and waits until they are drawn. */
export async function openCurves(page: Page, id: string): Promise<void> {
  await page.evaluate((run) => (location.hash = `#/runs/${run}?tab=curves`), id);
  await page.locator(`${loss} canvas`).waitFor({ timeout: patienceMs });
}

/** Milliseconds from the printing of each of the next epochs until the chart that has it is painted. */
export async function chartDelays(page: Page, run: LiveRun, epochs: number): Promise<number[]> {
  const seen = await page.evaluate(
    async ({ selector, count }) => {
      // Epochs of the chart's own words: drawn in the frame after they change.
      const last = () =>
        Number(/[\d,]+(?= epochs)/.exec(document.querySelector(selector)?.getAttribute('aria-label') ?? '')?.[0].replaceAll(',', ''));
      const found: [number, number][] = [];
      let former = last();
      for (const started = performance.now(); found.length < count && performance.now() - started < 60_000;) {
        const now = await window.bench.frame(last);
        if (now === former) continue;
        former = now;
        await window.bench.frame(() => undefined);
        found.push([now, performance.timeOrigin + performance.now()]);
      }
      return found;
    },
    { selector: loss, count: epochs },
  );
  const written = run.written();
  return seen.flatMap(([epoch, at]) => (written.has(epoch) ? [at - written.get(epoch)!] : []));
}

/** Main thread of each frame, ms, while so many seconds of epochs come in and the page is drawn anew all the time. */
export async function liveFrames(page: Page, seconds: number): Promise<readonly number[]> {
  const { frames } = await mainThread(page, () =>
    page.evaluate(async (ms) => {
      for (const started = performance.now(); performance.now() - started < ms;) await window.bench.markedFrame(() => undefined);
    }, seconds * 1000),
  );
  return frames;
}

/** The main thread's share of a core, %, over so many seconds in which nothing but the studio itself asks for frames. */
export async function liveShare(page: Page, seconds: number): Promise<number> {
  const { busy, lasted } = await mainThread(page, () => page.waitForTimeout(seconds * 1000));
  return (100 * busy) / lasted;
}
