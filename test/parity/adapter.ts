import type { HyperValues } from '#contract/model-card.ts';
import type { Model } from '#models/define-model.ts';
import type { Part } from './compare.ts';
import type { Recorded } from './recorded-random.ts';
import type { Draw, ModelVectors, ReferenceDataset, ReferenceVariant } from './vectors.ts';

export interface Sizes {
  readonly users: number;
  readonly items: number;
}

/** Where a reference parameter or buffer lives in ours. */
export interface Binding {
  readonly reference: string;
  /** A parameter, or a table of `Model.fixed`. Where ours has neither, the reference must not move either. */
  readonly ours: string;
  /** First row in our table, for tables stacked in one. */
  readonly row?: (sizes: Sizes) => number;
  /** The reference stores [out, in], ours is [in, out]. */
  readonly transposed?: boolean;
}

/** What {@link Adapter.further} compares with. */
export interface Further {
  /** A model with the recorded start; the caller disposes it. */
  create(draws: Recorded): Model;
  readonly bindings: readonly Binding[];
  readonly vectors: ModelVectors;
  readonly dataset: Sizes;
}

/** Ties a reference file's key to one of our models: one small file in adapters/ for each model. */
export interface Adapter {
  readonly model: string;
  /** All tables of ours; those of the reference that are missing here must have no gradient. */
  readonly bindings: readonly Binding[] | ((vectors: ModelVectors) => readonly Binding[]);
  /** Our terms in the reference's order: one list of numbers for each term. */
  terms(ours: Readonly<Record<string, number>>, vectors: ModelVectors): number[][];
  /** Sums that nearly cancel make the reference's own terms inexact. */
  readonly hasCancellingTerms?: boolean;
  /** Whether a term reads what nearly cancels in the loss and strays in the reference (`unstable`): the first step's terms alone are compared. */
  readonly hasStrayingTerms?: (vectors: ModelVectors) => boolean;
  /** Settings under which our model computes all terms of the reference, where it skips one that has weight 0. */
  readonly fullTerms?: HyperValues;
  /** Settings that go by another name in the reference, or are constants there. */
  hyper?(vectors: ModelVectors): HyperValues;
  /** Width of vectors, where it is not the reference's embedding_size. */
  width?(vectors: ModelVectors): number;
  /** What the reference reports as loss, where our total holds more (a penalty that its optimiser applies). */
  loss?(total: number, terms: Readonly<Record<string, number>>): number;
  /** From our dot product to the recorded score, e.g. σ. */
  score?(product: number): number;
  /** Draws before the first batch that the reference left only in their result. */
  pre?(vectors: ModelVectors, dataset: ReferenceDataset): Draw[];
  /** The model draws for a graph that does not depend on what it draws, such as vectors that a decomposition begins with. */
  hasFreeGraph?(vectors: ModelVectors): boolean;
  /** What the file holds besides. */
  further?(subject: Further): Part[];
  /** Values of the reference's settings that ours computes, where not all are; a file with another is refused by name. */
  readonly only?: Readonly<Record<string, readonly unknown[]>>;
  /** Draws that ours asks for in a step, where it skips some because a weight is 0 and others come after them. */
  asked?(vectors: ModelVectors): Draw[] | undefined;
  /** Negatives that the model draws itself in each step. */
  negatives?(vectors: ModelVectors): Draw[];
  /** Settings of each recorded variant. */
  readonly variants?: Readonly<Record<string, (variant: ReferenceVariant) => HyperValues>>;
}

/** User and item tables of the reference as our stacked one. */
export function nodes(users: string, items: string): Binding[] {
  return [
    { reference: users, ours: 'nodes' },
    { reference: items, ours: 'nodes', row: (sizes) => sizes.users },
  ];
}

/** A linear layer with bias. */
export function layer(reference: string, ours: string): Binding[] {
  return [
    { reference: `${reference}.weight`, ours: `${ours}.weight`, transposed: true },
    { reference: `${reference}.bias`, ours: `${ours}.bias` },
  ];
}

export const modalities = ['image', 'text'] as const;

/** Raw feature tables and their projections, as most models name them. */
export const features: readonly Binding[] = modalities.flatMap((modality) => [
  { reference: `${modality}_embedding.weight`, ours: `features.${modality}` },
  ...layer(`${modality}_trs`, `project.${modality}`),
]);

/** Bindings of models that call their modalities v and t: `v_gcn.name` → `name.image`. */
export function towers(bind: (reference: string, modality: string) => readonly Binding[]): Binding[] {
  return [...bind('v_gcn', 'image'), ...bind('t_gcn', 'text')];
}
