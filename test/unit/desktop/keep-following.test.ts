import { describe, expect, it } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { followSettings } from '../../../main/desktop/follow-settings.ts';
import { keepFollowing } from '../../../main/desktop/keep-following.ts';

const dropped = () => new ProblemError({ kind: 'lost', code: 'link.closed', message: 'The connection ended' });

/** Connections that say these values each and then drop; after the last of them the signal ends it all. */
function connections(...each: (readonly number[] | Error)[]) {
  const abort = new AbortController();
  const taken: number[] = [];
  const waits: number[] = [];
  let opened = 0;
  let lost = 0;
  const following = keepFollowing<number>({
    open: async function* () {
      const values = each[opened++];
      if (values === undefined) return abort.abort();
      if (values instanceof Error) throw values;
      yield* values;
      throw dropped();
    },
    take: (value) => void taken.push(value),
    onLost: () => (lost += 1),
    signal: abort.signal,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  });
  return following.then(() => ({ taken, waits, opened, lost }));
}

describe('a stream that is followed while the app lives', () => {
  it('goes on at once with the next connection after one that answered and dropped', async () => {
    expect(await connections([1], [2, 3])).toEqual({ taken: [1, 2, 3], waits: [], opened: 3, lost: 0 });
  });

  it('outlives connections that drop before they say anything, waiting longer each time, and starts small again', async () => {
    const { taken, waits, lost } = await connections([1], [], [], [], [2], [], [3]);
    expect(taken).toEqual([1, 2, 3]);
    expect(waits).toEqual([250, 500, 1000, 250]);
    expect(lost).toBe(4);
  });

  it('waits five seconds at most', async () => {
    const { waits } = await connections(...Array.from({ length: 8 }, () => []));
    expect(waits.slice(-3)).toEqual([5000, 5000, 5000]);
  });

  it('ends where the studio refuses for another reason', async () => {
    expect(await connections([1], new Error('no such procedure'), [2])).toMatchObject({ taken: [1], opened: 2 });
  });

  it('ends within a wait when the app does', async () => {
    const abort = new AbortController();
    let opened = 0;
    const following = keepFollowing<number>({
      open: () => {
        opened += 1;
        // While nobody answers, the app is quit.
        setTimeout(() => abort.abort(), 0);
        throw dropped();
      },
      take: () => undefined,
      signal: abort.signal,
    });
    await following;
    expect(opened).toBe(1);
  });

  it('tells no settings of a studio that does not open', async () => {
    const told: unknown[] = [];
    await followSettings(Promise.reject(new Error('locked')), (settings) => told.push(settings), new AbortController().signal);
    expect(told).toEqual([]);
  });
});
