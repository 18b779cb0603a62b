import { beforeEach, describe, expect, it, vi } from 'vitest';
import { connect, memoryChannels, serve, type Channel, type Router } from '#contract/link.ts';
import { following, Hub } from '#studio/hub.ts';
import type { Studio } from '#studio/studio.ts';
import { Activity } from '../../../main/desktop/activity.ts';

const blockers = vi.hoisted(() => new Set<number>());
vi.mock('electron', () => {
  let next = 0;
  const start = () => {
    blockers.add(next);
    return next++;
  };
  return { powerSaveBlocker: { start, stop: (id: number) => blockers.delete(id) } };
});

// Messages cross in a few turns; a busy machine takes its time over them.
const patience = { timeout: 60_000 };

/** What studio.watch says; only `running` matters here. */
const status = (running: number) => ({
  version: '1.0.0',
  home: '/home/ada/Avocet',
  startedAt: 1,
  freeBytes: 1,
  device: 'wasm' as const,
  memoryBytes: 1,
  totalMemoryBytes: 2,
  running,
  waiting: 0,
  held: false,
  runs: 1,
  jobs: [],
  resumed: [],
});

/** A studio whose owner says how many runs it has, and can end. */
class Owned {
  readonly #channels: Channel[] = [];
  readonly #hub = new Hub();
  #running = 0;
  asked = 0;
  isGone = false;

  readonly studio = {
    link: () => {
      const [near, far] = memoryChannels();
      const link = connect(near);
      this.asked += 1;
      this.#channels.push(far);
      serve(far, { 'studio.watch': (_input: unknown, signal: AbortSignal) => this.#watch(signal) } as unknown as Router);
      if (this.isGone) far.close();
      return link;
    },
  } as unknown as Studio;

  #watch(signal: AbortSignal) {
    return following(
      () => status(this.#running),
      (changed) => this.#hub.subscribe('status', changed),
      0,
      signal,
    );
  }

  say(running: number): void {
    this.#running = running;
    this.#hub.tell('status');
  }

  end(): void {
    for (const channel of this.#channels.splice(0)) channel.close();
  }
}

describe('the machine', () => {
  beforeEach(() => blockers.clear());

  it('is kept awake while runs are active, and only then', async () => {
    const owned = new Owned();
    const activity = new Activity(Promise.resolve(owned.studio));
    await vi.waitFor(() => expect(owned.asked).toBe(1), patience);
    expect(blockers.size).toBe(0);
    owned.say(1);
    await vi.waitFor(() => expect(blockers.size).toBe(1), patience);
    owned.say(2);
    owned.say(0);
    await vi.waitFor(() => expect(blockers.size).toBe(0), patience);
    owned.say(1);
    await vi.waitFor(() => expect(blockers.size).toBe(1), patience);
    activity.end();
    expect(blockers.size).toBe(0);
  });

  it('is kept awake by the runs of the next owner, after the one that was asked has ended', async () => {
    const owned = new Owned();
    const activity = new Activity(Promise.resolve(owned.studio));
    await vi.waitFor(() => expect(owned.asked).toBe(1), patience);
    owned.end();
    owned.say(1);
    await vi.waitFor(() => expect(blockers.size).toBe(1), patience);
    expect(owned.asked).toBe(2);
    activity.end();
  });

  it('may sleep where the settings say so, from then on and until they say otherwise', async () => {
    const owned = new Owned();
    const activity = new Activity(Promise.resolve(owned.studio));
    await vi.waitFor(() => expect(owned.asked).toBe(1), patience);
    owned.say(1);
    await vi.waitFor(() => expect(blockers.size).toBe(1), patience);
    activity.isAllowed = false;
    expect(blockers.size).toBe(0);
    activity.isAllowed = true;
    expect(blockers.size).toBe(1);
    activity.end();
    expect(blockers.size).toBe(0);
  });

  it('may sleep where the studio has ended for good', async () => {
    const owned = new Owned();
    owned.say(1);
    const activity = new Activity(Promise.resolve(owned.studio));
    await vi.waitFor(() => expect(blockers.size).toBe(1), patience);
    owned.isGone = true;
    owned.end();
    await vi.waitFor(() => expect(blockers.size).toBe(0), patience);
    expect(owned.asked).toBe(2);
    activity.end();
  });
});
