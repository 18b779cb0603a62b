import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import { layOut } from '#engine/devices/wasm-plan-layout.ts';
import type { Entry, Region } from '#engine/devices/wasm-plan-record.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice, SparseMatrix } from '#engine/engine.ts';
import { jobBinary } from '#engine/kernels/assembly/job-numbers.ts';
import { Adam } from '#engine/ops/adam.ts';
import * as basic from '#engine/ops/basic.ts';
import type { Rank, Scalar } from '#engine/ops/basic.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { propagate, sparse, spmm } from '#engine/ops/sparse.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import { draw } from './check.ts';

const rows = 40;
const width = 8;

interface Inputs {
  readonly ids: Int32Array;
  readonly graph: SparseMatrix;
}

type Loss = (table: Tensor2D, inputs: Inputs) => Scalar;

interface Ran {
  readonly totals: readonly number[];
  readonly left: Float32Array;
  readonly mode: string;
}

/** Steps on one table over these inputs; before each, `before` is told its number. */
async function train(
  compile: boolean,
  loss: Loss,
  inputs: readonly (() => object)[],
  before: (step: TrainStep, number: number, table: Variable) => void = () => undefined,
): Promise<Ran> {
  await openDevice('wasm', { compile, threads: 2 });
  const table = basic.variable<Rank.R2>(draw(rows * width, 3), [rows, width], 'table');
  const parameters = new Map([['table', table as Variable]]);
  const adam = new Adam(parameters);
  const step = new TrainStep({
    parameters,
    adam,
    loss: (given) => ({ total: loss(table as unknown as Tensor2D, given as Inputs), terms: {} }),
  });
  const totals = inputs.map((make, number) => {
    before(step, number, table);
    return step.run(make(), 0.05).total;
  });
  const result = { totals, left: basic.values(table), mode: step.mode };
  step.dispose();
  adam.dispose();
  table.dispose();
  return result;
}

describe('a plan on wasm', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm', { threads: 2 });
  });
  afterAll(() => device.close());

  const sumOfSquares = (x: Tensor2D | Tensor1D): Scalar => basic.sum(basic.square(x)) as Scalar;
  const ids = (count: number, by: number) => Int32Array.from({ length: count }, (_, r) => (r * by) % rows);

  it.each([
    [
      'of stock kernels',
      (x: Tensor2D) => sumOfSquares(basic.softmax(basic.transpose(basic.maximum(x, basic.softplus(x)) as Tensor2D)) as Tensor2D),
    ],
    [
      'of tables of zeros and ones',
      (x: Tensor2D) =>
        basic.sum(basic.mul(basic.sum(x, 1, true), basic.add(basic.ones([rows, width]), basic.zeros([rows, width])))) as Scalar,
    ],
    [
      'of what may be overwritten',
      (x: Tensor2D) => {
        const y = basic.add(x, 1);
        const z = basic.mul(y, x);
        return basic.sum(basic.sub(basic.neg(basic.tanh(z)), basic.addN([y, z, basic.sigmoid(y)]))) as Scalar;
      },
    ],
    [
      'of parts',
      (x: Tensor2D) => sumOfSquares(basic.concat([basic.slice(x, [3, 2], [5, 4]), basic.slice(x, [0, 0], [2, 4])], 0) as Tensor2D),
    ],
  ] as const)('%s computes what an eager step does, bit for bit', async (_, loss) => {
    const inputs = Array.from({ length: 4 }, () => () => ({}));
    const eager = await train(false, loss, inputs);
    const before = device.memory();
    const compiled = await train(true, loss, inputs);
    expect(compiled).toEqual({ ...eager, mode: 'compiled' });
    expect(device.memory()).toEqual(before);
  });

  it('finds room for batches that grow, and has more shapes than plans', async () => {
    const inputs = Array.from({ length: 150 }, (_, s) => () => ({ ids: ids(1 + ((s * 7) % 75), 3) }));
    const loss: Loss = (x, { ids: some }) => sumOfSquares(gatherRows(x, some));
    expect(await train(true, loss, inputs)).toEqual({ ...(await train(false, loss, inputs)), mode: 'compiled' });
  });

  it('takes the matrix of each step, with more entries than the one that was recorded', async () => {
    const matrices = [1, 5, 2, 30].map((degree) => {
      const offsets = Int32Array.from({ length: rows + 1 }, (_, r) => r * degree);
      const indices = Int32Array.from({ length: rows * degree }, (_, e) => (e * 7) % rows);
      return sparse({ rows, columns: rows, offsets, indices, values: draw(rows * degree, degree, 0.3) });
    });
    const inputs = matrices.map((graph) => () => ({ graph }));
    const loss: Loss = (x, { graph }) => basic.add(sumOfSquares(propagate(graph, x, 3)), sumOfSquares(spmm(graph, x))) as Scalar;
    expect(await train(true, loss, inputs)).toEqual({ ...(await train(false, loss, inputs)), mode: 'compiled' });
    for (const matrix of matrices) matrix.dispose();
  });

  it('is the same after a rest whose memory others have taken', async () => {
    const inputs = Array.from({ length: 5 }, (_, s) => () => ({ ids: ids(30, 1 + s) }));
    const loss: Loss = (x, { ids: some }) => sumOfSquares(basic.tanh(gatherRows(x, some)) as Tensor2D);
    const taken: { dispose(): void }[] = [];
    const rest = (step: TrainStep, number: number): void => {
      step.rest();
      taken.push(basic.zeros([100 * (number + 1)]));
    };
    expect(await train(true, loss, inputs, rest)).toEqual({ ...(await train(false, loss, inputs)), mode: 'compiled' });
    for (const tensor of taken) tensor.dispose();
  });

  it('is no plan for a step that assigns a variable: that one runs eagerly', async () => {
    const loss =
      (kept: Variable): Loss =>
      (x) => {
        const total = basic.sum(basic.mul(x, kept)) as Scalar;
        kept.assign(basic.tidy(() => basic.mul(x, 2)));
        return total;
      };
    const run = async (compile: boolean): Promise<Ran> => {
      await openDevice('wasm', { compile, threads: 2 });
      const kept = basic.variable<Rank.R2>(draw(rows * width, 9), [rows, width], 'kept');
      const result = await train(
        compile,
        loss(kept),
        Array.from({ length: 3 }, () => () => ({})),
      );
      kept.dispose();
      return result;
    };
    const mode = 'eager: it assigns a variable';
    expect(await run(true)).toEqual({ ...(await run(false)), mode });
  });
});

