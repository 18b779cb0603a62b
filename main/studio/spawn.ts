/** One worker process behind one interface: child_process here, utilityProcess in main/desktop. */
import { fork, type ChildProcess } from 'node:child_process';
import type { ToWorker } from '#contract/task.ts';

export interface WorkerExit {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}

export interface WorkerProcess {
  readonly pid: number | undefined;
  /** Lost without a word where the process is gone; its exit is reported once. */
  send(message: ToWorker): void;
  /** Unparsed: the supervisor parses. */
  onMessage(listener: (message: unknown) => void): void;
  onOutput(listener: (stream: 'stdout' | 'stderr', text: string) => void): void;
  onExit(listener: (exit: WorkerExit) => void): void;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** `name` is for process lists and logs, e.g. "run-7k3m9q2x". */
export type Spawn = (name: string) => WorkerProcess;

/** Forks the worker entry (main/worker/process.ts under Node 24, or its bundle). */
export function forkSpawn(entry: string): Spawn {
  return (name) => {
    // The owner's own flags (a test runner's, an inspector's port) are not the worker's.
    const child = fork(entry, [name], { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'], serialization: 'advanced' });
    return wrap(child);
  };
}

function wrap(child: ChildProcess): WorkerProcess {
  let isOver = false;
  const exits: ((exit: WorkerExit) => void)[] = [];
  const over = (exit: WorkerExit) => {
    if (isOver) return;
    isOver = true;
    for (const listener of exits) listener(exit);
  };
  // 'close' comes after 'exit' and after the last message and output were read.
  child.once('close', (code, signal) => over({ code, signal }));
  child.once('error', () => over({ code: -1, signal: null }));
  return {
    pid: child.pid,
    send: (message) => {
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (listener) => void child.on('message', listener),
    onOutput: (listener) => {
      for (const stream of ['stdout', 'stderr'] as const) {
        child[stream]?.setEncoding('utf8').on('data', (text: string) => listener(stream, text));
      }
    },
    onExit: (listener) => void exits.push(listener),
    // Without a number it never came to be; Node would signal whatever its unset memory holds.
    kill: (signal) => void (child.pid !== undefined && child.kill(signal)),
  };
}
