import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { parametersRequestSchema, type Parameters } from '#contract/parameters.ts';
import { axisValue, brushed, heightOn, parallel } from '#renderer/charts/parallel.ts';
import { parametersOf } from '#studio/parameters.ts';
import { comparedRun, comparisonSourceOf, type RunSpec } from '../../fixtures/compared-runs.ts';

const ask = (specs: readonly RunSpec[], request: v.InferInput<typeof parametersRequestSchema> = {}): Parameters =>
  parametersOf(comparisonSourceOf(specs.map(comparedRun)), v.parse(parametersRequestSchema, request));

// Recall rises with k and does not care about w.
const sweep = (ks: readonly number[], ws: readonly number[], seeds: readonly number[] = [1]): RunSpec[] =>
  ks.flatMap((k) =>
    ws.flatMap((w) => seeds.map((seed) => ({ model: 'egra', hyper: { k, w }, seed, recall: 0.1 + 0.01 * k + 0.0001 * seed }))),
  );

describe('settings of runs', () => {
  it('are those that differ, of one model on one dataset, the seed left out', () => {
    const found = ask([...sweep([1, 2, 5], [0.1]), { model: 'mgcn', seed: 1, recall: 0.9 }]);
    expect(found).toMatchObject({
      model: 'egra',
      dataset: 'demo',
      models: [
        { id: 'egra', runs: 3 },
        { id: 'mgcn', runs: 1 },
      ],
    });
    expect(found.parameters).toEqual([{ key: 'k', isNumber: true, values: [1, 2, 5] }]);
    expect(found.runs.map(({ value }) => value.toFixed(4))).toEqual(['0.1101', '0.1201', '0.1501']);
    expect(found.importance).toBeUndefined();
    expect(ask([...sweep([1, 2], [0.1]), { model: 'mgcn', seed: 1, recall: 0.9 }], { model: 'mgcn' }).parameters).toEqual([]);
  });

  it('have no axis where not every run has them, and are named with how many have them', () => {
    const [first, ...rest] = sweep([1, 2, 5], [0.1]);
    const found = ask([{ ...first!, hyper: { k: 1, w: 0.1, extra: 3 } }, ...rest]);
    expect(found.parameters.map(({ key }) => key)).toEqual(['k']);
    expect(found.partial).toEqual([{ key: 'extra', runs: 1 }]);
    expect(ask(rest).partial).toEqual([]);
  });

  it('have an importance from ten runs on, the same each time', () => {
    const specs = sweep([1, 2, 3, 4, 5], [0.1, 0.2, 0.3], [1, 2]);
    const { importance } = ask(specs);
    expect(importance?.runs).toBe(30);
    expect(importance!.of[0]!.mean).toBeGreaterThan(0.5);
    expect(Math.abs(importance!.of[1]!.mean)).toBeLessThan(0.1);
    expect(ask(specs).importance).toEqual(importance);
  });

  it('leave out what did not finish, and say so where nothing did', () => {
    expect(
      ask([...sweep([1, 2], [0.1]), { model: 'egra', hyper: { k: 9, w: 0.1 }, seed: 1, recall: 0, state: 'failed' }]).runs,
    ).toHaveLength(2);
    expect(() => ask([{ model: 'egra', seed: 1, recall: 0, state: 'failed' }])).toThrow('No run in this comparison has finished yet');
  });
});

describe('parallel coordinates', () => {
  const found = ask(sweep([1, 10, 1000], [0.1, 0.2]));
  const size = { width: 600, height: 360 };

  it('give every axis its place, wide ranges in powers, and every run a line through its values', () => {
    const drawn = parallel(found, { ...size, limits: {} });
    expect(drawn.axes.map(({ key }) => key)).toEqual(['k', 'w', 'recall@20']);
    const [low, middle, high] = drawn.axes[0]!.ticks;
    // One, ten, a thousand: a third and the whole way up.
    expect((low!.y - middle!.y) / (low!.y - high!.y)).toBeCloseTo(1 / 3, 10);
    expect(heightOn(drawn.runs[0]!, 0)).toBeCloseTo(low!.y, 10);
    expect(drawn.runs.every(({ isKept }) => isKept)).toBe(true);
    expect(Math.max(...drawn.runs.map(({ merit }) => merit))).toBe(1);
  });

  it('keep what lies inside all limits; a brush becomes the range of the runs it covers', () => {
    const limited = parallel(found, { ...size, limits: { k: { low: 10, high: 1000 }, w: { low: 0.2, high: 0.2 } } });
    expect(limited.runs.filter(({ isKept }) => isKept)).toHaveLength(2);
    const drawn = parallel(found, { ...size, limits: {} });
    const heights = new Map(drawn.runs.map((run) => [run.id, heightOn(run, 0)]));
    const over = (from: number, to: number) => brushed(found, drawn, { key: 'k', from, to }, (run) => heights.get(run.id)!);
    expect(over(drawn.top - 5, drawn.axes[0]!.ticks[1]!.y + 5)).toEqual({ low: 10, high: 1000 });
    expect(over(100, 101)).toBeUndefined();
    expect(axisValue(found, found.runs[0]!, 'recall@20')).toBe(found.runs[0]!.value);
  });
});
