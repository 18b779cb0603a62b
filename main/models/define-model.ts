import type { Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { HyperValues, ModelCard } from '#contract/model-card.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import type { Streams } from '#data/random.ts';

/** Vectors whose dot products are the scores: users [users, width], items [items, width]. */
export interface Representation {
  readonly users: Tensor2D;
  readonly items: Tensor2D;
}

/** Scores that are no dot products of two tables, by blocks of users (ItemKNN's R·S, a network over pairs). */
export interface Scorer {
  /** [users, all items], larger is better. The caller disposes it. */
  scores(users: Int32Array): Tensor2D;
  /** Users to ask for at once, so that an answer takes no more than seconds; absent: as many as the scores' memory allows. */
  readonly usersAtOnce?: number;
}

/** A loss and its named parts; parts are for the record and for parity, `total` is what is differentiated. */
export interface Loss {
  readonly total: Scalar;
  readonly terms: Readonly<Record<string, Scalar>>;
}

export interface ModelContext {
  readonly dataset: Dataset;
  /** Complete, checked values for every key of the card's `hyper`. */
  readonly hyper: HyperValues;
  readonly random: Streams;
  /** Width of id tables and projected features, 64. */
  readonly width: number;
  /** Configured batch size b₀; some regularisers divide by it also in the short last batch. */
  readonly batchSize: number;
  readonly itemGraph: 'computed' | 'imported';
  /** What earlier stages left, e.g. { pretrain: { items: [items × width], width } }. */
  readonly stages: Readonly<Record<string, StageResult>>;
}

/** What a stage hands on: row-major vectors of the stage's model at its best validation epoch. */
export interface StageResult {
  readonly width: number;
  readonly users: Float32Array;
  readonly items: Float32Array;
  /** Behaviour part of the item vectors where the stage's model has one (EGRA `pre_repr`). */
  readonly parts?: Readonly<Record<string, Float32Array>>;
  /** Of a stage of set length: its state after the last epoch, from which the run goes on. */
  readonly end?: StageEndState;
}

export interface StageEndState {
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** States of the random streams by name. */
  readonly streams: Readonly<Record<string, readonly number[]>>;
}

/** A model on an opened device. Created once per run; owns its variables and graphs until `dispose`. */
export interface Model {
  /** Trainable tables by stable name, in a fixed order. Exactly these are optimised. Where there are none, nothing is trained. */
  readonly parameters: ReadonlyMap<string, Variable>;
  /**
   * Tables that start at random and are never trained, as some released code has them. A run draws them again from its seed, so
   * they are in no checkpoint; parity puts the recorded ones in.
   */
  readonly fixed?: ReadonlyMap<string, Variable>;
  /**
   * What `represent` depends on beside the parameters, e.g. the vectors that the last batch left (`stale_eval: released`). Kept in
   * checkpoints and put back like parameters, but not optimised.
   */
  readonly kept?: ReadonlyMap<string, Variable>;
  /** Called before the first batch of each epoch (from 0), e.g. to draw FREEDOM's pruned graph from `random.graph`. */
  beforeEpoch?(epoch: number): void;
  /**
   * The same work in pieces, where it takes minutes: the trainer hears its owner between two of them. Whoever calls it runs it to its end,
   * or gives the model up.
   */
  epochWork?(epoch: number): Generator<void, void, void>;
  /**
   * Everything a batch brings to the loss, `epoch` from 0: host work and random draws happen here. A tree of typed arrays and sparse
   * matrices; a number that changes from step to step is an array of one. Matrices stay the model's, until its next `inputs`.
   */
  inputs(batch: Batch, epoch: number): object;
  /**
   * Loss in training mode from what `inputs` gave: tensor ops alone, inside a tidy and on the gradient tape. A device may run it once,
   * keep the kernels, and replay them on the inputs of later batches, so nothing that differs between batches may come from elsewhere,
   * and no value may be read back.
   */
  loss(inputs: object): Loss;
  /**
   * Vectors in evaluation mode. The caller disposes them. Throws where the model has none, but a {@link scorer}. A model that predicts next
   * items (card: task) has two histories of each user: train rows for validation, and these with the validation row for test.
   */
  represent(rankedFor?: 'validation' | 'test'): Representation;
  /**
   * For models whose scores are not dot products of two tables: rankings come from here alone. Most such formulas can be written as
   * dot products of transformed vectors (SelfCF: [P h | h]); prefer that.
   */
  scorer?(): Scorer;
  /** Further named vectors worth keeping or handing to a later stage, e.g. { 'items.behavior', 'items.side' }. The caller disposes them. */
  parts?(): Readonly<Record<string, Tensor2D>>;
  /**
   * The item vectors of `represent` as a sum: what behaviour (or ids) and then each of the dataset's modalities, in its order, add to
   * them, [items, width] each. A score is then one share per source, with the user's vector left whole. Only where the formulas say such
   * a sum. The caller disposes them.
   */
  itemShares?(): readonly Tensor2D[];
  /** Facts for the run record: graphs used with source and hash, counts of entries. */
  readonly record: Readonly<Record<string, string | number | boolean>>;
  dispose(): void;
}

export interface ModelDefinition {
  readonly card: ModelCard;
  /** What the configuration asks for before training: [] or e.g. pretraining with the given model and settings. */
  stages?(hyper: HyperValues): readonly StageRequest[];
  create(context: ModelContext): Model;
}

export interface StageRequest {
  readonly id: string;
  readonly model: string;
  readonly hyper: HyperValues;
  /**
   * Trained for so many epochs, whatever validation says; the model is the run's own. It hands on the vectors of its last epoch, and the
   * run goes on from its parameters and draws, with a new optimiser. Absent: the vectors of its best epoch alone.
   */
  readonly epochs?: number;
}

/** Declares a model; exists so that a folder's `model.ts` type-checks where it is written. */
export function defineModel(definition: ModelDefinition): ModelDefinition {
  return definition;
}
