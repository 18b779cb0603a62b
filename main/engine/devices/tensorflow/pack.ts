/** Our kernels composed of TensorFlow's ops. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelPack } from '../../device.ts';
import { bprRow } from '../reference.ts';
import { infoNceKernels } from './info-nce.ts';
import type { Pointer } from './c-api.ts';
import { types } from './session.ts';
import { multiply } from './sparse.ts';
import type { TensorflowMatrix } from './sparse.ts';
import type { Scope, Workspace } from './workspace.ts';

function joined(parts: readonly Int32Array[]): Int32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let from = 0;
  for (const part of parts) {
    all.set(part, from);
    from += part.length;
  }
  return all;
}

/** Row sums of a ∘ b, [rows, 1]. */
function rowDots(on: Workspace, a: Pointer, b: Pointer): Pointer {
  return on.reduce('Sum', on.each('Mul', a, b), 1);
}

export function tensorflowPack(scope: Scope): KernelPack {
  /** Runs a kernel of one output of shape `like`. */
  const kernel = (shape: readonly number[], work: (on: Workspace) => Pointer): TensorInfo => scope((on) => on.take(work(on), shape));
  const halfSquares = (x: TensorInfo): TensorInfo => kernel([], (on) => on.run('L2Loss', [on.of(x)], { T: { type: types.float } }));
  return {
    matMul: (a, b, transposeA, transposeB) => {
      const shape = [transposeA ? a.shape[1]! : a.shape[0]!, transposeB ? b.shape[0]! : b.shape[1]!];
      return kernel(shape, (on) => on.matMul(on.of(a), on.of(b), transposeA, transposeB));
    },
    spmm: (matrix, dense, transposed) => {
      const held = matrix as TensorflowMatrix;
      const shape = [transposed ? held.columns : held.rows, dense.shape[1]!];
      return kernel(shape, (on) => multiply(on, held.side(transposed), on.of(dense)));
    },
    propagate: (matrix, dense, layers, transposed) =>
      kernel(dense.shape, (on) => {
        const side = (matrix as TensorflowMatrix).side(transposed);
        const own = on.of(dense);
        const hops = [own];
        for (let l = 0; l < layers; l++) hops.push(multiply(on, side, hops[l]!));
        const sum = on.run('AddN', hops, { N: { int: hops.length }, T: { type: types.float } });
        return on.each('Mul', sum, on.session.constant(1 / (layers + 1)));
      }),
    gather: (table, parts) =>
      scope((on) => parts.map((rows) => on.take(on.gather(on.of(table), on.ints(rows)), [rows.length, table.shape[1]!]))),
    segmentSum: (values, parts, height) =>
      kernel([height, values[0]!.shape[1]!], (on) =>
        on.segmentSum(
          on.concat(
            values.map((x) => on.of(x)),
            0,
          ),
          on.ints(joined(parts)),
          height,
        ),
      ),
    ...infoNceKernels(scope),
    normaliseRows: (x, epsilon) =>
      kernel(x.shape, (on) => {
        const own = on.of(x);
        const length = on.each('Sqrt', rowDots(on, own, own));
        return on.each('RealDiv', own, on.each('Maximum', length, on.session.constant(epsilon)));
      }),
    normaliseRowsGradient: (upstream, x, epsilon) =>
      kernel(x.shape, (on) => {
        const [dy, own] = [on.of(upstream), on.of(x)];
        const square = rowDots(on, own, own);
        const length = on.each('Sqrt', square);
        const least = on.session.constant(epsilon);
        // Rows shorter than ε are only scaled.
        const isTurned = on.run('Greater', [length, least], { T: { type: types.float } });
        const turns = on.run('Cast', [isTurned], { SrcT: { type: types.bool }, DstT: { type: types.float }, Truncate: { bool: false } });
        const along = on.each('Mul', on.each('DivNoNan', rowDots(on, own, dy), square), turns);
        return on.each('RealDiv', on.each('Sub', dy, on.each('Mul', own, along)), on.each('Maximum', length, least));
      }),
    bpr: (users, positives, negatives, epsilon) =>
      scope((on) => {
        const difference = on.each('Sub', on.of(positives), on.of(negatives));
        const deltas = on.read(rowDots(on, on.of(users), difference));
        // exp and log of a few thousand numbers in double, and their sum: cheaper here than on the device in float64.
        let sum = 0;
        const slope = deltas.map((delta) => {
          const row = bprRow(delta, epsilon);
          sum += row.loss;
          return row.slope / deltas.length;
        });
        return [on.give(Float32Array.of(sum / deltas.length), []), on.give(slope, [slope.length])];
      }),
    bprGradient: (upstream, slope, users, positives, negatives) =>
      scope((on) => {
        const by = on.reshape(on.each('Mul', on.of(slope), on.of(upstream)), [users.shape[0]!, 1]);
        const toPositives = on.each('Mul', on.of(users), by);
        const toUsers = on.each('Mul', on.each('Sub', on.of(positives), on.of(negatives)), by);
        const toNegatives = on.each('Neg', toPositives);
        return [on.take(toUsers, users.shape), on.take(toPositives, users.shape), on.take(toNegatives, users.shape)];
      }),
    frobenius: (x) =>
      kernel([], (on) => {
        const half = on.run('L2Loss', [on.of(x)], { T: { type: types.float } });
        return on.each('Sqrt', on.each('AddV2', half, half));
      }),
    halfSquares,
    sigmoidGradient: (upstream, output) => kernel(output.shape, (on) => on.each('SigmoidGrad', on.of(output), on.of(upstream))),
    tanhGradient: (upstream, output) => kernel(output.shape, (on) => on.each('TanhGrad', on.of(output), on.of(upstream))),
    leakyReluGradient: (upstream, x, slope) =>
      kernel(x.shape, (on) => on.run('LeakyReluGrad', [on.of(upstream), on.of(x)], { T: { type: types.float }, alpha: { float: slope } })),
  };
}
