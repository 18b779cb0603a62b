/** The first half of avocet.d.ts: data, models and cards. */
export const modelDeclarations = `// Written by Avocet, and again when it changes. What models of your own may import.

declare module 'avocet' {
  // ---- Tensors. Float32; made by avocet/ops, differentiated by the studio.
  export interface Tensor {
    readonly shape: number[];
    readonly size: number;
    /** Reads the values back. Never in loss(): what was read has no gradient. */
    dataSync(): Float32Array;
    dispose(): void;
  }
  export interface Scalar extends Tensor {
    readonly rank0?: true;
  }
  export interface Tensor1D extends Tensor {
    readonly shape: [number];
  }
  export interface Tensor2D extends Tensor {
    readonly shape: [number, number];
  }
  /** A tensor that is trained. */
  export interface Variable extends Tensor {
    readonly name: string;
    assign(value: Tensor): void;
  }
  export type Table = Variable & Tensor2D;
  export type Vector = Variable & Tensor1D;

  /** A sparse matrix on the device, with its transpose for gradients. */
  export interface SparseMatrix {
    readonly rows: number;
    readonly columns: number;
    readonly nonZeros: number;
    dispose(): void;
  }
  /** A sparse matrix in compressed rows: row r holds indices[offsets[r] … offsets[r+1]), rising. */
  export interface CsrMatrix {
    readonly rows: number;
    readonly columns: number;
    readonly offsets: Int32Array;
    readonly indices: Int32Array;
    readonly values: Float32Array;
  }

  // ---- Data. Ids are dense: users 0 … users−1, items 0 … items−1.
  /** Rows of one part of the split: (users[r], items[r]). */
  export interface Part {
    readonly users: Int32Array;
    readonly items: Int32Array;
    /** UTC milliseconds per row where the source had times. */
    readonly times?: Float64Array;
  }
  /** Raw features: values is row-major [items, width]. */
  export interface Modality {
    readonly name: string;
    readonly width: number;
    readonly values: Float32Array;
    /** 1 where an item had no features. */
    readonly missing: Uint8Array;
  }
  export interface Knowledge {
    readonly entities: number;
    readonly relations: readonly string[];
    readonly heads: Int32Array;
    /** Index into relations. */
    readonly kinds: Int32Array;
    readonly tails: Int32Array;
  }
  export interface Dataset {
    readonly name: string;
    readonly users: number;
    readonly items: number;
    /** Learn from this part alone. */
    readonly train: Part;
    readonly modalities: readonly Modality[];
    /** Where the dataset came with one: triples over items (their ids) and entities (from the number of items on). */
    readonly knowledge?: Knowledge;
  }
  /** Row r is (users[r], positives[r], negatives[r]). */
  export interface Batch {
    readonly users: Int32Array;
    readonly positives: Int32Array;
    readonly negatives: Int32Array;
    /** True on an epoch's last batch. */
    readonly isLast?: boolean;
  }
  /** Random numbers of the run: equal seeds give equal draws, also after a pause. */
  export interface Random {
    /** In [0, 1). */
    uniform(): number;
    /** In 0 … below−1. */
    integer(below: number): number;
    /** Standard normal. */
    normal(): number;
    sampleWithoutReplacement(weights: ArrayLike<number>, count: number): Int32Array;
    shuffle(values: Int32Array): void;
  }
  /** A stream for each purpose, so that one more draw here shifts nothing there. */
  export interface Streams {
    readonly init: Random;
    readonly shuffle: Random;
    readonly negatives: Random;
    readonly dropout: Random;
    readonly graph: Random;
    readonly split: Random;
  }

  // ---- The model.
  export type HyperValue = number | string | boolean;
  export type HyperValues = Readonly<Record<string, HyperValue>>;
  export interface StageResult {
    readonly width: number;
    readonly users: Float32Array;
    readonly items: Float32Array;
    readonly parts?: Readonly<Record<string, Float32Array>>;
  }
  export interface ModelContext {
    readonly dataset: Dataset;
    /** A value for every key of the card's hyper, checked. */
    readonly hyper: HyperValues;
    readonly random: Streams;
    /** Width of vectors, 64 unless the run says otherwise. */
    readonly width: number;
    /** The configured batch size; the last batch of an epoch may be shorter. */
    readonly batchSize: number;
    readonly itemGraph: 'computed' | 'imported';
    /** What the stages before left, by the id of the stage. */
    readonly stages: Readonly<Record<string, StageResult>>;
  }
  /** total is differentiated; terms are shown as curves beside it. */
  export interface Loss {
    readonly total: Scalar;
    readonly terms: Readonly<Record<string, Scalar>>;
  }
  /** Vectors whose dot products rank: users [users, w], items [items, w]. */
  export interface Representation {
    readonly users: Tensor2D;
    readonly items: Tensor2D;
  }
  /** Where scores are no dot products: [the given users, all items], larger is better. */
  export interface Scorer {
    scores(users: Int32Array): Tensor2D;
    readonly usersAtOnce?: number;
  }
  export interface Model {
    /** Exactly these are trained. */
    readonly parameters: ReadonlyMap<string, Variable>;
    /** What represent() depends on beside them; kept in checkpoints. */
    readonly kept?: ReadonlyMap<string, Variable>;
    /** Lines for the record of a run. */
    readonly record: Readonly<Record<string, HyperValue>>;
    /** Before the first batch of each epoch, from 0. */
    beforeEpoch?(epoch: number): void;
    /** Host work and random draws: everything that differs from batch to batch. Typed arrays and sparse matrices. */
    inputs(batch: Batch, epoch: number): object;
    /** Tensors alone, from what inputs() gave. It is recorded once and played again: read nothing back and draw nothing here. */
    loss(inputs: object): Loss;
    represent(): Representation;
    scorer?(): Scorer;
    /** Frees everything the model made. */
    dispose(): void;
  }
  export interface StageRequest {
    readonly id: string;
    readonly model: string;
    readonly hyper: HyperValues;
    readonly epochs?: number;
  }
  export interface ModelDefinition {
    readonly card: ModelCard;
    /** Other models to be trained before, e.g. [{ id: 'pretrain', model: 'mgcn', hyper: {} }]. */
    stages?(hyper: HyperValues): readonly StageRequest[];
    create(context: ModelContext): Model;
  }
  export function defineModel(definition: ModelDefinition): ModelDefinition;

  // ---- The card.
  interface FieldOptions {
    label: string;
    /** Section of the form. */
    group?: string;
    /** One or two sentences: what it does. */
    help?: string;
    formula?: string;
    source?: string;
    mark?: 'published' | 'published-second-hand' | 'inferred' | 'released' | 'ours';
    published?: string;
    reading?: string;
    /** Suggested values for a sweep. */
    grid?: HyperValue[];
    /** Rarely changed: folded away at first. */
    advanced?: boolean;
  }
  interface RangeOptions extends FieldOptions {
    default: number;
    min: number;
    max: number;
    exclusiveMin?: boolean;
  }
  export interface HyperField extends FieldOptions {
    readonly type: string;
  }
  export function integer(options: FieldOptions & { default: number; min: number; max: number }): HyperField;
  export function number(options: RangeOptions): HyperField;
  /** As number, varied on a logarithmic scale. */
  export function logNumber(options: RangeOptions): HyperField;
  export function choice(options: FieldOptions & { default: string; values: string[] }): HyperField;
  export function boolean(options: FieldOptions & { default: boolean }): HyperField;
  export interface ModelCard {
    /** The name of the folder. */
    id: string;
    title: string;
    /** One sentence on the idea. */
    summary: string;
    paper: { title: string; year: number; arxiv?: string; venue?: string };
    /** False where nothing is trained. */
    trained?: boolean;
    /** [] none, ['any'] one modality or more, or names. */
    needs: string[];
    /** True where it cannot do without Dataset.knowledge. */
    needsKnowledge?: boolean;
    /** Stages before training that the form shows; see ModelDefinition.stages. */
    stages: { id: string; model: string; gives: string; when?: Record<string, HyperValue[]> }[];
    hyper: Record<string, HyperField>;
    presets: { id: string; title?: string; from: string; values: Record<string, HyperValue> }[];
    /** Presets that switch one part off. */
    ablations: { id: string; title: string; values: Record<string, HyperValue> }[];
    inferred?: boolean;
    provenance?: string;
    /** What it assumes about the data, and when it fails. */
    assumes?: string;
    /** Next to LightGCN with 3 layers. */
    cost: { perEdge: number; perBatchRow: number; typicalEpochs: number };
    minEpochs?: number;
    /** c in lr · c^(epoch/50). */
    lrDecay?: number;
  }
  export function modelCard(card: ModelCard): ModelCard;
}
`;