describe('the layout of a plan', () => {
  const drawn = fc.array(
    fc.record({ bytes: fc.integer({ min: 0, max: 5000 }), reads: fc.array(fc.nat(), { maxLength: 3 }), isInPlace: fc.boolean() }),
    { minLength: 1, maxLength: 40 },
  );

  it('has no two regions share a place at one time, but for a result that overwrites its operand', () => {
    fc.assert(
      fc.property(drawn, (kernels) => {
        const all: Region[] = [];
        const tensors = new Map<object, Region>();
        const entries = kernels.map(({ bytes, reads, isInPlace }, entry): Entry => {
          const inputs = entry === 0 ? [] : reads.map((read) => all[read % entry]!);
          for (const input of inputs) input.last = entry;
          const made = { at: 2 ** 40 + entry * 10_000, bytes, first: entry, last: entry };
          const dataId = {};
          all.push(made);
          tensors.set(dataId, made);
          const jobs = [{ job: isInPlace ? jobBinary : -1, chunks: 1, values: [] }];
          return { kind: 'jobs', name: 'K', inputs, tensors: [dataId], jobs };
        });
        const result = all.at(-1)!;
        const { offsets, bytes } = layOut({ entries, regions: { all }, tensors }, new Set([result]));
        const until = (region: Region): number => (region === result ? Infinity : region.last);
        for (const [a, region] of all.entries()) {
          const from = offsets.get(region)!;
          expect(from % 64).toBe(0);
          expect(from + region.bytes).toBeLessThanOrEqual(bytes);
          for (const other of all.slice(a + 1)) {
            if (other.first > until(region)) continue;
            const to = offsets.get(other)!;
            const isApart = to >= from + region.bytes || from >= to + other.bytes;
            const overwrites =
              other.first === region.last && kernels[other.first]!.isInPlace && region.bytes === other.bytes && to === from;
            expect(isApart || overwrites).toBe(true);
          }
        }
      }),
    );
  });
});
