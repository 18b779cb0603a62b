import { randomBytes } from 'node:crypto';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passes } from 'node:timers/promises';
import type { TrainControl } from './control.ts';

/**
 * One process at a time in a folder, over processes and restarts. The lock is a file that names its holder and is touched every
 * second; it is stale, and taken over, when the holder's process is gone or has not touched it for half a minute.
 */
export interface FolderLock {
  /** False once another process took over, e.g. after this one was suspended. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

interface Holder {
  readonly process: number;
  readonly host: string;
  readonly token: string;
}

const touchMs = 1000;
const staleMs = 30_000;
const takeOverMs = 10_000;
const pollMs = 200;

/** The lock, or undefined while another live process holds it. */
export async function tryLock(folder: string): Promise<FolderLock | undefined> {
  const file = join(folder, 'lock');
  const own: Holder = { process: process.pid, host: hostname(), token: randomBytes(8).toString('hex') };
  if (!(await create(file, own))) {
    if (!(await isStale(file)) || !(await removeStale(file)) || !(await create(file, own))) return undefined;
  }
  const timer = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, touchMs);
  timer.unref();
  const isHeld = async (): Promise<boolean> => (await readHolder(file))?.token === own.token;
  return {
    isHeld,
    release: async () => {
      clearInterval(timer);
      if (await isHeld()) await rm(file, { force: true });
    },
  };
}

/** Waits for the lock; undefined when the owner asked to stop or pause, or `isDone` says that waiting has become pointless. */
export async function waitForLock(folder: string, control: TrainControl, isDone?: () => Promise<boolean>): Promise<FolderLock | undefined> {
  for (;;) {
    const lock = await tryLock(folder);
    if (lock !== undefined) return lock;
    if (control.stopWanted !== undefined || control.isPauseWanted) return undefined;
    if (isDone !== undefined && (await isDone())) return undefined;
    await passes(pollMs);
  }
}

async function create(file: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(JSON.stringify(holder));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Only one process removes a stale lock, and it looks again first: otherwise a second would remove the first one's new lock. */
async function removeStale(file: string): Promise<boolean> {
  const guard = `${file}.take-over`;
  let handle;
  try {
    handle = await open(guard, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await age(guard)) > takeOverMs) await rm(guard, { force: true });
    return false;
  }
  try {
    if (!(await isStale(file))) return false;
    await rm(file, { force: true });
    return true;
  } finally {
    await handle.close();
    await rm(guard, { force: true });
  }
}

async function isStale(file: string): Promise<boolean> {
  const holder = await readHolder(file);
  const untouchedMs = await age(file);
  // An empty file is a lock whose holder is about to write its name, or was killed before it could.
  if (holder === undefined) return untouchedMs > takeOverMs;
  return untouchedMs > staleMs || (holder.host === hostname() && !isAlive(holder.process));
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(file, 'utf8')) as Partial<Holder>;
    const { process: id, host, token } = holder;
    return typeof id === 'number' && typeof host === 'string' && typeof token === 'string' ? { process: id, host, token } : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds since the file was touched; −1 where there is none. */
async function age(file: string): Promise<number> {
  try {
    return Date.now() - (await stat(file)).mtimeMs;
  } catch {
    return -1;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
