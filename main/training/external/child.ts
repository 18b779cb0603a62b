import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as passes } from 'node:timers/promises';
import { Lines } from './stdout.ts';

/** What a command did, in order. */
export type ChildNews =
  | { readonly kind: 'stdout' | 'stderr'; readonly line: string }
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'not-started'; readonly reason: string };

export interface ChildOptions {
  /** For the shell of the system, as typed. */
  readonly command: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where the process is written down, so that a later attempt can wait until it is gone. */
  readonly pidFile: string;
}

const [leftOverLooks, leftOverMs] = [100, 100];
const isWindows = process.platform === 'win32';
/** Lines that wait to be read before the command itself has to wait. */
const mostWaiting = 1000;

/**
 * A command with all that it starts: a process group of its own, ended as a whole. It never outlives this process: on POSIX a small
 * shell waits on a pipe from here and ends the group when the pipe breaks, however this process died.
 */
export class Child {
  readonly #process: ChildProcess;
  readonly #watch: ChildProcess | undefined;
  readonly #pidFile: string;
  readonly #waiting: ChildNews[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;
  #isAsked = false;

  private constructor(options: ChildOptions) {
    this.#pidFile = options.pidFile;
    this.#process = spawn(options.command, {
      shell: true,
      cwd: options.folder,
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !isWindows,
      windowsHide: true,
    });
    this.#watch = isWindows || this.#process.pid === undefined ? undefined : guard(this.#process.pid);
    for (const kind of ['stdout', 'stderr'] as const) {
      const lines = new Lines((line) => this.#tell({ kind, line }));
      const stream = this.#process[kind]!;
      stream.setEncoding('utf8').on('data', (text: string) => {
        lines.push(text);
        if (this.#waiting.length > mostWaiting) stream.pause();
      });
      stream.once('end', () => lines.finish());
    }
    this.#process.once('error', (error) => this.#over({ kind: 'not-started', reason: error.message }));
    // What it left running in the background ends with it, and with that the streams. Asked to end, the shell is gone at once, while
    // the program it started may still be saving.
    this.#process.once('exit', () => this.#isAsked || this.#signal('SIGKILL'));
    this.#process.once('close', (code, signal) => this.#over({ kind: 'exit', code, signal }));
  }

  static async start(options: ChildOptions): Promise<Child> {
    const child = new Child(options);
    if (child.#process.pid !== undefined) await writeFile(options.pidFile, `${child.#process.pid}\n`);
    return child;
  }

  /** What comes next, or undefined after so long without news. After `exit` and `not-started` nothing comes. */
  async next(waitMs: number): Promise<ChildNews | undefined> {
    if (this.#waiting.length === 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, waitMs);
      });
      clearTimeout(timer);
      this.#wake = undefined;
    }
    const news = this.#waiting.shift();
    if (this.#waiting.length < mostWaiting / 2) for (const kind of ['stdout', 'stderr'] as const) this.#process[kind]!.resume();
    return news;
  }

  /** Asks the whole group to end (SIGTERM); on Windows, which cannot ask, it ends it. */
  ask(): void {
    this.#isAsked = true;
    this.#signal('SIGTERM');
  }

  kill(): void {
    this.#signal('SIGKILL');
  }

  /** Ends it where it still runs, and waits until it is gone. */
  async close(): Promise<void> {
    if (!this.#isOver && this.#process.pid !== undefined) {
      const gone = once(this.#process, 'close');
      this.#process.stdout?.resume();
      this.#process.stderr?.resume();
      this.kill();
      await gone;
    }
    this.#watch?.stdin?.end('done\n');
    await rm(this.#pidFile, { force: true });
  }

  #tell(news: ChildNews): void {
    this.#waiting.push(news);
    this.#wake?.();
  }

  #over(news: ChildNews): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tell(news);
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#process.pid !== undefined) signalGroup(this.#process.pid, signal);
  }
}

/** A shell of its own session that ends the group once its standard input ends without a word. */
function guard(group: number): ChildProcess {
  const words = 'read -r word || { kill -s TERM -- "-$1"; sleep 2; kill -s KILL -- "-$1"; }';
  const watch = spawn('/bin/sh', ['-c', words, 'avocet-guard', String(group)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watch.once('error', () => undefined);
  watch.stdin?.once('error', () => undefined);
  watch.unref();
  return watch;
}

function signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (isWindows) {
    spawn('taskkill', ['/pid', String(group), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).once('error', () => undefined);
    return;
  }
  try {
    process.kill(-group, signal);
  } catch {
    // It is gone already.
  }
}

/**
 * Waits until what an earlier attempt started is gone, so that two of them never write into one folder. Its guard ends it; this only
 * looks, for a few seconds: by now the number may be another process's. Windows has no groups to ask about.
 */
export async function leftOverGone(pidFile: string): Promise<void> {
  const group = Number((await readFile(pidFile, 'utf8').catch(() => '')).trim());
  if (!isWindows && Number.isInteger(group) && group > 1) {
    for (let look = 0; look < leftOverLooks && isAlive(group); look++) await passes(leftOverMs);
  }
  await rm(pidFile, { force: true });
}

function isAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
