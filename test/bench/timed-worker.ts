/*
 * The worker with a stopwatch around what it does for its owner alone: what it sends, what it does with what it is sent, and what it does
 * by the clock (heartbeats, batches of events, looking after the owner). Each message carries the milliseconds so far as `spent`.
 */
import process from 'node:process';

let spent = 0;
let depth = 0;

function timed<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    const started = performance.now();
    depth += 1;
    try {
      return work(...args);
    } finally {
      depth -= 1;
      // A timer's work that sends something is counted once.
      if (depth === 0) spent += performance.now() - started;
    }
  };
}

type Send = (message: object, ...rest: unknown[]) => boolean;
const send = process.send!.bind(process) as Send;
process.send = timed((message: object, ...rest: unknown[]) => send({ ...message, spent }, ...rest));

type On = (event: string, listener: (...args: unknown[]) => void) => NodeJS.Process;
const on = process.on.bind(process) as On;
process.on = ((event: string, listener: (...args: unknown[]) => void) =>
  on(event, event === 'message' ? timed(listener) : listener)) as typeof process.on;

const repeat = globalThis.setInterval;
globalThis.setInterval = ((work: () => void, ms: number) => repeat(timed(work), ms)) as typeof setInterval;

await import('../../main/worker/process.ts');
