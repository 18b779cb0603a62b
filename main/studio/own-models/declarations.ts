import { modelDeclarations } from './model-declarations.ts';

/**
 * avocet.d.ts, which lies beside the models of the person's own: what they may import, with types for an editor. The worker gives
 * what is declared here (main/worker/own/surface.ts); a test holds both to the same names, and the starter to these types.
 */
export const declarations = `${modelDeclarations}
declare module 'avocet/ops' {
  import type { CsrMatrix, Scalar, SparseMatrix, Table, Tensor, Tensor1D, Tensor2D, Variable } from 'avocet';
  type Factor = Tensor | number;

  // Element by element; sizes of 1 are repeated.
  export function add<T extends Tensor>(a: Factor, b: Factor): T;
  export function addN<T extends Tensor>(tensors: T[]): T;
  export function sub<T extends Tensor>(a: Factor, b: Factor): T;
  export function mul<T extends Tensor>(a: Factor, b: Factor): T;
  export function div<T extends Tensor>(a: Factor, b: Factor): T;
  export function maximum<T extends Tensor>(a: Factor, b: Factor): T;
  export function minimum<T extends Tensor>(a: Factor, b: Factor): T;
  export function neg<T extends Tensor>(x: T): T;
  export function abs<T extends Tensor>(x: T): T;
  export function square<T extends Tensor>(x: T): T;
  export function sqrt<T extends Tensor>(x: T): T;
  export function exp<T extends Tensor>(x: T): T;
  export function log<T extends Tensor>(x: T): T;
  export function sigmoid<T extends Tensor>(x: T): T;
  export function tanh<T extends Tensor>(x: T): T;
  export function relu<T extends Tensor>(x: T): T;
  export function leakyRelu<T extends Tensor>(x: T, slope?: number): T;
  /** log(1 + eˣ). */
  export function softplus<T extends Tensor>(x: T): T;
  /** 0 below 0, 1 above. */
  export function step<T extends Tensor>(x: T): T;
  // Along axes.
  export function sum<T extends Tensor>(x: Tensor, axis?: number, keepDims?: boolean): T;
  export function mean<T extends Tensor>(x: Tensor, axis?: number): T;
  /** Over the last axis. */
  export function softmax<T extends Tensor>(x: T): T;
  // Shapes.
  export function matMul(a: Tensor2D, b: Tensor2D, transposeA?: boolean, transposeB?: boolean): Tensor2D;
  export function transpose<T extends Tensor>(x: T): T;
  export function reshape<T extends Tensor>(x: Tensor, shape: number[]): T;
  export function expandDims<T extends Tensor>(x: Tensor, axis?: number): T;
  export function concat<T extends Tensor>(tensors: T[], axis?: number): T;
  export function slice<T extends Tensor>(x: T, begin: number[], size: number[]): T;
  export function split<T extends Tensor>(x: T, parts: number | number[], axis?: number): T[];
  // Making and freeing.
  export function scalar(value: number): Scalar;
  export function tensor1d(values: Float32Array | number[]): Tensor1D;
  export function tensor2d(values: Float32Array | number[], shape: [number, number]): Tensor2D;
  export function zeros<T extends Tensor>(shape: number[]): T;
  export function ones<T extends Tensor>(shape: number[]): T;
  export function zerosLike<T extends Tensor>(x: T): T;
  export function onesLike<T extends Tensor>(x: T): T;
  export function variable(values: Float32Array, shape: number[], name: string): Variable;
  /** Frees what the function makes, but for what it returns. */
  export function tidy<T>(make: () => T): T;
  export function keep<T extends Tensor>(x: T): T;
  export function dispose(x: Tensor): void;
  /** The values as a copy. */
  export function values(x: Tensor): Float32Array;
  /** The values, without a gradient. */
  export function stopGradient<T extends Tensor>(x: T): T;
  /** A number from inputs() that changes from step to step. */
  export function changing(value: Float32Array): Scalar;

  // Rows.
  /** Rows of a table, repeated ones too. */
  export function gatherRows(table: Tensor2D, rows: Int32Array): Tensor2D;
  /** Several gathers from one table at the cost of one gradient. */
  export function gatherParts(table: Tensor2D, parts: readonly Int32Array[]): Tensor2D[];
  /** Row r is the sum of the rows of values[p] whose parts[p] entry is r. */
  export function segmentSum(values: readonly Tensor2D[], parts: readonly Int32Array[], height: number): Tensor2D;
  /** x / max(‖x‖, ε) by rows. */
  export function normaliseRows(x: Tensor2D, epsilon?: number): Tensor2D;
  export function frobenius(x: Tensor2D): Scalar;
  /** ½ Σ x². */
  export function halfSquares(x: Tensor2D): Scalar;

  // Graphs.
  /** Puts a matrix on the device. symmetric: it equals its transpose; split: rows before it (users) meet only columns from it on. */
  export function sparse(matrix: CsrMatrix, options?: { symmetric?: boolean; split?: number }): SparseMatrix;
  /** matrix · dense. */
  export function spmm(matrix: SparseMatrix, dense: Tensor2D): Tensor2D;
  /** 1/(L+1) Σ_{l=0..L} matrixˡ · dense. */
  export function propagate(matrix: SparseMatrix, dense: Tensor2D, layers: number): Tensor2D;

  // Losses.
  /** −mean log(ε + σ(user·positive − user·negative)). */
  export function bprLoss(users: Tensor2D, positives: Tensor2D, negatives: Tensor2D, epsilon: number): Scalar;
  /** InfoNCE of pairs over distinct unit rows: [pairs]. */
  export function infoNceRows(
    queries: Tensor2D,
    keys: Tensor2D,
    pairs: { queryOf: Int32Array; keyOf: Int32Array; keyCounts: Float32Array },
    temperature: number,
  ): Tensor1D;
}

declare module 'avocet/parts' {
  import type {
    Batch,
    CsrMatrix,
    Dataset,
    HyperValues,
    Modality,
    ModelContext,
    Random,
    Scalar,
    SparseMatrix,
    Table,
    Tensor1D,
    Tensor2D,
    Variable,
    Vector,
  } from 'avocet';

  /** What a model owns: tables in a fixed order, constants, graphs. Freed together. */
  export class Belongings {
    readonly parameters: Map<string, Variable>;
    readonly fixed: Map<string, Variable>;
    readonly kept: Map<string, Variable>;
    /** A trained matrix. */
    table(name: string, values: Float32Array, rows: number, columns: number): Table;
    vector(name: string, values: Float32Array): Vector;
    /** Drawn and never trained. */
    fixedTable(name: string, values: Float32Array, rows: number, columns: number): Table;
    /** Kept in checkpoints, not trained. */
    keptTable(name: string, rows: number, columns: number): Table;
    /** Never changes, e.g. features. */
    constant(values: Float32Array, rows: number, columns: number): Tensor2D;
    /** The same with rows at unit length. */
    normalised(values: Float32Array, rows: number, columns: number): Tensor2D;
    graph(matrix: SparseMatrix): SparseMatrix;
    /** Replaces the last graph of this name, which is freed. */
    passing(name: string, matrix: SparseMatrix): SparseMatrix;
    dispose(): void;
  }
  /** Typed access to the values of the card's hyper. */
  export function settings(hyper: HyperValues): {
    number(key: string): number;
    flag(key: string): boolean;
    choice<T extends string>(key: string): T;
  };

  // Starting values, row-major.
  export function xavierUniform(random: Random, rows: number, columns: number): Float32Array;
  export function xavierNormal(random: Random, rows: number, columns: number): Float32Array;
  export function linearDefault(random: Random, fanIn: number, count: number): Float32Array;
  /** [E_U ; E_I], each Xavier uniform of its own shape. */
  export function stackedXavierUniform(random: Random, users: number, items: number, width: number): Float32Array;

  export interface Linear {
    readonly weight: Table;
    readonly bias?: Vector;
  }
  /** A linear layer as parameters NAME.weight and NAME.bias. */
  export function linear(own: Belongings, random: Random, name: string, shape: { in: number; out: number; bias?: boolean }): Linear;
  export function apply(layer: Linear, x: Tensor2D): Tensor2D;
  /** Of a step's inputs: 0 or 1/(1−p). */
  export function dropoutMask(random: Random, count: number, p: number): Float32Array;
  export function dropped(x: Tensor2D, mask: Float32Array): Tensor2D;

  // Losses on gathered rows.
  /** (‖a‖ + ‖b‖ + …)/rows: norms not squared. */
  export function regF(gathered: readonly Tensor2D[]): Scalar;
  /** ½(Σa² + Σb² + …)/batchSize. */
  export function reg2(gathered: readonly Tensor2D[], batchSize: number): Scalar;
  /** ½(Σa² + Σb² + …). */
  export function regS(gathered: readonly Tensor2D[]): Scalar;
  export interface Distinct {
    readonly ids: Int32Array;
    readonly indexOf: Int32Array;
    readonly counts: Float32Array;
  }
  /** InfoNCE of each batch row whose query and key are the same entity, over distinct unit rows: [rows]. */
  export function sameEntityNce(queries: Tensor2D, keys: Tensor2D, entities: Distinct, temperature: number): Tensor1D;

  // Users and items.
  export interface BatchRows {
    readonly users: Distinct;
    readonly items: Distinct;
    readonly positives: Distinct;
    readonly userOf: Int32Array;
    readonly positiveOf: Int32Array;
    readonly negativeOf: Int32Array;
  }
  /** The distinct users and items of a batch. */
  export function batchRows(batch: Batch, counts: { users: number; items: number }): BatchRows;
  /** Item ids as rows of a stacked table of users and items. */
  export function itemRows(items: Int32Array, users: number): Int32Array;
  /** A stacked table as its two parts. */
  export function splitNodes(nodes: Tensor2D, users: number): { users: Tensor2D; items: Tensor2D };

  // Graphs.
  /** Â of train interactions, [users + items, users + items], 1/√(n_u n_i). */
  export function interactionGraph(dataset: Dataset): CsrMatrix;
  /** The k nearest items by cosine of the features, normalised as MGCN's, [items, items]; record is a line for the run. */
  export function featureGraph(context: ModelContext, modality: Modality, k: number): { matrix: CsrMatrix; record: string };
  /** A matrix from its entries (row, column, value). */
  export function csrFromEntries(
    shape: { rows: number; columns: number },
    entries: { rows: Int32Array; columns: Int32Array; values: Float32Array },
  ): CsrMatrix;
  export function isSymmetric(matrix: CsrMatrix): boolean;
}
`;
