import { describe, expect, test } from 'vitest';
import { drawsOf } from '#studio/search/draws.ts';
import { parzenOf } from '#studio/search/parzen.ts';
import { isRepeated, proposals, trialsOf, type Study } from '#studio/search/proposals.ts';
import { gridPoint, pointKey, sizeOf, type Point, type Range, type Space } from '#studio/search/space.ts';
import { startUpTrials } from '#studio/search/tpe.ts';
import { ranked, type Trial } from '#studio/search/trial.ts';

const tau: Range = { key: 'tau', kind: 'range', from: 0.05, to: 1, scale: 'linear', whole: false };
const reg: Range = { key: 'reg', kind: 'range', from: 1e-6, to: 1e-1, scale: 'log', whole: false };
const layers: Range = { key: 'layers', kind: 'range', from: 1, to: 4, scale: 'linear', whole: true };
const fusion = { key: 'fusion', kind: 'choice', values: ['mean', 'sum', 'concat'] } as const;

/** Runs a whole study one trial at a time against an objective. */
function search(study: Study, objective: (point: Point) => number, together = 1): Trial[] {
  const trials: Trial[] = [];
  for (;;) {
    const next = proposals(study, trials, together);
    if (next.length === 0) return trials;
    for (const point of next) trials.push({ point, outcome: { kind: 'finished', value: objective(point) } });
  }
}
const best = (trials: readonly Trial[]) =>
  Math.max(...trials.map(({ outcome }) => (outcome.kind === 'finished' ? outcome.value : -Infinity)));

describe('random search', () => {
  const study: Study = { strategy: 'random', space: [tau, reg, layers, fusion], trials: 400, name: '0' };

  test('draws as many points as asked for, all inside, none twice, and the same ones for the same seed', () => {
    const points = proposals(study, [], 1);
    expect(points).toHaveLength(400);
    expect(new Set(points.map((point) => pointKey(study.space, point))).size).toBe(400);
    for (const point of points) {
      expect(point['tau']).toBeGreaterThanOrEqual(0.05);
      expect(point['tau']).toBeLessThanOrEqual(1);
      expect([1, 2, 3, 4]).toContain(point['layers']);
      expect(fusion.values).toContain(point['fusion']);
    }
    expect(proposals(study, [], 1)).toEqual(points);
    expect(proposals({ ...study, name: '1' }, [], 1)).not.toEqual(points);
  });

  test('a logarithmic range gives each power of ten its share, whole numbers and lists each value', () => {
    const points = proposals(study, [], 1);
    const decades = [0, 0, 0, 0, 0];
    for (const point of points) decades[Math.min(4, Math.floor(Math.log10(point['reg'] as number) + 6))]! += 1;
    // 400 draws over 5 or 4 or 3 places: five standard deviations.
    for (const count of decades) expect(Math.abs(count - 80)).toBeLessThan(40);
    for (const layer of [1, 2, 3, 4]) expect(Math.abs(points.filter((point) => point['layers'] === layer).length - 100)).toBeLessThan(44);
    for (const value of fusion.values) expect(Math.abs(points.filter((point) => point['fusion'] === value).length - 133)).toBeLessThan(48);
  });

  test('a small space ends when every point was tried, each once', () => {
    const small: Study = { strategy: 'random', space: [layers, fusion], trials: 50, name: '0' };
    expect(trialsOf(small)).toBe(12);
    const points = proposals(small, [], 1);
    expect(new Set(points.map((point) => pointKey(small.space, point))).size).toBe(12);
    expect(proposals({ ...small, strategy: 'tpe' }, [], 1)).toHaveLength(startUpTrials(12));
    expect(search({ ...small, strategy: 'tpe' }, () => 0)).toHaveLength(12);
  });

  test('going on after any number of trials gives what an uninterrupted search gives', () => {
    const whole = proposals(study, [], 1);
    const sofar = whole.slice(0, 137).map((point): Trial => ({ point, outcome: { kind: 'open' } }));
    expect(proposals(study, sofar, 1)).toEqual(whole.slice(137));
  });
});

