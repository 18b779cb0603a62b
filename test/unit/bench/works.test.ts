import { describe, expect, test } from 'vitest';
import { goalOf, isMet, works } from '#test/bench/works.ts';
import type { Work } from '#test/bench/works.ts';

const work = (id: string): Work => works.find((candidate) => candidate.id === id)!;

describe('goals', () => {
  test('ids are unique, because --only names them', () => {
    expect(new Set(works.map(({ id }) => id)).size).toBe(works.length);
  });

  test('differ by device and bind at two threads of the peer', () => {
    expect(goalOf(work('lightgcn'), 'wasm', 2)).toBe(0.33);
    expect(goalOf(work('lightgcn'), 'tensorflow', 2)).toBe(0.2);
    expect(goalOf(work('lightgcn'), 'wasm', 1)).toBeNull();
    expect(goalOf(work('knn'), 'wasm', 2)).toBeNull();
  });

  test('that bound milliseconds or memory need no peer', () => {
    expect(goalOf(work('start'), 'wasm', 1)).toBe(1500);
    expect(isMet(work('start'), 1500, { ms: 1500 })).toBe(true);
    expect(isMet(work('start'), 1500, { ms: 1501 })).toBe(false);
    expect(isMet(work('electronics'), 4096, { ms: 9e9, peakMb: 3000 })).toBe(true);
  });

  test('are met at the bound and not above it', () => {
    expect(isMet(work('evaluation'), 0.15, { ratio: 0.15 })).toBe(true);
    expect(isMet(work('evaluation'), 0.15, { ratio: 0.151 })).toBe(false);
  });

  test('of LightGCN, FREEDOM and MGCN ask for a win over the best form too', () => {
    expect(isMet(work('mgcn'), 0.4, { ratio: 0.3, bestRatio: 0.9 })).toBe(true);
    expect(isMet(work('mgcn'), 0.4, { ratio: 0.3, bestRatio: 1 })).toBe(false);
    expect(isMet(work('mgcn'), 0.4, { ratio: 0.3 })).toBeNull();
    expect(isMet(work('egra'), 0.4, { ratio: 0.3, bestRatio: 1.2 })).toBe(true);
  });

  test('say nothing where a figure or the goal is missing', () => {
    expect(isMet(work('lightgcn'), 0.33, { ratio: null })).toBeNull();
    expect(isMet(work('lightgcn'), null, { ratio: 0.1, bestRatio: 0.1 })).toBeNull();
    expect(isMet(work('knn'), null, { ratio: 0.1 })).toBeNull();
  });
});
