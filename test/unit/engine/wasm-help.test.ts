import { describe, expect, it } from 'vitest';
import { Help } from '#engine/devices/wasm-help.ts';

/** A job of 10 ms of work for one thread, from `at` on, of which others did half; then the caller waited. */
function job(help: Help, at: number, waited: number): number {
  const ended = at + 5 + waited;
  help.note({ started: at, worked: at + 5, ended, share: 0.5 });
  return ended;
}

/** Runs jobs until help is refused or `count` are done; the time then. */
function run(help: Help, from: number, waited: number, count = 20): number {
  let now = from;
  for (let n = 0; n < count && help.isWorthwhile(now); n++) now = job(help, now, waited);
  return now;
}

describe('help of other threads', () => {
  it('is taken while it saves time, also where the caller waits a little', () => {
    const help = new Help();
    const now = run(help, 0, 4, 1000);
    expect(help.isWorthwhile(now)).toBe(true);
  });

  it('is declined for a while where waiting costs more than it saves, longer each time, and tried again', () => {
    const help = new Help();
    const pauses: number[] = [];
    let now = 0;
    for (let n = 0; n < 8; n++) {
      now = run(help, now, 20);
      expect(help.isWorthwhile(now)).toBe(false);
      const declined = now;
      while (!help.isWorthwhile(now)) now += 1;
      pauses.push(now - declined);
    }
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1000, 1000, 1000]);
  });

  it('forgets a bad time once it helps again', () => {
    const help = new Help();
    let now = run(help, 0, 20);
    while (!help.isWorthwhile(now)) now += 1;
    now = run(help, now, 0, 10);
    expect(help.isWorthwhile(now)).toBe(true);
    now = run(help, now, 20);
    expect(help.isWorthwhile(now + 49)).toBe(false);
    expect(help.isWorthwhile(now + 50)).toBe(true);
  });

  it('from a caller that got no chunk of its own counts as no gain and no loss', () => {
    const help = new Help();
    help.note({ started: 0, worked: 1, ended: 100, share: 0 });
    expect(help.isWorthwhile(100)).toBe(true);
  });
});
