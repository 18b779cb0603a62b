/** TensorFlow ops as our kernels call them: handles in, handles out, and everything but the results deleted at the end. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NodeBackend } from './backend.ts';
import type { Pointer } from './c-api.ts';
import { types } from './session.ts';
import type { Attributes, Session } from './session.ts';

const float = { T: { type: types.float } } as const;
const double = { T: { type: types.double } } as const;

export class Workspace {
  readonly session: Session;
  readonly backend: NodeBackend;
  readonly #held = new Set<Pointer>();

  constructor(session: Session, backend: NodeBackend) {
    this.session = session;
    this.backend = backend;
  }

  /** The handle of a tensor; it stays the tensor's. */
  of(tensor: TensorInfo): Pointer {
    return this.backend.getInputTensorIds([tensor])[0]!;
  }

  floats(values: Float32Array, shape?: readonly number[]): Pointer {
    return this.hold(this.session.floats(values, shape));
  }

  ints(values: Int32Array, shape?: readonly number[]): Pointer {
    return this.hold(this.session.ints(values, shape));
  }

  /** Casts from float32 to float64. */
  double(x: Pointer): Pointer {
    return this.run('Cast', [x], { SrcT: { type: types.float }, DstT: { type: types.double }, Truncate: { bool: false } });
  }

  /** Casts back to float32. */
  single(x: Pointer): Pointer {
    return this.run('Cast', [x], { SrcT: { type: types.double }, DstT: { type: types.float }, Truncate: { bool: false } });
  }

  /** An element-wise op over float64, operands broadcast. */
  eachDouble(name: string, ...inputs: Pointer[]): Pointer {
    return this.run(name, inputs, double);
  }

  /** Sum of all values of a float64 vector or column, a scalar. */
  sumDouble(x: Pointer, rank: number): Pointer {
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    return this.run('Sum', [x, this.session.constantInts(axes)], { keep_dims: { bool: false }, Tidx: { type: types.int32 }, ...double });
  }

  /** Runs an op of one output. */
  run(name: string, inputs: readonly Pointer[], attributes: Attributes): Pointer {
    return this.hold(this.session.run(name, inputs, attributes, 1)[0]!);
  }

  /** An element-wise op over float32, operands broadcast. */
  each(name: string, ...inputs: Pointer[]): Pointer {
    return this.run(name, inputs, float);
  }

  matMul(a: Pointer, b: Pointer, transposeA = false, transposeB = false): Pointer {
    return this.run('MatMul', [a, b], { transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB }, ...float });
  }

  /** Sum or Max along one axis, which stays with extent 1. */
  reduce(name: 'Sum' | 'Max', x: Pointer, axis: number): Pointer {
    return this.run(name, [x, this.session.constantInts([axis])], { keep_dims: { bool: true }, Tidx: { type: types.int32 }, ...float });
  }

  /** Rows of a table, by int32 indices on the device. */
  gather(table: Pointer, rows: Pointer, type: number = types.float): Pointer {
    return this.run('GatherV2', [table, rows, this.session.constantInts(0)], {
      Tparams: { type },
      Tindices: { type: types.int32 },
      Taxis: { type: types.int32 },
      batch_dims: { int: 0 },
    });
  }

  /** [height, …]: rows added by their index. */
  segmentSum(values: Pointer, rows: Pointer, height: number, type: number = types.float): Pointer {
    return this.run('UnsortedSegmentSum', [values, rows, this.session.constantInts(height)], {
      Tindices: { type: types.int32 },
      Tnumsegments: { type: types.int32 },
      T: { type },
    });
  }

  concat(parts: readonly Pointer[], axis: number, type: number = types.float): Pointer {
    if (parts.length === 1) return parts[0]!;
    return this.run('ConcatV2', [...parts, this.session.constantInts(axis)], {
      N: { int: parts.length },
      Tidx: { type: types.int32 },
      T: { type },
    });
  }

  reshape(x: Pointer, shape: readonly number[]): Pointer {
    return this.run('Reshape', [x, this.session.constantInts(shape)], { Tshape: { type: types.int32 }, ...float });
  }

  /** Rows from … from + count. */
  rows(x: Pointer, from: number, count: number, width: number): Pointer {
    const inputs = [x, this.session.constantInts([from, 0]), this.session.constantInts([count, width])];
    return this.run('Slice', inputs, { Index: { type: types.int32 }, ...float });
  }

  read(x: Pointer): Float32Array {
    return this.session.read(x) as Float32Array;
  }

  /** Makes a result a tensor of the backend, which owns its handle from now on. */
  take(handle: Pointer, shape: readonly number[]): TensorInfo {
    this.#held.delete(handle);
    const dataId = {};
    this.backend.tensorMap.set(dataId, { shape, dtype: types.float, values: null, id: handle, refCount: 1 });
    return { dataId, shape: [...shape], dtype: 'float32' };
  }

  end(): void {
    for (const handle of this.#held) this.session.free(handle);
    this.#held.clear();
  }

  /** Deletes the handle at the end, unless it is taken. */
  hold(handle: Pointer): Pointer {
    this.#held.add(handle);
    return handle;
  }
}

/** Runs kernels in a workspace of their own. */
export type Scope = <T>(work: (on: Workspace) => T) => T;

export function scopeOn(session: Session, backend: NodeBackend): Scope {
  return (work) => {
    const on = new Workspace(session, backend);
    try {
      return work(on);
    } finally {
      on.end();
    }
  };
}
