import { beforeAll, describe, expect, it, vi } from 'vitest';
import { setBackend, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, TensorInfo, Variable } from '@tensorflow/tfjs-core';
import type { AdamStep } from '#engine/device.ts';
import { DeviceError } from '#engine/device-error.ts';
import { probeDevice } from '#engine/devices/probe.ts';
import { TensorflowSlot } from '#engine/devices/tensorflow/adam.ts';
import { backendName, startBackend } from '#engine/devices/tensorflow/backend.ts';
import type { NodeBackend } from '#engine/devices/tensorflow/backend.ts';
import { TensorflowStep } from '#engine/devices/tensorflow/compiled-step.ts';
import { findLibrary } from '#engine/devices/tensorflow/find-library.ts';
import { tensorflowPack } from '#engine/devices/tensorflow/pack.ts';
import { configBytes, Session } from '#engine/devices/tensorflow/session.ts';
import { multiply, TensorflowMatrix } from '#engine/devices/tensorflow/sparse.ts';
import { scopeOn, Workspace } from '#engine/devices/tensorflow/workspace.ts';
import { dispose, square, sum, tensor1d, tensor2d, values, variable } from '#engine/ops/basic.ts';
import { draw, expectClose, orSkipped } from '../../check.ts';

const probe = await probeDevice('tensorflow');

it('writes thread counts as ConfigProto does', () => {
  // intra_op_parallelism_threads = 2, inter_op_parallelism_threads = 5: 300 is a varint of two bytes.
  expect([...configBytes(300)]).toEqual([0x10, 0xac, 0x02, 0x28, 0xac, 0x02]);
  expect([...configBytes(2)]).toEqual([0x10, 0x02, 0x28, 0x02]);
});

