/** Our kernels composed of TensorFlow's ops. */
import { registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelPack } from '../../device.ts';
import { stackedShape } from '../../ops/batch-shape.ts';
import { infoNceKernels } from './info-nce.ts';
import { backendName } from './backend.ts';
import type { Pointer } from './c-api.ts';
import { propagated, propagatedRows, propagatedRowsGradient } from './propagation.ts';
import { scatterSum } from './scatter.ts';
import { types } from './session.ts';
import { multiply } from './sparse.ts';
import type { TensorflowMatrix } from './sparse.ts';
import type { Scope, Workspace } from './workspace.ts';

/** Row sums of a ∘ b, [rows, 1]. */
function rowDots(on: Workspace, a: Pointer, b: Pointer): Pointer {
  return on.reduce('Sum', on.each('Mul', a, b), 1);
}

/** Loss −log(ε + σ(Δ)) of each row and its derivative, float64 [rows, 1]; for ε = 0 as softplus(−Δ), which no Δ overflows. */
function bprRows(on: Workspace, deltas: Pointer, epsilon: number): { loss: Pointer; slope: Pointer } {
  const against = on.eachDouble('Neg', deltas);
  const rest = on.eachDouble('Sigmoid', against);
  if (epsilon === 0) {
    const small = on.eachDouble('Exp', on.eachDouble('Neg', on.eachDouble('Abs', deltas)));
    const loss = on.eachDouble('AddV2', on.eachDouble('Log1p', small), on.eachDouble('Relu', against));
    return { loss, slope: on.eachDouble('Neg', rest) };
  }
  const sigma = on.eachDouble('Sigmoid', deltas);
  const lifted = on.eachDouble('AddV2', sigma, on.session.constantDouble(epsilon));
  const loss = on.eachDouble('Neg', on.eachDouble('Log', lifted));
  return { loss, slope: on.eachDouble('Neg', on.eachDouble('RealDiv', on.eachDouble('Mul', sigma, rest), lifted)) };
}

/**
 * The stock AddN adds in the order in which it finds a buffer to reuse, so a compiled step would round otherwise than an eager one.
 * Two at a time there is no order.
 */
export function replaceSum(scope: Scope): void {
  unregisterKernel('AddN', backendName);
  registerKernel({
    kernelName: 'AddN',
    backendName,
    kernelFunc: ({ inputs }) => {
      const [first, ...rest] = inputs as unknown as readonly TensorInfo[];
      if (rest.length === 0) return scope((on) => on.take(on.run('Identity', [on.of(first!)], { T: { type: types.float } }), first!.shape));
      return scope((on) =>
        on.take(
          rest.reduce((sum, next) => on.each('AddV2', sum, on.of(next)), on.of(first!)),
          first!.shape,
        ),
      );
    },
  });
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
    batchMatMul: (a, b, transposeA, transposeB) => {
      const { count, m, n } = stackedShape(a.shape, b.shape, transposeA, transposeB);
      const turns = { adj_x: { bool: transposeA }, adj_y: { bool: transposeB }, T: { type: types.float } };
      return kernel([count, m, n], (on) => on.run('BatchMatMulV2', [on.of(a), on.of(b)], turns));
    },
    spmm: (matrix, dense, transposed) => {
      const held = matrix as TensorflowMatrix;
      const shape = [transposed ? held.columns : held.rows, dense.shape[1]!];
      return kernel(shape, (on) => multiply(on, held.side(transposed), on.of(dense), dense.shape[1]!));
    },
    propagate: (matrix, dense, layers, transposed) =>
      kernel(dense.shape, (on) => propagated(on, (matrix as TensorflowMatrix).side(transposed), on.of(dense), layers, dense.shape[1]!)),
    propagateRows: (matrix, table, view) =>
      scope((on) => {
        const width = table.shape[1]!;
        const count = view.parts[0].length + view.parts[1].length;
        const heights = [count, ...(view.withStart ? [count] : []), ...(view.withLower ? [matrix.rows - matrix.split] : [])];
        const found = propagatedRows(on, matrix as TensorflowMatrix, on.of(table), width, view);
        return found.map((handle, place) => on.take(handle, [heights[place]!, width]));
      }),
    propagateRowsGradient: (matrix, upstream, view) => {
      const width = upstream[0]!.shape[1]!;
      return kernel([matrix.rows, width], (on) => {
        const from = upstream.map((x) => on.of(x));
        return propagatedRowsGradient(on, matrix as TensorflowMatrix, from, width, view);
      });
    },
    spmmRows: (matrix, dense, rows) => {
      const width = dense.shape[1]!;
      const side = (matrix as TensorflowMatrix).side(false);
      return kernel([rows.length, width], (on) => on.gather(multiply(on, side, on.of(dense), width), on.ints(rows)));
    },
    spmmRowsGradient: (matrix, upstream, rows) => {
      const width = upstream.shape[1]!;
      const side = (matrix as TensorflowMatrix).side(true);
      return kernel([matrix.columns, width], (on) => multiply(on, side, scatterSum(on, on.of(upstream), [rows], matrix.rows), width));
    },
    gather: (table, parts) =>
      scope((on) => parts.map((rows) => on.take(on.gather(on.of(table), on.ints(rows)), [rows.length, table.shape[1]!]))),
    segmentSum: (values, parts, height) =>
      kernel([height, values[0]!.shape[1]!], (on) => {
        const rows = values.map((x) => on.of(x));
        return scatterSum(on, on.concat(rows, 0), parts, height);
      }),
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
        const rows = users.shape[0]!;
        const difference = on.each('Sub', on.of(positives), on.of(negatives));
        const { loss, slope } = bprRows(on, on.double(rowDots(on, on.of(users), difference)), epsilon);
        const share = on.session.constantDouble(1 / rows);
        const mean = on.single(on.eachDouble('Mul', on.sumDouble(loss, 2), share));
        return [on.take(mean, []), on.take(on.reshape(on.single(on.eachDouble('Mul', slope, share)), [rows]), [rows])];
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
