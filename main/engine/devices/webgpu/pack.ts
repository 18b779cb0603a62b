/** Our kernels as shaders. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelPack } from '../../device.ts';
import type { GpuBuffer } from './dawn.ts';
import * as nce from './info-nce.ts';
import type { GpuMatrix } from './products.ts';
import { layer, layerMean, multiply, sparseProduct } from './products.ts';
import { addRows, productFromRows, productRows, reached } from './row-products.ts';
import type { Reached } from './row-products.ts';
import { stackedRows } from '../reference.ts';
import * as rows from './rows.ts';
import type { Runner } from './runner.ts';
import { slopeOf, sumAll } from './sums.ts';

function size(x: TensorInfo): number {
  return x.shape.reduce((product, extent) => product * extent, 1);
}

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

export function webgpuPack(gpu: Runner): KernelPack {
  /** A new tensor of this shape, written by `work`. */
  const kernel = (shape: readonly number[], work: (out: GpuBuffer) => void): TensorInfo => {
    const out = gpu.make(shape);
    if (!shape.includes(0)) work(gpu.of(out));
    return out;
  };
  const byRows = (x: TensorInfo, epsilon: number) => ({ rows: x.shape[0]!, width: x.shape[1]!, epsilon });
  const tablesOf = (queries: TensorInfo, keys: TensorInfo): nce.Tables => ({
    queries: gpu.of(queries),
    keys: gpu.of(keys),
    queryRows: queries.shape[0]!,
    keyRows: keys.shape[0]!,
    width: queries.shape[1]!,
  });
  return {
    matMul: (a, b, transposeA, transposeB) => {
      const [rowCount, inner] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
      const columns = transposeB ? b.shape[0]! : b.shape[1]!;
      const shape = { rows: rowCount, inner, columns, transposeA, transposeB };
      return kernel([rowCount, columns], (out) => multiply(gpu, { buffer: gpu.of(a) }, { buffer: gpu.of(b) }, { buffer: out }, shape));
    },
    spmm: (matrix, dense, transposed) => {
      const held = (matrix as GpuMatrix).side(transposed);
      const width = dense.shape[1]!;
      return kernel([held.rows, width], (out) => sparseProduct(gpu, held, gpu.of(dense), out, width));
    },
    propagate: (matrix, dense, layers, transposed) => {
      const held = (matrix as GpuMatrix).side(transposed);
      return kernel(dense.shape, (out) => layerMean(gpu, held, gpu.of(dense), out, dense.shape[1]!, layers));
    },
    propagateRows: (matrix, table, view) => {
      const held = (matrix as GpuMatrix).side(false);
      const width = table.shape[1]!;
      const { layers } = view;
      const named = stackedRows(view, matrix.split);
      const chosen = (): TensorInfo => kernel([named.length, width], (out) => rows.gather(gpu, gpu.of(table), named, out, width));
      const lower = matrix.rows - matrix.split;
      const found = kernel([named.length, width], (out) => {
        const own = gpu.of(table);
        if (layers === 0) return rows.gather(gpu, own, named, out, width);
        let hop = own;
        for (let l = 1; l < layers; l++) {
          const to = gpu.scratch(matrix.rows * width * 4);
          layer(gpu, held, { dense: hop, own, out: to }, width);
          hop = to;
        }
        productRows(gpu, held, { dense: hop, own, rows: named, out }, width, 1 / (layers + 1));
      });
      const split = Int32Array.from({ length: view.withLower ? lower : 0 }, (_, row) => matrix.split + row);
      const below = (): TensorInfo => kernel([lower, width], (out) => rows.gather(gpu, gpu.of(table), split, out, width));
      return [found, ...(view.withStart ? [chosen()] : []), ...(view.withLower ? [below()] : [])];
    },
    propagateRowsGradient: (matrix, [first, ...others], view) => {
      const held = (matrix as GpuMatrix).side(true);
      const width = first!.shape[1]!;
      const named = stackedRows(view, matrix.split);
      const from = (values: TensorInfo): Reached => reached(gpu, gpu.of(values), named, matrix.rows, width);
      return kernel([matrix.rows, width], (out) => {
        const source = from(first!);
        const { layers } = view;
        if (layers === 0) rows.segmentSum(gpu, gpu.of(first!), named, matrix.rows, out, width);
        else if (layers === 1) productFromRows(gpu, held, source, out, { tableWidth: width, isAdded: true, scale: 1 / 2 });
        else {
          const own = gpu.scratch(matrix.rows * width * 4);
          rows.segmentSum(gpu, gpu.of(first!), named, matrix.rows, own, width);
          let hop = gpu.scratch(matrix.rows * width * 4);
          productFromRows(gpu, held, source, hop, { tableWidth: width, isAdded: true, scale: 1 });
          for (let l = 2; l <= layers; l++) {
            const to = l === layers ? out : gpu.scratch(matrix.rows * width * 4);
            layer(gpu, held, { dense: hop, own, out: to }, width, l === layers ? 1 / (layers + 1) : 1);
            hop = to;
          }
        }
        if (view.withStart) {
          const start = from(others[0]!);
          addRows(gpu, start.rows, start.sums, out, width);
        }
        if (view.withLower) {
          const lower = Int32Array.from({ length: matrix.rows - matrix.split }, (_, row) => matrix.split + row);
          addRows(gpu, lower, gpu.of(others[others.length - 1]!), out, width);
        }
      });
    },
    spmmRows: (matrix, dense, wanted) => {
      const held = (matrix as GpuMatrix).side(false);
      const width = dense.shape[1]!;
      return kernel([wanted.length, width], (out) => productRows(gpu, held, { dense: gpu.of(dense), rows: wanted, out }, width, 1));
    },
    spmmRowsGradient: (matrix, upstream, wanted) => {
      const width = upstream.shape[1]!;
      return kernel([matrix.columns, width], (out) => {
        const source = reached(gpu, gpu.of(upstream), wanted, matrix.rows, width);
        const how = { tableWidth: width, isAdded: false, scale: 1 };
        productFromRows(gpu, (matrix as GpuMatrix).side(true), source, out, how);
      });
    },
    gather: (table, parts) => {
      const width = table.shape[1]!;
      return parts.map((part) => kernel([part.length, width], (out) => rows.gather(gpu, gpu.of(table), part, out, width)));
    },
    segmentSum: (values, parts, height) => {
      const width = values[0]!.shape[1]!;
      return kernel([height, width], (out) => {
        let source = gpu.of(values[0]!);
        if (values.length > 1) {
          source = gpu.scratch(values.reduce((sum, x) => sum + size(x), 0) * 4);
          let to = 0;
          for (const x of values) {
            gpu.copy(gpu.of(x), source, size(x) * 4, to);
            to += size(x) * 4;
          }
        }
        rows.segmentSum(gpu, source, joined(parts), height, out, width);
      });
    },
    infoNce: (queries, keys, pairs, temperature) => {
      const [losses, logSumExp] = [gpu.make([pairs.queryOf.length]), gpu.make([queries.shape[0]!])];
      nce.infoNce(gpu, tablesOf(queries, keys), pairs, temperature, { losses: gpu.of(losses), logSumExp: gpu.of(logSumExp) });
      return [losses, logSumExp];
    },
    infoNceGradient: (upstream, queries, keys, logSumExp, pairs, temperature) => {
      const [toQueries, toKeys] = [gpu.make(queries.shape), gpu.make(keys.shape)];
      nce.infoNceGradient(gpu, tablesOf(queries, keys), pairs, temperature, {
        upstream: gpu.of(upstream),
        logSumExp: gpu.of(logSumExp),
        toQueries: gpu.of(toQueries),
        toKeys: gpu.of(toKeys),
      });
      return [toQueries, toKeys];
    },
    normaliseRows: (x, epsilon) => kernel(x.shape, (out) => rows.normalise(gpu, gpu.of(x), out, byRows(x, epsilon))),
    normaliseRowsGradient: (upstream, x, epsilon) =>
      kernel(x.shape, (out) => rows.normaliseGradient(gpu, [gpu.of(upstream), gpu.of(x), out], byRows(x, epsilon))),
    bpr: (users, positives, negatives, epsilon) => {
      const count = users.shape[0]!;
      const slopes = gpu.make([count]);
      const losses = gpu.scratch(count * 4);
      const buffers = [gpu.of(users), gpu.of(positives), gpu.of(negatives), losses, gpu.of(slopes)];
      rows.bprRows(gpu, buffers, byRows(users, epsilon));
      return [kernel([], (out) => sumAll(gpu, losses, out, { count, scale: 1 / count })), slopes];
    },
    bprGradient: (upstream, slope, users, positives, negatives) => {
      const made = [users, positives, negatives].map((x) => gpu.make(x.shape)) as [TensorInfo, TensorInfo, TensorInfo];
      const buffers = [upstream, slope, users, positives, negatives, ...made].map((x) => gpu.of(x));
      rows.bprGradient(gpu, buffers, byRows(users, 0));
      return made;
    },
    frobenius: (x) => kernel([], (out) => sumAll(gpu, gpu.of(x), out, { count: size(x), squared: true, root: true })),
    halfSquares: (x) => kernel([], (out) => sumAll(gpu, gpu.of(x), out, { count: size(x), squared: true, scale: 0.5 })),
    sigmoidGradient: (upstream, output) =>
      kernel(output.shape, (out) => slopeOf(gpu, 'sigmoid', [gpu.of(upstream), gpu.of(output), out], size(output))),
    tanhGradient: (upstream, output) =>
      kernel(output.shape, (out) => slopeOf(gpu, 'tanh', [gpu.of(upstream), gpu.of(output), out], size(output))),
    leakyReluGradient: (upstream, x, slope) =>
      kernel(x.shape, (out) => slopeOf(gpu, 'leaky', [gpu.of(upstream), gpu.of(x), out], size(x), [slope])),
  };
}
