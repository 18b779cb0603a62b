import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Activity } from '../../../main/desktop/activity.ts';
import { Owned } from './owned.ts';

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

describe('the machine', () => {
  beforeEach(() => blockers.clear());

  it('is kept awake while runs are active, and only then (G24)', async () => {
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
    expect(owned.asked).toBeGreaterThanOrEqual(2);
    activity.end();
  });
});
