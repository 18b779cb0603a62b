import { describe, expect, it } from 'vitest';
import { ActiveClock } from '#test/bench/active-clock.ts';

describe('the time of a process that takes turns', () => {
  const clock = new ActiveClock();
  clock.continued(100);
  clock.stopped(150);
  clock.continued(300);
  clock.stopped(360);
  clock.continued(500);

  it('stands still while it is stopped', () => {
    expect([50, 100, 120, 150, 299, 310, 400, 530].map((time) => clock.until(time))).toEqual([0, 0, 20, 50, 50, 60, 110, 140]);
  });

  it('gives work that was cut in two its active time, and leaves out what began before the first turn', () => {
    expect(clock.between([40, 90, 110, 320, 520])).toEqual([60, 60]);
    expect(clock.between([40, 90])).toEqual([]);
    expect(new ActiveClock().between([1, 2])).toEqual([]);
  });
});
