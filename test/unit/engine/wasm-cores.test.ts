import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { coreIn, Cores, linuxCores } from '#engine/devices/wasm-cores.ts';
import type { CoreAccess } from '#engine/devices/wasm-cores.ts';

/** Threads that lie where `cores` says and go to the first core they may use when theirs is taken from them. */
function machine(own: number, cores: Record<number, number>, allowed: readonly number[]) {
  const masks = new Map<number, readonly number[]>();
  const told: [number, readonly number[]][] = [];
  let looks = 0;
  const access: CoreAccess = {
    own: () => {
      looks += 1;
      return own;
    },
    coreOf: (thread) => {
      if (cores[thread] === undefined) throw new Error('no such thread');
      return cores[thread];
    },
    allowed: (thread) => masks.get(thread) ?? allowed,
    allow: (thread, may) => {
      masks.set(thread, may);
      told.push([thread, may]);
      if (!may.includes(cores[thread]!)) cores[thread] = may[0]!;
    },
    close: () => undefined,
  };
  return { access, cores, told, masks, looks: () => looks };
}

describe('cores of computing threads', () => {
  it('a thread on the core of the caller is moved to a free one, and may then go anywhere again', () => {
    const { access, cores, masks } = machine(2, { 71: 2 }, [2, 3]);
    new Cores([71], access).spread(0);
    expect(cores).toEqual({ 71: 3 });
    expect(masks.get(71)).toEqual([2, 3]);
  });

  it('of two threads on one core one is moved, to where none of ours is', () => {
    const { access, cores } = machine(0, { 71: 1, 72: 1 }, [0, 1, 2, 3]);
    new Cores([71, 72], access).spread(0);
    expect(cores).toEqual({ 71: 1, 72: 2 });
  });

  it('threads on cores of their own, and threads for which there is no free core, are left alone', () => {
    const apart = machine(0, { 71: 1 }, [0, 1]);
    new Cores([71], apart.access).spread(0);
    expect(apart.told).toEqual([]);
    const many = machine(0, { 71: 0, 72: 1 }, [0]);
    new Cores([71, 72], many.access).spread(0);
    expect(many.told).toEqual([]);
  });

  it('looks are rare while all is well and close together after a move', () => {
    const { access, cores, looks } = machine(0, { 71: 1 }, [0, 1]);
    const spreading = new Cores([71], access);
    for (let now = 0; now < 1000; now++) spreading.spread(now);
    expect(looks()).toBe(10);
    cores[71] = 0;
    for (let now = 1000; now < 2000; now++) spreading.spread(now);
    expect(cores[71]).toBe(1);
    expect(looks()).toBe(10 + 200);
  });

  it('it gives up where a thread cannot be found, and after being closed', () => {
    const { access, looks } = machine(0, {}, [0, 1]);
    const spreading = new Cores([71], access);
    for (let now = 0; now < 1000; now++) spreading.spread(now);
    expect(looks()).toBe(1);
    const { access: other, looks: otherLooks } = machine(0, { 71: 0 }, [0, 1]);
    const closed = new Cores([71], other);
    closed.close();
    closed.spread(0);
    expect(otherLooks()).toBe(0);
  });

  it('on Linux the system says where a thread is and may be, and takes both as they were', () => {
    const access = linuxCores();
    // Elsewhere, and with another C library than glibc, threads stay where the system lays them.
    if (access === undefined) return;
    const allowed = access.allowed(process.pid);
    expect(allowed).toContain(access.coreOf(process.pid));
    access.allow(process.pid, allowed);
    expect(access.allowed(process.pid)).toEqual(allowed);
    expect(access.own()).toBeGreaterThanOrEqual(0);
    expect(() => access.coreOf(2 ** 22 + 1)).toThrow();
    access.close();
  });

  it('the core is the 39th field, whatever the name of the program is', () => {
    const fields = Array.from({ length: 50 }, (_, place) => String(place + 3));
    fields[36] = '5';
    expect(coreIn(`71 (a) R (b c) ${fields.join(' ')}`)).toBe(5);
    expect(() => coreIn('71 (a) R 1')).toThrow();
    if (process.platform === 'linux') expect(coreIn(readFileSync('/proc/self/stat', 'latin1'))).toBeGreaterThanOrEqual(0);
  });
});
