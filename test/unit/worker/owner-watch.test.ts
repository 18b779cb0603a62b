import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OwnerChannel } from '#worker/owner-channel.ts';
import { OwnerWatch } from '#worker/owner-watch.ts';

function channelOf(kind: OwnerChannel['kind']): OwnerChannel & { close: () => void } {
  let onClosed = (): void => undefined;
  return {
    kind,
    send: () => undefined,
    flush: async () => await Promise.resolve(),
    onMessage: () => undefined,
    onClosed: (listener) => (onClosed = listener),
    close: () => onClosed(),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('OwnerWatch', () => {
  it('takes an owner for dead at once when the channel closes', () => {
    const onGone = vi.fn();
    const channel = channelOf('fork');
    const watch = new OwnerWatch(channel, onGone);
    channel.close();
    expect(onGone).toHaveBeenCalledWith('channel closed');
    watch.close();
  });

  it('takes the owner of a utility process for dead within five seconds after its last ping', () => {
    const onGone = vi.fn();
    const watch = new OwnerWatch(channelOf('utility'), onGone);
    for (let second = 0; second < 30; second++) {
      watch.pinged();
      vi.advanceTimersByTime(1000);
    }
    expect(onGone).not.toHaveBeenCalled();
    vi.advanceTimersByTime(3999);
    expect(onGone).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1001);
    expect(onGone).toHaveBeenCalledWith('no ping');
    watch.close();
  });

  it('does not miss pings of an owner that never sent one, or has another way to tell', () => {
    const onGone = vi.fn();
    const watches = [new OwnerWatch(channelOf('utility'), onGone), new OwnerWatch(channelOf('fork'), onGone)];
    watches[1]!.pinged();
    vi.advanceTimersByTime(60_000);
    expect(onGone).not.toHaveBeenCalled();
    for (const watch of watches) watch.close();
  });

  it('notices a parent process that is not the one that started it', () => {
    const onGone = vi.fn();
    const watch = new OwnerWatch(channelOf('fork'), onGone);
    const parent = vi.spyOn(process, 'ppid', 'get').mockReturnValue(1);
    vi.advanceTimersByTime(1000);
    expect(onGone).toHaveBeenCalledWith('parent process gone');
    parent.mockRestore();
    watch.close();
  });
});
