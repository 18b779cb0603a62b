/** Workers whose unexpected ends are kept: a process that is gone without a word, and an error that nobody foresaw. */
import * as v from 'valibot';
import { fromWorkerSchema } from '#contract/task.ts';
import type { Spawn } from '../spawn.ts';

const lastOutput = 4000;

/** `onCrash` gets a text with the name of the process, how it ended and what it last said; nothing for one that was told to end. */
export function watchedSpawn(spawn: Spawn, onCrash: (text: string) => void): Spawn {
  return (name) => {
    const worker = spawn(name);
    let isToldToEnd = false;
    let output = '';
    let said: string | undefined;
    worker.onOutput((_stream, text) => {
      output = (output + text).slice(-lastOutput);
    });
    worker.onMessage((raw) => {
      // Epochs come four times a second and are parsed by whoever stores them.
      if ((raw as { readonly type?: unknown } | null)?.type !== 'problem') return;
      const parsed = v.safeParse(fromWorkerSchema, raw);
      if (!parsed.success || parsed.output.type !== 'problem') return;
      const { kind, code, message, detail } = parsed.output.problem;
      said = kind === 'internal' ? [`${code}: ${message}`, detail].filter(Boolean).join('\n') : '';
    });
    worker.onExit(({ code, signal }) => {
      if (isToldToEnd || said === '' || (code === 0 && said === undefined)) return;
      const how = said ?? `ended without a word (${signal ?? `exit ${code}`})`;
      onCrash([`worker ${name}: ${how}`, output.trim()].filter(Boolean).join('\n'));
    });
    return {
      get pid() {
        return worker.pid;
      },
      send: (message) => {
        if (message.type === 'stop' && message.keep === false) isToldToEnd = true;
        worker.send(message);
      },
      onMessage: (listener) => worker.onMessage(listener),
      onOutput: (listener) => worker.onOutput(listener),
      onExit: (listener) => worker.onExit(listener),
      kill: (signal) => {
        isToldToEnd = true;
        worker.kill(signal);
      },
    };
  };
}
