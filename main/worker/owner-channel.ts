import { flushRequest, isFlushed, type FromWorker } from '#contract/task.ts';

/** The way to the process that started this worker, in either of two forms: child_process.fork or Electron's utilityProcess. */
export interface OwnerChannel {
  /** fork: the operating system closes the channel when the owner dies. utility: nothing tells, the owner's pings do. */
  readonly kind: 'fork' | 'utility';
  send(message: FromWorker): void;
  /** Resolves when everything sent so far has left this process. */
  flush(): Promise<void>;
  onMessage(listener: (message: unknown) => void): void;
  onClosed(listener: () => void): void;
}

/** What Electron gives a utility process; declared here because electron is imported in main/desktop alone (house.md section 3). */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
}

/** The channel of this process. Throws where it was started by hand. */
export function openOwnerChannel(): OwnerChannel {
  const { parentPort } = process as NodeJS.Process & { parentPort?: ParentPort };
  if (parentPort !== undefined && parentPort !== null) return utilityChannel(parentPort);
  if (process.send !== undefined) return forkChannel();
  throw new Error('This is a worker of Avocet: the studio starts it. Use "npm run -s avocet -- run" to train from a terminal.');
}

function utilityChannel(port: ParentPort): OwnerChannel {
  let onFlushed: (() => void)[] = [];
  port.on('message', ({ data }) => {
    if (!isFlushed(data)) return;
    for (const resolve of onFlushed) resolve();
    onFlushed = [];
  });
  return {
    kind: 'utility',
    send: (message) => port.postMessage(message),
    // A utility process that exits loses what it posted last, and nothing on this side tells when it left; so the other end
    // (main/desktop/utility-spawn.ts) is asked to answer, and messages keep their order.
    flush: async () => {
      const answered = new Promise<void>((resolve) => onFlushed.push(resolve));
      port.postMessage(flushRequest);
      await answered;
    },
    onMessage: (listener) =>
      port.on('message', ({ data }) => {
        if (!isFlushed(data)) listener(data);
      }),
    onClosed: (listener) => port.on('close', listener),
  };
}

function forkChannel(): OwnerChannel {
  let pending = 0;
  let onIdle: (() => void)[] = [];
  const settled = (): void => {
    pending -= 1;
    if (pending > 0) return;
    for (const resolve of onIdle) resolve();
    onIdle = [];
  };
  return {
    kind: 'fork',
    send: (message) => {
      // A lost owner shows as "disconnect"; what cannot be sent then has no reader.
      if (!process.connected) return;
      pending += 1;
      process.send!(message, undefined, undefined, settled);
    },
    flush: async () => {
      if (pending > 0) await new Promise<void>((resolve) => onIdle.push(resolve));
    },
    onMessage: (listener) => process.on('message', listener),
    onClosed: (listener) => process.on('disconnect', listener),
  };
}
