import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { flushAnswer, flushRequest } from '#contract/task.ts';
import { openOwnerChannel } from '#worker/owner-channel.ts';

/** Stands for Electron's process.parentPort. */
class Port extends EventEmitter {
  readonly posted: unknown[] = [];

  postMessage(message: unknown): void {
    this.posted.push(message);
  }

  arrive(data: unknown): void {
    this.emit('message', { data });
  }
}

const own: { parentPort?: unknown } = process as object;
afterEach(() => {
  Reflect.deleteProperty(own, 'parentPort');
});

describe('the channel of a utility process', () => {
  it('is flushed only when the other end has answered, which nobody else hears', async () => {
    const port = new Port();
    own.parentPort = port;
    const channel = openOwnerChannel();
    const heard: unknown[] = [];
    channel.onMessage((message) => heard.push(message));
    channel.send({ type: 'ready' });
    let isFlushed = false;
    const flushed = channel.flush().then(() => (isFlushed = true));
    await Promise.resolve();
    expect(port.posted).toEqual([{ type: 'ready' }, flushRequest]);
    port.arrive({ type: 'ping' });
    await Promise.resolve();
    expect(isFlushed).toBe(false);
    port.arrive(flushAnswer);
    await flushed;
    expect(heard).toEqual([{ type: 'ping' }]);
  });
});
