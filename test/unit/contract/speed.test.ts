import { describe, expect, it } from 'vitest';
import { bothSteps, milliseconds, offered, ranked, reasonOf, type Speed } from '#contract/speed.ts';

const speed = (device: Speed['device'], lightgcnMs: number, mgcnMs: number, more: Partial<Speed> = {}): Speed => ({
  device,
  threads: 1,
  isUsual: true,
  measured: { at: 1, name: device, version: '1', compile: 'eager', lightgcnMs, mgcnMs },
  ...more,
});
const missing: Speed = { device: 'webgpu', threads: 1, isUsual: true, missing: 'no driver' };

describe('speeds', () => {
  it('are ranked by both steps together, as runs get them by default', () => {
    const rows = [
      speed('cpu', 50, 400),
      speed('wasm', 4, 8),
      missing,
      speed('tensorflow', 1, 2, { isUsual: false }),
      speed('tensorflow', 9, 2),
    ];
    expect(ranked(rows).map(({ device }) => device)).toEqual(['tensorflow', 'wasm', 'cpu']);
    expect(bothSteps(rows[1]!)).toBe(12);
    expect(bothSteps(missing)).toBeUndefined();
  });

  it('offer another device than wasm where it saves a tenth', () => {
    const beside = (ms: number) => offered([speed('wasm', 4, 6), speed('tensorflow', 4, ms - 4)])?.device;
    expect([12, 9.5, 9.1, 8.9, 5].map(beside)).toEqual(['wasm', 'wasm', 'wasm', 'tensorflow', 'tensorflow']);
    expect(offered([missing, speed('cpu', 50, 400)])?.device).toBe('cpu');
    expect(offered([missing])).toBeUndefined();
    expect(reasonOf({ rows: [speed('wasm', 4, 6), speed('tensorflow', 4, 5.5)], device: 'wasm', because: 'fastest' })).toBe(
      '10.0 ms for both steps; tensorflow with 9.50 ms is less than a tenth quicker, which a second measurement may turn round.',
    );
  });

  it('give their reason in words', () => {
    const rows = [speed('wasm', 4, 8), speed('tensorflow', 10, 21)];
    expect(reasonOf({ rows, device: 'wasm', because: 'fastest' })).toBe(
      'Fastest here: 12.0 ms for both steps against 31.0 ms on tensorflow.',
    );
    expect(reasonOf({ rows: rows.slice(0, 1), device: 'wasm', because: 'fastest' })).toBe(
      'wasm is the only device measured here: 12.0 ms for both steps.',
    );
    expect(reasonOf({ rows: [], device: 'wasm', because: 'unmeasured' })).toBe('wasm until this machine is measured.');
    expect(reasonOf({ rows, device: 'tensorflow', because: 'chosen' })).toBe(
      'Chosen in Settings: 31.0 ms for both steps; the fastest here is wasm with 12.0 ms.',
    );
    expect(reasonOf({ rows, device: 'wasm', because: 'chosen' })).toBe('Chosen in Settings, and the fastest here: 12.0 ms for both steps.');
    expect(reasonOf({ rows, device: 'webgpu', because: 'chosen' })).toBe('Chosen in Settings.');
  });

  it('are written with three figures at most', () => {
    expect([0.123, 3.456, 34.56, 345.6].map(milliseconds)).toEqual(['0.12 ms', '3.46 ms', '34.6 ms', '346 ms']);
  });
});
