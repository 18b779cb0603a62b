/** The plain tfjs cpu backend with the reference kernels: slow, exact, nothing to install. */
import { setBackend, version_core, engine } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { AdamSlot, AdamStep, Csr, Device, KernelPack, Runtime } from '../device.ts';
import { stackedShape } from '../ops/batch-shape.ts';
import { registerPack } from '../ops/kernels.ts';
import { watchStock } from './fallbacks.ts';
import * as reference from './reference.ts';
import { TwoSided } from './two-sided.ts';

/** Holds a matrix and its transpose as they came. */
class CpuMatrix extends TwoSided<Csr> {
  constructor(csr: Csr, symmetric: boolean, split?: number) {
    // The arrays are copied: the caller may reuse its own.
    const copy = { ...csr, offsets: csr.offsets.slice(), indices: csr.indices.slice(), values: csr.values.slice() };
    super(
      copy,
      symmetric,
      (side) => side,
      () => undefined,
      split,
    );
  }
}

function read(x: TensorInfo): Float32Array {
  return (engine().findBackend('cpu') as MathBackendCPU).data.get(x.dataId).values as Float32Array;
}

function make(values: Float32Array, shape: number[]): TensorInfo {
  return (engine().findBackend('cpu') as MathBackendCPU).makeTensorInfo(shape, 'float32', values);
}

function widthOf(x: TensorInfo): number {
  return x.shape[1]!;
}

/** How a backend's tensors are read and made as typed arrays. */
export interface Arrays {
  read(x: TensorInfo): Float32Array;
  make(values: Float32Array, shape: number[]): TensorInfo;
}

