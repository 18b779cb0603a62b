import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { openDevice } from '#engine/devices/open.ts';
import { probeDevice } from '#engine/devices/probe.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { add, changing, mul, square, sub, sum, tensor1d, values, variable } from '#engine/ops/basic.ts';
import type { Rank, Scalar } from '#engine/ops/basic.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import { orSkipped } from './check.ts';

interface Inputs {
  readonly wanted: Float32Array;
  readonly weight: Float32Array;
}

type Term = (parameter: Tensor1D, inputs: Inputs) => Scalar;

const distance: Term = (parameter, { wanted, weight }) => mul(sum(square(sub(parameter, tensor1d(wanted)))), changing(weight)) as Scalar;

/** Six steps towards values that change, of two lengths by turns where `isShort`; what they left and how they ran. */
function train(term: Term, isShort = false) {
  const parameter = variable<Rank.R1>(Float32Array.of(1, 2, 3), [3], 'p');
  const adam = new Adam(new Map([['p', parameter]]));
  const loss = (inputs: object) => {
    const total = term(parameter as unknown as Tensor1D, inputs as Inputs);
    return { total, terms: { term: total } };
  };
  const step = new TrainStep({ parameters: new Map([['p', parameter]]), adam, loss });
  const totals = Array.from({ length: 6 }, (_, s) => {
    const wanted = isShort && s % 2 === 1 ? Float32Array.of(s) : Float32Array.of(s, -s, 0.5 * s);
    return step.run({ wanted, weight: Float32Array.of(1 + s) }, 0.1).total;
  });
  const result = { totals, left: [...values(parameter)], mode: step.mode, replayed: step.replayed };
  step.dispose();
  adam.dispose();
  parameter.dispose();
  return result;
}

describe('a training step', () => {
  it('runs eagerly where the device compiles none, and where it is told to, and says so', async () => {
    const cpu = await openDevice('cpu');
    const there = train(distance);
    expect(there).toMatchObject({ mode: 'eager: this device compiles no steps', replayed: 0 });
    cpu.close();
    const told = await openDevice('cpu', { compile: false });
    expect(train(distance)).toEqual({ ...there, mode: 'eager: compiling is switched off' });
    told.close();
  });
});

for (const probe of [await probeDevice('tensorflow'), await probeDevice('wasm')]) {
  describe.skipIf(!probe.available)(`a compiled step on ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    beforeAll(async () => {
      device = await openDevice(probe.id, { compile: true });
    });
    afterAll(() => device.close());

    const eager = async (term: Term, isShort = false) => {
      await openDevice(probe.id, { compile: false });
      const result = train(term, isShort);
      await openDevice(probe.id, { compile: true });
      return result;
    };

    it.each([false, true])('takes inputs and numbers of each step, and a shape of its own where one comes (%s)', async (isShort) => {
      const wanted = await eager(distance, isShort);
      const before = device.memory();
      expect(train(distance, isShort)).toEqual({ ...wanted, mode: 'compiled', replayed: 6 });
      expect(device.memory()).toEqual(before);
    });

    it('may run while the next one is prepared: same losses, and who reads a parameter sees the step done', () => {
      const before = device.memory();
      const follow = (isAhead: boolean) => {
        const parameter = variable<Rank.R1>(Float32Array.of(1, 2, 3), [3], 'p');
        const adam = new Adam(new Map([['p', parameter]]));
        const loss = (inputs: object) => ({ total: distance(parameter as unknown as Tensor1D, inputs as Inputs), terms: {} });
        const step = new TrainStep({ parameters: new Map([['p', parameter]]), adam, loss });
        const seen: number[][] = [];
        const totals: number[] = [];
        for (let s = 0; s < 8; s++) {
          const inputs = { wanted: Float32Array.of(s, -s, 1), weight: Float32Array.of(1 + s) };
          if (isAhead) step.prepare(inputs);
          const running = step.start(inputs, 0.1);
          if (isAhead) {
            // The next step's inputs, and some that no step is given.
            step.prepare({ wanted: Float32Array.of(s + 1, -s - 1, 1), weight: Float32Array.of(2 + s) });
            seen.push([...values(parameter)]);
            totals.push(running.finish().total);
            expect(running.finish().total).toBe(totals[s]);
          } else {
            totals.push(running.finish().total);
            seen.push([...values(parameter)]);
          }
        }
        const { mode } = step;
        step.dispose();
        adam.dispose();
        parameter.dispose();
        return { totals, seen, mode };
      };
      expect(follow(true)).toEqual(follow(false));
      expect(follow(true).mode).toBe('compiled');
      expect(device.memory()).toEqual(before);
    });

    it('has more shapes than are kept, in turns: the same losses, and nothing is left', async () => {
      const follow = () => {
        const parameter = variable<Rank.R1>(Float32Array.of(1, 2, 3), [3], 'p');
        const adam = new Adam(new Map([['p', parameter]]));
        const loss = (inputs: object) => {
          const { wanted } = inputs as Inputs;
          return { total: add(sum(square(parameter as unknown as Tensor1D)), sum(square(tensor1d(wanted)))) as Scalar, terms: {} };
        };
        const step = new TrainStep({ parameters: new Map([['p', parameter]]), adam, loss });
        const totals = Array.from({ length: 160 }, (_, s) => step.run({ wanted: new Float32Array(1 + (s % 80)).fill(s) }, 0.1).total);
        const result = { totals, mode: step.mode };
        step.dispose();
        adam.dispose();
        parameter.dispose();
        return result;
      };
      await openDevice(probe.id, { compile: false });
      const wanted = follow();
      await openDevice(probe.id, { compile: true });
      const before = device.memory();
      expect(follow()).toEqual({ ...wanted, mode: 'compiled' });
      expect(device.memory()).toEqual(before);
    });

    it('that reads a value back is no step to compile: it runs eagerly, with the same result', async () => {
      const term: Term = (parameter, inputs) => {
        const size = sum(square(parameter)).dataSync()[0]!;
        return mul(distance(parameter, inputs), 1 / size) as Scalar;
      };
      const wanted = await eager(term);
      expect(train(term)).toEqual({ ...wanted, mode: 'eager: it reads a result back before it ends', replayed: 0 });
    });

    it('with a number that changes and is no input is noticed on its second batch', async () => {
      const make = (): Term => {
        let count = 0;
        return (parameter, inputs) => mul(distance(parameter, inputs), ++count) as Scalar;
      };
      expect(train(make()).mode).toMatch(/^eager: input \d of op \d+ \((Mul|Multiply)\) changes and is no input of the step$/);
    });

    it('keeps to what is assigned between two steps', async () => {
      const parameter = variable<Rank.R1>(Float32Array.of(1, 2, 3), [3], 'p');
      const adam = new Adam(new Map([['p', parameter]]));
      const loss = (inputs: object) => ({ total: distance(parameter as unknown as Tensor1D, inputs as Inputs), terms: {} });
      const step = new TrainStep({ parameters: new Map([['p', parameter]]), adam, loss });
      const run = () => step.run({ wanted: new Float32Array(3), weight: Float32Array.of(1) }, 0.1).total;
      run();
      const assigned = tensor1d([3, 4, 0]);
      parameter.assign(assigned as unknown as Parameters<typeof parameter.assign>[0]);
      assigned.dispose();
      expect(run()).toBe(25);
      expect(values(parameter)[0]).toBeLessThan(3);
      step.dispose();
      adam.dispose();
      parameter.dispose();
    });
  });
}
