import { describe, expect, it } from 'vitest';
import { sampleRows, usersOf } from '#renderer/state/sample-lists.ts';

describe('sample lists', () => {
  it('say what was found and how places moved since the best epoch before', () => {
    const samples = {
      users: [{ user: 3, rawId: 'u3', trainRows: 4, heldOut: [20, 99] }],
      epochs: [
        { epoch: 1, lists: [[10, 20, 30]] },
        { epoch: 4, lists: [[20, 40, 10]] },
      ],
      items: [],
      pinned: [],
    };
    expect(sampleRows(samples, 0)[0]!.map(({ moved }) => moved)).toEqual([undefined, undefined, undefined]);
    expect(sampleRows(samples, 1)[0]).toEqual([
      { item: 20, rank: 1, hit: true, moved: 1 },
      { item: 40, rank: 2, hit: false, moved: 'new' },
      { item: 10, rank: 3, hit: false, moved: -2 },
    ]);
  });

  it('reads numbers of users as they are typed', () => {
    expect(usersOf('12, 99 340,')).toEqual([12, 99, 340]);
    expect(usersOf('1,1')).toEqual([1]);
    expect(usersOf('a')).toBe('Numbers of users with commas between');
    expect(usersOf('1 2 3 4 5 6')).toBe('At most five users');
  });
});
