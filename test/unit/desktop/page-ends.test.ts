import { describe, expect, it } from 'vitest';
import { PageEnds } from '../../../main/desktop/page-ends.ts';

function drawn() {
  const told: string[] = [];
  let now = 0;
  let answer = 0;
  const ends = new PageEnds({
    reload: () => told.push('reload'),
    end: () => told.push('end'),
    close: () => told.push('close'),
    ask: async ({ message }) => (told.push(message), answer),
    keep: (text) => void told.push(text),
    now: () => now,
  });
  return { told, ends, later: (ms: number) => (now += ms), press: (button: number) => (answer = button) };
}

describe('a page that ends by itself', () => {
  it('is loaded again and kept among the crashes; one that was closed is not', async () => {
    const { told, ends } = drawn();
    await ends.ended('clean-exit');
    expect(told).toEqual([]);
    await ends.ended('crashed');
    expect(told).toEqual(['page ended (crashed)', 'reload']);
  });

  it('is loaded again only when asked for where it ends time after time', async () => {
    const { told, ends, later, press } = drawn();
    for (const pause of [30_000, 40_000, 10_000]) {
      await ends.ended('oom');
      later(pause);
    }
    expect(told.filter((each) => each === 'reload')).toHaveLength(3);
    await ends.ended('oom');
    expect(told.at(-2)).toMatch(/3 times within a minute \(oom\)/);
    expect(told.at(-1)).toBe('reload');
    press(1);
    for (let time = 0; time < 3; time++) await ends.ended('oom');
    expect(told.at(-1)).toBe('close');
  });

  it('is loaded again while a question stands, and the answer does not end the page that came in its place', async () => {
    const { told, ends } = drawn();
    const asked = ends.hangs();
    for (let time = 0; time < 3; time++) await ends.ended('crashed');
    await asked;
    expect(told.filter((each) => each === 'reload')).toHaveLength(3);
    expect(told).not.toContain('end');
  });

  it('is waited for, or ended, where it hangs', async () => {
    const { told, ends, press } = drawn();
    press(1);
    await ends.hangs();
    expect(told).toEqual(['The page of this window does not answer']);
    press(0);
    await ends.hangs();
    expect(told.at(-1)).toBe('end');
  });
});
