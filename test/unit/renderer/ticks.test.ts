import { describe, expect, it } from 'vitest';
import { logTicks, niceTicks } from '#renderer/charts/ticks.ts';

describe('ticks', () => {
  it('are round numbers inside the range', () => {
    expect(niceTicks(0.013, 0.068, 3)).toEqual([0.02, 0.04, 0.06]);
    expect(niceTicks(8.1, 20.4, 3)).toEqual([10, 15, 20]);
    expect(niceTicks(0, 58, 4, true)).toEqual([0, 20, 40]);
  });

  it('are whole for epochs, however short the run', () => {
    expect(niceTicks(0, 3, 8, true)).toEqual([0, 1, 2, 3]);
  });

  it('are none for a range that is none', () => {
    expect(niceTicks(0.4, 0.4 + 1e-16, 3)).toEqual([]);
    expect(niceTicks(1, 1, 3)).toEqual([]);
    expect(niceTicks(Number.NaN, 1, 3)).toEqual([]);
  });

  it('are powers of ten on a logarithmic axis, thinned when there are many', () => {
    expect(logTicks(6, 1e8, 4)).toEqual([10, 1000, 100_000, 10_000_000]);
    expect(logTicks(6, 1500, 4)).toEqual([10, 100, 1000]);
    expect(logTicks(12, 40, 3)).toEqual([20, 30, 40]);
  });
});
