/** What the studio and its page take while they stand still: memory of their own, and processor time with the window out of sight. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Browser, Page } from '@playwright/test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Served } from './served.ts';

const ticksPerSecond = 100;

/** The studio's processes, which lead a group of their own, and the browser's processes that draw pages. */
async function processes(browser: Browser, served: Served): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as { processInfo: { type: string; id: number }[] };
  await session.detach();
  const own = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => fieldsOf(pid)?.[2] === String(served.pid));
  return [...own, ...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)];
}

/** Fields of /proc/PID/stat behind the name, from the state on; undefined where it has ended. */
function fieldsOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Megabytes, shared pages counted in part (PSS). */
export async function memoryOf(browser: Browser, served: Served): Promise<number> {
  let kilobytes = 0;
  for (const pid of await processes(browser, served)) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It has ended meanwhile.
    }
  }
  return kilobytes / 1024;
}

/** Percent of a core over so many seconds. */
export async function processorShare(browser: Browser, served: Served, seconds: number): Promise<number> {
  const pids = await processes(browser, served);
  const spent = (pid: number) => {
    const fields = fieldsOf(pid);
    return fields === undefined ? undefined : Number(fields[11]) + Number(fields[12]);
  };
  const before = pids.map(spent);
  await wait(seconds * 1000);
  // One that ended meanwhile takes all it ever spent with it.
  const ticks = pids.reduce((sum, pid, at) => sum + Math.max(0, (spent(pid) ?? 0) - (before[at] ?? 0)), 0);
  return (100 * ticks) / ticksPerSecond / seconds;
}

/** Minimises the window of the page and waits until the page knows. */
export async function hide(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { windowId } = (await session.send('Browser.getWindowForTarget')) as { windowId: number };
  await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'minimized' } });
  await page.waitForFunction(() => document.visibilityState === 'hidden', undefined, { timeout: 10_000, polling: 100 });
}
