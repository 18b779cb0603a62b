import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const entry = fileURLToPath(new URL('../../../main/cli/index.ts', import.meta.url));
const folders: string[] = [];
const children = new Set<ChildProcess>();

export interface Answer {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-cli-'));
  folders.push(folder);
  return folder;
}

/** Ends every command still at work and removes the folders; for `afterAll`. */
export async function cleanUp(): Promise<void> {
  for (const child of children) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** A command at work: the real entry in a process of its own, on a data folder. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Answer>;
  /** The first match in what stdout has said; rejects where the command ends without it. */
  printed(pattern: RegExp): Promise<string>;
}

export function start(home: string, ...args: string[]): Started {
  const { AVOCET_HOME: _unused, ...env } = process.env;
  const child = spawn(process.execPath, [entry, ...args], { env: { ...env, AVOCET_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
    stdout,
    stderr,
  }));
  const printed = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(stdout);
        if (found !== null) resolve(found[0]);
      };
      child.stdout.on('data', look);
      void ended.then(() => reject(new Error(`ended without ${String(pattern)}: ${stderr}`)));
      look();
    });
  return { child, ended, printed };
}

/** Runs a command to its end. */
export function avocet(home: string, ...args: string[]): Promise<Answer> {
  return start(home, ...args).ended;
}

/** Runs a command with --json that must succeed; the whole of stdout is one JSON value. */
export async function json<T>(home: string, ...args: string[]): Promise<T> {
  const answer = await avocet(home, ...args, '--json');
  if (answer.code !== 0) throw new Error(`exit code ${answer.code}: ${answer.stderr}`);
  return JSON.parse(answer.stdout) as T;
}

/** A run as `run`, `sweep`, `runs` and `resume` print it. */
export interface PrintedRun {
  readonly id: string;
  readonly status: string;
  readonly seed: number;
  readonly threads: number | null;
  readonly compile: string | null;
  readonly epochs: number;
  readonly bestEpoch: number | null;
  readonly secondsPerEpoch: number | null;
  readonly evaluationSeconds: number | null;
  readonly validation: Readonly<Record<string, number>> | null;
  readonly test: Readonly<Record<string, number | string>> | null;
  readonly held?: true;
  readonly problem?: { readonly kind: string; readonly code: string };
}

export interface PrintedRuns {
  readonly runs: readonly PrintedRun[];
}
