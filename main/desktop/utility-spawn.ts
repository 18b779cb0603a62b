import { utilityProcess } from 'electron';
import { flushAnswer, isFlush } from '#contract/task.ts';
import type { Spawn, WorkerExit } from '#studio/spawn.ts';

/** Workers as Electron's utility processes: Node without a window, named in the system's process list, dying with the app. */
export function utilitySpawn(entry: string): Spawn {
  return (name) => {
    const child = utilityProcess.fork(entry, [name], { serviceName: name, stdio: 'pipe' });
    let isOver = false;
    const exits: ((exit: WorkerExit) => void)[] = [];
    child.once('exit', (code) => {
      isOver = true;
      // Electron reports a killed process by the number of its signal alone.
      const exit: WorkerExit = { code, signal: null };
      for (const listener of exits) listener(exit);
    });
    child.on('message', (message: unknown) => {
      if (isFlush(message) && !isOver) child.postMessage(flushAnswer);
    });
    return {
      get pid() {
        return child.pid;
      },
      send: (message) => {
        if (!isOver) child.postMessage(message);
      },
      onMessage: (listener) =>
        void child.on('message', (message: unknown) => {
          if (!isFlush(message)) listener(message);
        }),
      onOutput: (listener) => {
        for (const stream of ['stdout', 'stderr'] as const) {
          // Pieces may end inside a sign.
          child[stream]?.setEncoding('utf8').on('data', (text: string) => listener(stream, text));
        }
      },
      onExit: (listener) => void exits.push(listener),
      kill: (signal) => {
        if (isOver || child.pid === undefined) return;
        if (signal === 'SIGTERM') child.kill();
        else end(child.pid, signal);
      },
    };
  };
}

/** One that has ended already, and is about to be told so, is as good as killed. */
function end(pid: number, signal: 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