/** The reference kernels over any backend whose tensors can be seen as typed arrays. */
function referencePack({ read, make }: Arrays): KernelPack {
  return {
    matMul: (a, b, transposeA, transposeB) => {
      const [rows, inner] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
      const columns = transposeB ? b.shape[0]! : b.shape[1]!;
      const out = reference.matMul(read(a), read(b), { rows, inner, columns, transposeA, transposeB });
      return make(out, [rows, columns]);
    },
    batchMatMul: (a, b, transposeA, transposeB) => {
      const { count, m, n, k } = stackedShape(a.shape, b.shape, transposeA, transposeB);
      const [left, right, out] = [read(a), read(b), new Float32Array(count * m * n)];
      const by = { rows: m, inner: k, columns: n, transposeA, transposeB };
      for (let t = 0; t < count; t++) {
        const product = reference.matMul(left.subarray(t * m * k, (t + 1) * m * k), right.subarray(t * k * n, (t + 1) * k * n), by);
        out.set(product, t * m * n);
      }
      return make(out, [count, m, n]);
    },
    spmm: (matrix, dense, transposed) => {
      const side = (matrix as CpuMatrix).side(transposed);
      return make(reference.spmm(side, read(dense), widthOf(dense)), [side.rows, widthOf(dense)]);
    },
    propagate: (matrix, dense, layers, transposed) =>
      make(reference.propagate((matrix as CpuMatrix).side(transposed), read(dense), widthOf(dense), layers), dense.shape),
    propagateRows: (matrix, table, view) => {
      const width = widthOf(table);
      const found = reference.propagateRows((matrix as CpuMatrix).side(false), matrix.split, read(table), width, view);
      return found.map((values) => make(values, [values.length / width, width]));
    },
    propagateRowsGradient: (matrix, upstream, view) => {
      const width = widthOf(upstream[0]!);
      const side = (matrix as CpuMatrix).side(true);
      return make(reference.propagateRowsGradient(side, matrix.split, upstream.map(read), width, view), [matrix.rows, width]);
    },
    spmmRows: (matrix, dense, rows) => {
      const width = widthOf(dense);
      const product = reference.spmm((matrix as CpuMatrix).side(false), read(dense), width);
      return make(reference.gather(product, width, rows), [rows.length, width]);
    },
    spmmRowsGradient: (matrix, upstream, rows) => {
      const width = widthOf(upstream);
      const scattered = reference.segmentSum([read(upstream)], [rows], width, matrix.rows);
      return make(reference.spmm((matrix as CpuMatrix).side(true), scattered, width), [matrix.columns, width]);
    },
    gather: (table, parts) => parts.map((rows) => make(reference.gather(read(table), widthOf(table), rows), [rows.length, widthOf(table)])),
    segmentSum: (values, parts, height) => {
      const width = widthOf(values[0]!);
      return make(reference.segmentSum(values.map(read), parts, width, height), [height, width]);
    },
    infoNce: (queries, keys, pairs, temperature) => {
      const { loss, logSumExp } = reference.infoNce(read(queries), read(keys), widthOf(queries), pairs, temperature);
      return [make(loss, [loss.length]), make(logSumExp, [logSumExp.length])];
    },
    infoNceGradient: (upstream, queries, keys, logSumExp, pairs, temperature) => {
      const gradient = reference.infoNceGradient(
        read(upstream),
        read(queries),
        read(keys),
        read(logSumExp),
        widthOf(queries),
        pairs,
        temperature,
      );
      return [make(gradient.queries, queries.shape), make(gradient.keys, keys.shape)];
    },
    normaliseRows: (x, epsilon) => make(reference.normaliseRows(read(x), widthOf(x), epsilon), x.shape),
    normaliseRowsGradient: (upstream, x, epsilon) =>
      make(reference.normaliseRowsGradient(read(upstream), read(x), widthOf(x), epsilon), x.shape),
    bpr: (users, positives, negatives, epsilon) => {
      const { loss, slope } = reference.bpr(read(users), read(positives), read(negatives), widthOf(users), epsilon);
      return [make(Float32Array.of(loss), []), make(slope, [slope.length])];
    },
    bprGradient: (upstream, slope, users, positives, negatives) => {
      const width = widthOf(users);
      const [u, i, j] = reference.bprGradient(read(upstream)[0]!, read(slope), read(users), read(positives), read(negatives), width);
      return [make(u, users.shape), make(i, users.shape), make(j, users.shape)];
    },
    frobenius: (x) => make(Float32Array.of(Math.sqrt(reference.sumOfSquares(read(x)))), []),
    sigmoidGradient: (upstream, output) => {
      const dy = read(upstream);
      return make(
        read(output).map((y, i) => dy[i]! * y * (1 - y)),
        output.shape,
      );
    },
    leakyReluGradient: (upstream, x, slope) => {
      const dy = read(upstream);
      return make(
        read(x).map((value, i) => (value > 0 ? 1 : slope) * dy[i]!),
        x.shape,
      );
    },
    tanhGradient: (upstream, output) => {
      const dy = read(upstream);
      return make(
        read(output).map((y, i) => dy[i]! * (1 - y * y)),
        output.shape,
      );
    },
    halfSquares: (x) => make(Float32Array.of(reference.sumOfSquares(read(x)) / 2), []),
  };
}

function adamSlotOn(read: Arrays['read']): (parameter: TensorInfo & { readonly size: number }) => AdamSlot {
  return (parameter) => {
    const first = new Float32Array(parameter.size);
    const second = new Float32Array(parameter.size);
    return {
      apply: (gradient: TensorInfo, step: AdamStep) => reference.adam(read(parameter), read(gradient), first, second, step),
      read: () => ({ first: first.slice(), second: second.slice() }),
      write: (savedFirst, savedSecond) => {
        first.set(savedFirst);
        second.set(savedSecond);
      },
      dispose: () => undefined,
    };
  };
}

const name = 'Plain JavaScript, 1 thread';

export const cpu: Device = {
  id: 'cpu',
  probe: async () => ({ id: 'cpu', available: true, name, version: version_core }),
  open: async (): Promise<Runtime> => {
    await setBackend('cpu');
    // Its greeting advises another package on first use; standard error is for problems.
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    const watch = watchStock('cpu');
    const pack = referencePack({ read, make });
    registerPack('cpu', pack);
    return {
      backend: 'cpu',
      name,
      version: version_core,
      threads: 1,
      pack,
      sparse: (csr, symmetric, split) => new CpuMatrix(csr, symmetric, split),
      adamSlot: adamSlotOn(read),
      topK: (users, items, mask, k) => reference.topK(read(users), read(items), widthOf(users), mask, k),
      fallbacks: watch,
      close: () => undefined,
    };
  },
};
