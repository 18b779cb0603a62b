import { describe, expect, it } from 'vitest';
import { programPart } from '#renderer/state/program-part.ts';

describe('a part of the program', () => {
  it('is asked for again while its request fails', async () => {
    let asked = 0;
    const load = () => (++asked < 3 ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve('the part'));
    expect(await programPart(load, [0, 0, 0])).toBe('the part');
    expect(asked).toBe(3);
  });

  it('that stays away is a problem with its fix', async () => {
    let asked = 0;
    const load = () => Promise.reject(new TypeError(`Failed to fetch ${++asked}`));
    await expect(programPart(load, [0, 0])).rejects.toMatchObject({
      problem: {
        code: 'page.part-unread',
        detail: 'TypeError: Failed to fetch 3',
        fix: expect.stringContaining('reload the page') as string,
      },
    });
  });
});