test('a search comes to the same trials again where they do not depend on what was open, or as many are open at a time', () => {
  const objective = (point: Point) => -Math.abs((point['tau'] as number) - 0.3);
  const study: Study = { strategy: 'random', space: [tau, reg], trials: 30, name: '0' };
  expect(isRepeated(study, search(study, objective, 3), 1)).toBe(true);
  const tpe: Study = { ...study, strategy: 'tpe' };
  expect(isRepeated(tpe, search(tpe, objective), 1)).toBe(true);
  expect(isRepeated(tpe, search(tpe, objective), 3)).toBe(false);
  expect(isRepeated(tpe, search(tpe, objective, 3), 3)).toBe(true);
  expect(isRepeated(tpe, search(tpe, objective, 3), 1)).toBe(false);
  expect(isRepeated({ ...tpe, name: '1' }, search(tpe, objective), 1)).toBe(false);
});

test('a grid has its own number of trials, in grid order, the last field fastest', () => {
  const space: Space = [{ key: 'a', kind: 'choice', values: [1, 2] }, fusion];
  expect(sizeOf(space)).toBe(6);
  expect(proposals({ strategy: 'grid', space, trials: 3, name: '' }, [], 1).map((point) => `${point['a']}${point['fusion']}`)).toEqual([
    '1mean',
    '1sum',
    '1concat',
    '2mean',
    '2sum',
    '2concat',
  ]);
  expect(gridPoint(space, 6)).toBeUndefined();
  expect(proposals({ strategy: 'grid', space: [], trials: 3, name: '' }, [], 1)).toEqual([{}]);
});

describe('Parzen estimators', () => {
  const dense = (range: Range, observed: readonly number[]) => {
    const estimate = parzenOf(range, observed);
    return (value: number) => Math.exp(estimate.logDensity(value));
  };

  test('a range’s density integrates to one, on both scales, and is highest where values were observed', () => {
    for (const observed of [[], [0.2], [0.2, 0.22, 0.8]]) {
      const density = dense(tau, observed);
      const n = 20_000;
      let sum = 0;
      for (let at = 0; at < n; at++) sum += (density(0.05 + ((at + 0.5) / n) * 0.95) * 0.95) / n;
      expect(sum).toBeCloseTo(1, 4);
    }
    const logarithmic = dense(reg, [1e-4]);
    const n = 20_000;
    const width = Math.log(1e-1 / 1e-6);
    let sum = 0;
    for (let at = 0; at < n; at++) sum += (logarithmic(1e-6 * Math.exp(((at + 0.5) / n) * width)) * width) / n;
    expect(sum).toBeCloseTo(1, 4);
    const near = dense(tau, [0.2, 0.22, 0.24]);
    expect(near(0.21)).toBeGreaterThan(2 * near(0.7));
  });

  test('whole numbers have probabilities that add up to one', () => {
    const likely = dense(layers, [2, 2, 3]);
    expect([1, 2, 3, 4].reduce((sum, value) => sum + likely(value), 0)).toBeCloseTo(1, 6);
    expect(likely(2)).toBeGreaterThan(likely(4));
  });

  test('a list counts what was observed over one of each', () => {
    const estimate = parzenOf(fusion, ['sum', 'sum', 'mean']);
    expect(['mean', 'sum', 'concat'].map((value) => Math.exp(estimate.logDensity(value)))).toEqual([
      expect.closeTo(2 / 6, 12),
      expect.closeTo(3 / 6, 12),
      expect.closeTo(1 / 6, 12),
    ]);
  });

  test('draws follow the density', () => {
    const estimate = parzenOf(tau, [0.9, 0.92, 0.94]);
    const density = dense(tau, [0.9, 0.92, 0.94]);
    let above = 0;
    for (let at = 0; at < 1000; at++) above += (density(0.8 + ((at + 0.5) / 1000) * 0.2) * 0.2) / 1000;
    const draws = drawsOf('draws');
    const drawn = Array.from({ length: 4000 }, () => estimate.draw(draws) as number);
    // Five standard deviations of a share of 4000.
    expect(Math.abs(drawn.filter((value) => value >= 0.8).length / 4000 - above)).toBeLessThan(0.04);
  });
});

