import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { Budget } from '#contract/run.ts';
import { openDevice } from '#engine/devices/open.ts';
import { probeDevice } from '#engine/devices/probe.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { halfSquares } from '#engine/ops/norms.ts';
import { sub, tensor2d, values, variable } from '#engine/ops/basic.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import type { Model } from '#models/define-model.ts';
import { stageBudget } from '#training/identity.ts';
import { mirrorOf, stepFactors, stepInputs, stepLoss } from '#training/mirror.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { smallBudget, trainConfig } from '#test/fixtures/train-config.ts';
import { only, outcome, RunOfTest } from '#test/fixtures/training.ts';
import { orSkipped } from '../engine/check.ts';

const learningRate = 0.1;

/** One number that is drawn to each batch's target: L = ½(w − y)². */
function tiny(): Model & { read(): number } {
  const w = variable(Float32Array.of(1), [1, 1], 'w');
  return {
    parameters: new Map([['w', w]]),
    record: {},
    inputs: ({ users }) => ({ target: Float32Array.from(users) }),
    loss: (inputs) => {
      const { target } = inputs as { target: Float32Array };
      const total = halfSquares(sub(w as never, tensor2d(target, [1, 1]))) as Scalar;
      return { total, terms: { squares: total.clone() } };
    },
    represent: () => expect.fail('not asked for'),
    dispose: () => w.dispose(),
    read: () => values(w)[0]!,
  };
}

/** The same by hand, in double: Adam with its moments, two steps on every β-th batch. */
function byHand(targets: readonly number[], mirror: { descent: number; weight: number; every: number }): number[] {
  let [w, first, second, steps] = [1, 0, 0, 0];
  const step = (gradient: number) => {
    steps += 1;
    first = 0.9 * first + 0.1 * gradient;
    second = 0.999 * second + 0.001 * gradient ** 2;
    w -= (learningRate * (first / (1 - 0.9 ** steps))) / (Math.sqrt(second / (1 - 0.999 ** steps)) + 1e-8);
  };
  return targets.map((target, place) => {
    const isMirrored = place % mirror.every === 0;
    step((isMirrored ? mirror.descent : 1) * (w - target));
    if (isMirrored) step(-mirror.weight * (w - target));
    return w;
  });
}

const budget: Budget = { ...smallBudget, mirror: 0.3, mirrorDescent: 0.5, mirrorEvery: 3 };

for (const probe of [await probeDevice('wasm'), await probeDevice('cpu'), await probeDevice('tensorflow')]) {
  describe.skipIf(!probe.available)(`Mirror Gradient on ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice | undefined;
    const runs: RunOfTest[] = [];
    afterEach(async () => {
      device?.close();
      device = undefined;
      for (const run of runs.splice(0)) await rm(run.folder, { recursive: true, force: true });
    });

    it.each([true, false])('takes the steps that a hand takes (compiled: %s)', async (compile) => {
      device = await openDevice(probe.id, { compile });
      const mirror = mirrorOf(budget)!;
      const targets = [3, -2, 4, 0, 1, 5, 2];
      const model = tiny();
      const adam = new Adam(model.parameters);
      const step = new TrainStep({ parameters: model.parameters, adam, loss: stepLoss(model, mirror) });
      const ours = targets.map((target, place) => {
        const batch = { users: Int32Array.of(target), positives: new Int32Array(0), negatives: new Int32Array(0) };
        for (const factor of stepFactors(mirror, place)) {
          const before = model.read();
          const { total, terms } = step.run(stepInputs(mirror, model.inputs(batch, 0), factor), learningRate);
          expect(total / factor).toBeCloseTo((before - target) ** 2 / 2, 5);
          expect(terms['squares']).toBeCloseTo((before - target) ** 2 / 2, 5);
        }
        return model.read();
      });
      byHand(targets, mirror).forEach((expected, place) => expect(ours[place], `batch ${place}`).toBeCloseTo(expected, 5));
      if (compile && probe.id !== 'cpu') expect(step.mode).toBe('compiled');
      step.dispose();
      adam.dispose();
      model.dispose();
    });

    it('trains a run, the same bit for bit when it was killed and resumed, and not as one without', async () => {
      device = await openDevice(probe.id, { compile: true, threads: 1 });
      const given = { dataset: drawnDataset(), device };
      const run = async (changed: Partial<Budget>) => {
        const config = trainConfig('mgcn', { device: probe.id, budget: { epochs: 3, ...changed } });
        const made = await RunOfTest.new({ ...given, config });
        runs.push(made);
        return made;
      };
      const mirrored = { mirror: 0.2, mirrorEvery: 2 };
      const whole = await (await run(mirrored)).go();
      const killed = await run(mirrored);
      await killed.go({ until: (event) => event.type === 'phase' && event.phase === 'evaluate' && event.epoch === 2 });
      expect(outcome(await killed.go({ resume: true }))).toEqual(outcome(whole));
      const plain = await (await run({})).go();
      const losses = (events: typeof whole) => only(events, 'epochFinished').map(({ loss }) => loss);
      expect(losses(plain)).not.toEqual(losses(whole));
      expect(only(whole, 'finished')[0]).toMatchObject({ leakedTensors: 0, fallbacks: [] });
    });
  });
}

describe('Mirror Gradient in a budget', () => {
  it('is off where nothing or 0 is said, and has the released α₁ and β', () => {
    expect(mirrorOf(smallBudget)).toBeUndefined();
    expect(mirrorOf({ ...smallBudget, mirror: 0, mirrorEvery: 2 })).toBeUndefined();
    expect(mirrorOf({ ...smallBudget, mirror: 0.1 })).toEqual({ weight: 0.1, descent: 1, every: 3 });
    expect([0, 1, 2, 3].map((place) => stepFactors(mirrorOf(budget), place))).toEqual([[0.5, -0.3], [1], [1], [0.5, -0.3]]);
    expect([0, 1].map((place) => stepFactors(undefined, place))).toEqual([[1], [1]]);
  });

  it('is for the run’s own model: other models are pretrained without it, a warm-up of its own with it', () => {
    const request = { id: 'pretrain', model: 'mgcn', hyper: {} };
    expect(stageBudget(budget, request)).toEqual(smallBudget);
    expect(stageBudget(budget, { ...request, epochs: 4 })).toMatchObject({ mirror: 0.3, epochs: 4 });
  });
});
