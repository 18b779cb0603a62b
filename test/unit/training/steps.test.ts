import { describe, expect, it } from 'vitest';
import { stepsOf, stepsPerEpoch } from '#contract/steps.ts';
import type { Budget } from '#contract/run.ts';
import { mirrorOf, stepFactors } from '#training/mirror.ts';

const budget: Budget = { epochs: 10, minEpochs: 0, patience: 5, batchSize: 32, learningRate: 1e-3, width: 8 };

describe('steps of an epoch', () => {
  it('are those that training takes, batch by batch, with Mirror Gradient too', () => {
    for (const rows of [1, 31, 32, 33, 96, 97, 1000])
      for (const own of [
        budget,
        { ...budget, mirror: 0.5 },
        { ...budget, mirror: 0.5, mirrorEvery: 1 },
        { ...budget, mirror: 2, mirrorEvery: 4 },
      ]) {
        let taken = 0;
        for (let place = 0; place * own.batchSize < rows; place++) taken += stepFactors(mirrorOf(own), place).length;
        expect(stepsPerEpoch(rows, own)).toBe(taken);
      }
  });

  it('are not guessed: a reason stands where they are not known', () => {
    const known = { trainRows: 100, isTrained: true };
    expect(stepsOf({ budget }, known)).toEqual({ state: 'known', perEpoch: 4 });
    expect(stepsOf({ budget }, { isTrained: true })).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('dataset') as string,
    });
    expect(stepsOf({ budget }, { ...known, isTrained: false }).state).toBe('unknown');
    const external = { kind: 'command', title: 'Mine', command: 'python train.py', folder: '/code' } as const;
    expect(stepsOf({ budget, external }, known).state).toBe('unknown');
  });

  it('of an imported run are those of its log, where that has any', () => {
    const from = (tool: 'tensorboard' | 'mlflow' | 'recbole', steps?: 'logged' | 'epochs' | 'unknown') =>
      stepsOf(
        { budget, imported: { tool, name: 'r', source: '/logs', hash: 'a', remarks: [], ...(steps === undefined ? {} : { steps }) } },
        { isTrained: true },
      ).state;
    expect([from('tensorboard', 'logged'), from('mlflow', 'logged'), from('tensorboard')]).toEqual(['logged', 'logged', 'logged']);
    expect([from('mlflow', 'unknown'), from('mlflow'), from('recbole', 'epochs'), from('recbole')]).toEqual(Array(4).fill('unknown'));
  });
});