describe('TPE', () => {
  const space: Space = [tau, reg, layers, fusion];
  /** Its optimum: tau 0.3, reg 1e-4, layers 3, fusion sum, value 0. */
  const objective = (point: Point): number =>
    -(
      (((point['tau'] as number) - 0.3) / 0.3) ** 2 +
      (Math.log10(point['reg'] as number) + 4) ** 2 / 2 +
      0.5 * Math.abs((point['layers'] as number) - 3) +
      (point['fusion'] === 'sum' ? 0 : 1)
    );

  test('comes closer to a known optimum than random search with the same budget, over many seeds', () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => String(seed));
    const run = (strategy: 'random' | 'tpe', name: string) => best(search({ strategy, space, trials: 60, name }, objective));
    const pairs = seeds.map((name) => ({ tpe: run('tpe', name), random: run('random', name) }));
    const mean = (key: 'tpe' | 'random') => pairs.reduce((sum, pair) => sum + pair[key], 0) / pairs.length;
    const wins = pairs.filter((pair) => pair.tpe > pair.random).length;
    // A fair coin gives 45 of 60 with probability below 1e-4.
    expect(wins).toBeGreaterThanOrEqual(45);
    expect(-mean('tpe')).toBeLessThan(-mean('random') / 2);
  });

  test('starts at random, proposes as many as may be open together, and never one twice', () => {
    const study: Study = { strategy: 'tpe', space, trials: 30, name: '7' };
    const first = proposals(study, [], 2);
    expect(first).toEqual(proposals({ ...study, strategy: 'random', trials: 10 }, [], 1));
    const done = first.map((point): Trial => ({ point, outcome: { kind: 'finished', value: objective(point) } }));
    const two = proposals(study, done, 2);
    expect(two).toHaveLength(2);
    expect(proposals(study, [...done, { point: two[0]!, outcome: { kind: 'open' } }], 2)).toEqual([two[1]]);
    expect(proposals(study, [...done, ...two.map((point): Trial => ({ point, outcome: { kind: 'open' } }))], 2)).toEqual([]);
    const all = search(study, objective);
    expect(all).toHaveLength(30);
    expect(new Set(all.map(({ point }) => pointKey(space, point))).size).toBe(30);
    // As long as the start-up is not over nothing is estimated.
    expect(proposals(study, [{ ...done[0]!, outcome: { kind: 'open' } }, ...done.slice(1)], 1)).toEqual([]);
  });

  test('keeps away from what failed, and ranks ended trials by how far they came', () => {
    const far: Trial = { point: { tau: 0.9 }, outcome: { kind: 'failed' } };
    const halted = (epoch: number, value: number): Trial => ({ point: { tau: epoch / 100 }, outcome: { kind: 'halted', epoch, value } });
    const finished: Trial = { point: { tau: 0.1 }, outcome: { kind: 'finished', value: 0.01 } };
    const order = [far, halted(9, 0.09), halted(27, 0.02), halted(9, 0.08), finished];
    expect(ranked([...order, { ...far, outcome: { kind: 'open' } }, { ...far, outcome: { kind: 'unknown' } }])).toEqual([
      finished,
      order[2],
      order[1],
      order[3],
      far,
    ]);
    const one: Space = [tau];
    const trials = [
      ...[0.7, 0.75, 0.8, 0.85, 0.9, 0.95].map((value): Trial => ({ point: { tau: value }, outcome: { kind: 'failed' } })),
      ...[0.2, 0.25, 0.3].map((value): Trial => ({ point: { tau: value }, outcome: { kind: 'finished', value: 1 - value } })),
    ];
    for (let seed = 0; seed < 20; seed++) {
      const [point] = proposals({ strategy: 'tpe', space: one, trials: 20, name: String(seed) }, trials, 1);
      expect(point!['tau']).toBeLessThan(0.6);
    }
  });
});
