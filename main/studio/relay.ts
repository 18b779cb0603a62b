/** A channel of a page passed on to the owner of the folder. What depends on the front door is answered here. */
import { memoryChannels, serve, type Channel, type Frame, type Router } from '#contract/link.ts';
import { hostProcedureNames, hostProcedures, type Host } from './host.ts';

/** A channel that keeps what arrives until somebody listens, so that nothing is lost while a way to the owner is sought. */
export function buffered(channel: Channel): Channel {
  const waiting: unknown[] = [];
  let listener: ((frame: unknown) => void) | undefined;
  let isClosed = false;
  const closes: (() => void)[] = [];
  channel.onFrame((frame) => {
    if (listener === undefined) waiting.push(frame);
    else listener(frame);
  });
  channel.onClose(() => {
    isClosed = true;
    for (const close of closes) close();
  });
  return {
    send: (frame) => channel.send(frame),
    onFrame: (next) => {
      // Not within this call: whoever listens may not be ready before it returns.
      queueMicrotask(() => {
        listener = next;
        for (const frame of waiting.splice(0)) next(frame);
      });
    },
    onClose: (close) => {
      closes.push(close);
      if (isClosed) close();
    },
    close: () => channel.close(),
  };
}

/** Joins a page's channel and one to the owner; either end takes the other with it. */
export function relay(page: Channel, owner: Channel, host: Host): void {
  const [near, far] = memoryChannels();
  // Only calls by these names come here, so the rest of a router is never asked for.
  serve(far, hostProcedures(host) as Router);
  near.onFrame((frame) => page.send(frame as Frame));
  owner.onFrame((frame) => page.send(frame as Frame));
  page.onFrame((frame) => (isForHost(frame) ? near : owner).send(frame as Frame));
  const end = () => {
    page.close();
    owner.close();
    near.close();
  };
  page.onClose(end);
  owner.onClose(end);
}

function isForHost(frame: unknown): boolean {
  if (typeof frame !== 'object' || frame === null || !('type' in frame) || !('name' in frame)) return false;
  return frame.type === 'call' && (hostProcedureNames as readonly unknown[]).includes(frame.name);
}
