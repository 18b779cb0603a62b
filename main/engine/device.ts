import type { Scalar, TensorInfo, Variable } from '@tensorflow/tfjs-core';
import type { DeviceId, OpenOptions, Probe, SparseMatrix } from './engine.ts';

/** Compressed rows: row r holds `indices[offsets[r] … offsets[r+1])`. */
export interface Csr {
  readonly rows: number;
  readonly columns: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Which query and key each loss row pairs, and how often each key stands in the denominator. */
export interface Pairs {
  readonly queryOf: Int32Array;
  readonly keyOf: Int32Array;
  readonly keyCounts: Float32Array;
}

/** Which rows of two tables each loss row pairs, and how often each row stands in the denominator of the other side. */
export interface MutualPairs {
  readonly firstOf: Int32Array;
  readonly secondOf: Int32Array;
  readonly firstCounts: Float32Array;
  readonly secondCounts: Float32Array;
}

export interface MutualNce {
  /** Losses [2·pairs], with first as query and then with second; then the tensors its gradient wants back. */
  forward(first: TensorInfo, second: TensorInfo, pairs: MutualPairs, temperature: number): TensorInfo[];
  /** Gradients to [first, second] for the gradient of the losses, [2·pairs]. */
  gradient(
    upstream: TensorInfo,
    tables: readonly [TensorInfo, TensorInfo],
    kept: readonly TensorInfo[],
    pairs: MutualPairs,
    temperature: number,
  ): [TensorInfo, TensorInfo];
}

/** What a batch reads of a propagated table. */
export interface RowsView {
  readonly layers: number;
  /** Rows before the matrix's split, and rows from it on, counted from there. */
  readonly parts: readonly [Int32Array, Int32Array];
  /** Whether the same rows of the table itself are wanted. */
  readonly withStart: boolean;
  /** Whether all rows of the table from the split on are wanted. */
  readonly withLower: boolean;
}

/** Items hidden from each row's ranking: row r hides `indices[offsets[r] … offsets[r+1])`, ascending. */
export interface Mask {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

/** The best items of each row, larger score first, ties by lower id; missing places hold item −1, score −Infinity. Both [rows·k]. */
export interface Ranked {
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/** Items that users are ranked over, prepared once for many blocks of users. The table must stay until `dispose`. */
export interface Ranking {
  rank(users: TensorInfo, mask: Mask, k: number): Ranked;
  dispose(): void;
}

/**
 * The kernels every device brings. Inputs are tensors of the device's tfjs backend, outputs are new ones; nothing is kept.
 * Shapes are checked by the ops before they get here. The cpu device is the reference the others are tested against.
 */
export interface KernelPack {
  /** Product of two matrices, either stored transposed; replaces the stock BatchMatMul for rank 2. */
  matMul(a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): TensorInfo;
  /** Products of two stacks of matrices, [count, m, k] times [count, k, n]; absent where the stock kernel computes them. */
  readonly batchMatMul?: (a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean) => TensorInfo;
  /** matrix [r, c] · dense [c, w] → [r, w]; transposed: matrixᵀ [c, r] · dense [r, w] → [c, w]. */
  spmm(matrix: SparseMatrix, dense: TensorInfo, transposed: boolean): TensorInfo;
  /** (1/(layers+1)) Σ_{l=0..layers} Gˡ dense for a square matrix G (or its transpose). */
  propagate(matrix: SparseMatrix, dense: TensorInfo, layers: number, transposed: boolean): TensorInfo;
  /**
   * The view's rows [parts, w] of {@link propagate} over the matrix, then of the table where asked (`withStart`), then all rows of the
   * table from the split on (`withLower`). Only what those rows need is computed in the last hop.
   */
  propagateRows(matrix: SparseMatrix, table: TensorInfo, view: RowsView): TensorInfo[];
  /** Gradient [rows of the matrix, w] to the table for the gradients of the outputs, in their order. Rows may repeat. */
  propagateRowsGradient(matrix: SparseMatrix, upstream: readonly TensorInfo[], view: RowsView): TensorInfo;
  /** Rows of matrix · dense, [rows, w]. */
  spmmRows(matrix: SparseMatrix, dense: TensorInfo, rows: Int32Array): TensorInfo;
  /** Gradient [columns of the matrix, w] to dense. Rows may repeat. */
  spmmRowsGradient(matrix: SparseMatrix, upstream: TensorInfo, rows: Int32Array): TensorInfo;
  /** One output per part: rows of table [n, w] in the order of the part. */
  gather(table: TensorInfo, parts: readonly Int32Array[]): TensorInfo[];
  /** [height, w]: row r is the sum of all rows of values[p] whose parts[p] entry is r; added in the order given. */
  segmentSum(values: readonly TensorInfo[], parts: readonly Int32Array[], height: number): TensorInfo;
  /** [loss [pairs], log-sum-exp [queries]], then the tensors the pack wants back in the gradient. */
  infoNce(queries: TensorInfo, keys: TensorInfo, pairs: Pairs, temperature: number): [TensorInfo, TensorInfo, ...TensorInfo[]];
  /** Gradients to [queries, keys] for the gradient `upstream` [pairs] of the loss; `kept` is what `infoNce` returned beyond two. */
  infoNceGradient(
    upstream: TensorInfo,
    queries: TensorInfo,
    keys: TensorInfo,
    logSumExp: TensorInfo,
    pairs: Pairs,
    temperature: number,
    kept: readonly TensorInfo[],
  ): [TensorInfo, TensorInfo];
  /** Both directions of InfoNCE from one product, where the pack has it; see ops/mutual-nce.ts. */
  readonly mutualNce?: MutualNce;
  /** x / max(‖x‖₂, ε) by rows. */
  normaliseRows(x: TensorInfo, epsilon: number): TensorInfo;
  normaliseRowsGradient(upstream: TensorInfo, x: TensorInfo, epsilon: number): TensorInfo;
  /** [loss [], slope [b]] with slope_r = ∂loss/∂Δ_r. */
  bpr(users: TensorInfo, positives: TensorInfo, negatives: TensorInfo, epsilon: number): [TensorInfo, TensorInfo];
  bprGradient(
    upstream: TensorInfo,
    slope: TensorInfo,
    users: TensorInfo,
    positives: TensorInfo,
    negatives: TensorInfo,
  ): [TensorInfo, TensorInfo, TensorInfo];
  /** ‖x‖_F, a scalar. */
  frobenius(x: TensorInfo): TensorInfo;
  /** ½ Σ x², a scalar. */
  halfSquares(x: TensorInfo): TensorInfo;
  /** upstream · y · (1 − y) for y = σ(x). */
  sigmoidGradient(upstream: TensorInfo, output: TensorInfo): TensorInfo;
  /** upstream where x > 0, else slope · upstream. */
  leakyReluGradient(upstream: TensorInfo, x: TensorInfo, slope: number): TensorInfo;
  /** upstream · (1 − y²) for y = tanh x. */
  tanhGradient(upstream: TensorInfo, output: TensorInfo): TensorInfo;
}

/** Numbers of one Adam step, already corrected for bias: p −= stepSize · m / (√v / correction + ε). */
export interface AdamStep {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly learningRate: number;
  /** Count of this step, from 1. */
  readonly step: number;
}

/** Optimiser state of one parameter on the device. */
export interface AdamSlot {
  /** Updates the parameter and both moments in place. */
  apply(gradient: TensorInfo, step: AdamStep): void;
  read(): { first: Float32Array; second: Float32Array };
  write(first: Float32Array, second: Float32Array): void;
  dispose(): void;
}

/** A loss and its parts as tensors, or as what was read of them. */
export interface StepOutcome<T> {
  readonly total: T;
  readonly terms: Readonly<Record<string, T>>;
}

/** A whole training step as it runs eagerly: loss, gradients, Adam in place. What a device records. */
export interface EagerStep {
  /** The optimiser's state by parameter, in a fixed order. */
  readonly slots: ReadonlyMap<string, AdamSlot>;
  /** Leaves no tensors but the outcome, which the caller disposes. `inputs` as in models/define-model.ts. */
  run(inputs: object, step: AdamStep): StepOutcome<Scalar>;
}

/** A step that was begun. */
export interface StartedStep {
  /** Waits until it is done; the same outcome each time. */
  finish(): StepOutcome<number>;
}

/** A step that is recorded as it first runs and replayed from then on, once for each shape of its inputs. */
export interface CompiledStep {
  /** Same outcome and same parameters as the eager step, within the device's promise. */
  run(inputs: object, step: AdamStep): StepOutcome<number>;
  /**
   * Begins a step and comes back while the device computes, where it can: only one at a time, and whoever reads a parameter waits for
   * it. The inputs of the next step may be made in the meantime.
   */
  start?(inputs: object, step: AdamStep): StartedStep;
  /** Puts on the device what the next step is given, while another may be running. A step given something else is none the worse. */
  prepare?(inputs: object): void;
  /** Why steps run eagerly after all; undefined while none had to. */
  readonly obstacle: string | undefined;
  /** Steps that ran from a record. */
  readonly replayed: number;
  /** Gives up memory that only steps need, until the next one; where there is such. */
  rest?(): void;
  dispose(): void;
}

/** What ops ask of the opened device besides the kernels on the tape. */
export interface Runtime {
  /** Name of the tfjs backend that holds the tensors. */
  readonly backend: string;
  readonly name: string;
  readonly version: string;
  readonly threads: number;
  readonly pack: KernelPack;
  /** `split` as in engine.ts, 0 for none; a device may make nothing of it but keep it. */
  sparse(csr: Csr, symmetric: boolean, split?: number): SparseMatrix;
  adamSlot(parameter: Variable): AdamSlot;
  topK(users: TensorInfo, items: TensorInfo, mask: Mask, k: number): Ranked;
  /** Absent where a device has nothing to prepare. */
  ranking?(items: TensorInfo): Ranking;
  /** Absent where the device knows no way but one op after the other. */
  compile?(step: EagerStep): CompiledStep;
  fallbacks(): readonly string[];
  /** Frees what the runtime holds besides tensors. */
  close(): void;
}

/** One way to compute. `probe` runs in a child process and may be killed there; `open` runs where the models run. */
export interface Device {
  readonly id: DeviceId;
  probe(options: OpenOptions): Promise<Probe>;
  open(options: OpenOptions): Promise<Runtime>;
}
