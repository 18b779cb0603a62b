import type { Rank, Tensor, Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import { keep, tensor2d, tidy, variable } from '#engine/ops/basic.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import type { SparseMatrix } from '#engine/engine.ts';

/** A trainable matrix. tfjs types variables loosely; the shape is fixed when it is made. */
export type Table = Variable & Tensor2D;
export type Vector = Variable & Tensor1D;

/** What a model owns on the device: trainable tables in a fixed order, constants, graphs. Freed together. */
export class Belongings {
  readonly parameters = new Map<string, Variable>();
  readonly fixed = new Map<string, Variable>();
  readonly kept = new Map<string, Variable>();
  readonly #constants: Tensor[] = [];
  readonly #graphs: SparseMatrix[] = [];
  readonly #passing = new Map<string, SparseMatrix>();

  table(name: string, values: Float32Array, rows: number, columns: number): Table {
    return this.#add(name, (free) => variable<Rank.R2>(values, [rows, columns], free)) as Table;
  }

  /** A drawn matrix that is never trained; see Model.fixed. */
  fixedTable(name: string, values: Float32Array, rows: number, columns: number): Table {
    return this.#add(name, (free) => variable<Rank.R2>(values, [rows, columns], free), this.fixed) as Table;
  }

  /** The same for a vector. */
  fixedVector(name: string, values: Float32Array): Vector {
    return this.#add(name, (free) => variable<Rank.R1>(values, [values.length], free), this.fixed) as Vector;
  }

  /** A matrix that a checkpoint holds beside the parameters; see Model.kept. */
  keptTable(name: string, rows: number, columns: number): Table {
    const values = new Float32Array(rows * columns);
    return this.#add(name, (free) => variable<Rank.R2>(values, [rows, columns], free), this.kept) as Table;
  }

  vector(name: string, values: Float32Array): Vector {
    return this.#add(name, (free) => variable<Rank.R1>(values, [values.length], free)) as Vector;
  }

  /** A matrix that is never trained. */
  constant(values: Float32Array, rows: number, columns: number): Tensor2D {
    const tensor = keep(tensor2d(values, [rows, columns]));
    this.#constants.push(tensor);
    return tensor;
  }

  /** Its rows at unit length. */
  normalised(values: Float32Array, rows: number, columns: number): Tensor2D {
    const tensor = tidy(() => keep(normaliseRows(tensor2d(values, [rows, columns]))));
    this.#constants.push(tensor);
    return tensor;
  }

  graph(matrix: SparseMatrix): SparseMatrix {
    this.#graphs.push(matrix);
    return matrix;
  }

  /** A graph that replaces the last one of this name, which is freed: an epoch's pruned graph, a batch's rows. */
  passing(name: string, matrix: SparseMatrix): SparseMatrix {
    this.#passing.get(name)?.dispose();
    this.#passing.set(name, matrix);
    return matrix;
  }

  dispose(): void {
    for (const owned of this.#tables) for (const table of owned.values()) table.dispose();
    for (const constant of this.#constants) constant.dispose();
    for (const graph of [...this.#graphs, ...this.#passing.values()]) graph.dispose();
    for (const owned of this.#tables) owned.clear();
    this.#constants.length = 0;
    this.#graphs.length = 0;
    this.#passing.clear();
  }

  #add(name: string, make: (name: string) => Variable, to = this.parameters): Variable {
    if (this.#tables.some((owned) => owned.has(name))) throw new Error(`two parameters are named ${name}`);
    const made = make(name);
    to.set(name, made);
    return made;
  }

  get #tables(): readonly Map<string, Variable>[] {
    return [this.parameters, this.fixed, this.kept];
  }
}