describe.skipIf(!probe.available)(`a session of tensorflow${orSkipped(probe)}`, () => {
  let session: Session;
  let backend: NodeBackend;
  beforeAll(async () => {
    const found = await findLibrary({});
    if (!('file' in found)) throw new Error('The probe found a library and this did not.');
    session = new Session(found.file, { threads: 2 });
    backend = startBackend(session);
    await setBackend(backendName);
  });

  it('reports its errors in its own words and keeps nothing of a failed op', () => {
    const [a, b] = [session.floats(Float32Array.of(1, 2), [1, 2]), session.floats(Float32Array.of(1), [1, 1])];
    const before = session.liveHandles;
    expect(() => session.run('NoSuchOp', [], {}, 1)).toThrow(DeviceError);
    const product = { transpose_a: { bool: false }, transpose_b: { bool: false }, T: { type: 1 } };
    expect(() => session.run('MatMul', [a, b], product, 1)).toThrow(/^TensorFlow \(MatMul\): .*[Mm]atrix size-incompatible/);
    expect(() => session.floats(Float32Array.of(1), [2])).toThrow('4 bytes for shape [2]');
    expect(session.liveHandles).toBe(before);
    session.free(a);
    session.free(b);
  });

  it('tells an allocation that cannot be had from a broken op', () => {
    const dims = session.ints(Int32Array.of(1 << 21, 1 << 21));
    const fill = () => session.run('Fill', [dims, session.constant(1)], { T: { type: 1 }, index_type: { type: 3 } }, 1);
    expect(fill).toThrow(expect.objectContaining({ kind: 'memory', code: 'tensorflow.memory' }));
    session.free(dims);
  });

  it('keeps functions of the shapes that were used last, and lets go of the others and in the end of all', () => {
    const made = vi.spyOn(session.api, 'TFE_ContextAddFunction');
    const forgotten = vi.spyOn(session.api, 'TFE_ContextRemoveFunction');
    const run = (inputs: object) => ({ total: tidy(() => sum(square(tensor1d((inputs as { x: Float32Array }).x))) as Scalar), terms: {} });
    const step = new TensorflowStep(session, backend, { slots: new Map(), run });
    const before = session.liveHandles;
    const take = (length: number) => {
      const inputs = { x: new Float32Array(length).fill(2) };
      step.prepare(inputs);
      expect(step.run(inputs, { rate: 0.1, hat: 1 } as unknown as AdamStep).total).toBe(4 * length);
    };
    // Two batches of a shape are compared before any is prepared from its record.
    take(1);
    take(1);
    for (let length = 1; length <= 100; length++) take(length);
    expect(step.obstacle).toBeUndefined();
    expect([made.mock.calls.length, forgotten.mock.calls.length]).toEqual([100, 36]);
    for (let length = 100; length > 36; length--) take(length);
    expect(made).toHaveBeenCalledTimes(100);
    take(36);
    expect([made.mock.calls.length, forgotten.mock.calls.length]).toEqual([101, 37]);
    // Length 100 was used longest ago.
    take(100);
    expect([made.mock.calls.length, forgotten.mock.calls.length]).toEqual([102, 38]);
    step.dispose();
    expect(forgotten).toHaveBeenCalledTimes(102);
    expect(session.liveHandles).toBe(before);
    made.mockRestore();
    forgotten.mockRestore();
  });

  it('multiplies sparse matrices in a fixed order where that is asked for, to the same values', async () => {
    const found = await findLibrary({});
    const ordered = new Session('file' in found ? found.file : '', { threads: 2, isDeterministic: true });
    const csr = {
      rows: 3,
      columns: 4,
      offsets: Int32Array.of(0, 2, 2, 5),
      indices: Int32Array.of(1, 3, 0, 1, 2),
      values: draw(5, 6),
    };
    const products = [session, ordered].map((of) => {
      const matrix = new TensorflowMatrix(of, csr, false);
      const on = new Workspace(of, backend);
      const read = [
        on.read(multiply(on, matrix.side(false), on.floats(draw(20, 7), [4, 5]), 5)),
        on.read(multiply(on, matrix.side(true), on.floats(draw(15, 8), [3, 5]), 5)),
      ];
      on.end();
      matrix.dispose();
      return read;
    });
    expect(products[0]!.map((table) => table.length)).toEqual([15, 20]);
    products[0]!.forEach((table, side) => expectClose(products[1]![side]!, table, 1e-6, `side ${side}`));
    expect([...products[1]![0]!.subarray(5, 10)]).toEqual([0, 0, 0, 0, 0]);
    expect(ordered.liveHandles).toBe(0);
  });

  it('leaves no handle behind but those of the results, in any kernel', () => {
    const scope = scopeOn(session, backend);
    const pack = tensorflowPack(scope);
    const x = tensor2d(draw(12, 1), [4, 3]);
    const y = tensor2d(draw(12, 2), [4, 3]);
    const losses = tensor1d(draw(4, 3));
    const scalar = tensor1d([1]);
    const pairs = { queryOf: Int32Array.of(0, 1, 3, 3), keyOf: Int32Array.of(1, 1, 0, 2), keyCounts: Float32Array.of(1, 2, 1, 0) };
    const rows = [Int32Array.of(0, 3, 3), Int32Array.of(2)];
    const loose = { rows: 4, columns: 4, offsets: Int32Array.of(0, 1, 2, 2, 3), indices: Int32Array.of(1, 0, 3), values: draw(3, 4) };
    const run = (): TensorInfo[] => {
      const matrix = new TensorflowMatrix(session, loose, false);
      const [loss, lse, ...kept] = pack.infoNce(x, y, pairs, 0.2);
      // So cold that exponentials need a shift.
      const [coldLoss, coldLse, ...coldKept] = pack.infoNce(x, y, pairs, 0.001);
      const out = [
        ...[loss, lse, ...kept, coldLoss, coldLse, ...coldKept],
        ...pack.infoNceGradient(losses, x, y, lse, pairs, 0.2, kept),
        ...pack.infoNceGradient(losses, x, y, lse, pairs, 0.2, []),
        pack.spmm(matrix, x, false),
        pack.propagate(matrix, x, 2, true),
        ...pack.gather(x, rows),
        pack.segmentSum(pack.gather(x, rows), rows, 4),
        pack.matMul(x, y, false, true),
        pack.normaliseRows(x, 1e-12),
        pack.normaliseRowsGradient(y, x, 1e-12),
        ...pack.bpr(x, y, y, 0),
        ...pack.bprGradient(scalar, losses, x, y, y),
        pack.frobenius(x),
        pack.halfSquares(x),
        pack.sigmoidGradient(x, y),
        pack.tanhGradient(x, y),
        pack.leakyReluGradient(x, y, 0.1),
      ];
      matrix.dispose();
      return out;
    };
    // Puts the inputs and the session's constants on the device.
    const warm = run();
    const settled = session.liveHandles;
    const tensors = backend.numDataIds();
    const made = run();
    // segmentSum's own inputs: two tensors of gather that nobody holds.
    expect(backend.numDataIds()).toBe(tensors + made.length + 2);
    const onDevice = made.filter(({ dataId }) => backend.tensorMap.get(dataId).id !== -1).length;
    expect(session.liveHandles).toBe(settled + onDevice + 2);
    for (const { dataId } of [...warm, ...made]) backend.disposeData(dataId);
    dispose([x, y, losses, scalar]);
  });

  it('steps on from a value assigned between two steps, as restoring a checkpoint does', () => {
    const before = session.liveHandles;
    const parameter = variable(Float32Array.of(1, 2), [2, 1], 'p');
    const slot = new TensorflowSlot(session, backend, parameter as Variable);
    const gradient = tensor2d([0.5, -0.5], [2, 1]);
    const step = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, learningRate: 0.1, step: 1 };
    slot.apply(gradient, step);
    values(parameter).forEach((value, i) => expect(value).toBeCloseTo([0.9, 2.1][i]!, 6));
    const assigned = tensor2d([10, 20], [2, 1]);
    parameter.assign(assigned);
    assigned.dispose();
    slot.apply(gradient, { ...step, step: 2 });
    values(parameter).forEach((value, i) => expect(value).toBeCloseTo([9.9, 20.1][i]!, 5));
    slot.dispose();
    dispose([parameter, gradient]);
    expect(session.liveHandles).toBe(before);
  });
});
