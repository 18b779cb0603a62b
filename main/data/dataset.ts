/**
 * What a model sees of a dataset: frozen typed arrays with dense ids. Reading and writing lives in the formats and in
 * dataset-folder.ts; nothing here touches a disk.
 */

import type { fillRules } from '#contract/dataset.ts';
import type { CoUsers } from './co-users.ts';
import type { Knowledge } from './knowledge.ts';
import type { Neighbours } from './knn.ts';

/** Rows of one part of the split, in file order. `users[r]`, `items[r]` are dense ids. */
export interface Part {
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** UTC milliseconds per row where the source had times. */
  readonly times?: Float64Array;
}

/**
 * Raw features of one modality: `values` is row-major [items, width]; row = dense item id. Of an opened dataset they come from the disk
 * when they are looked at, so take them once where they are used and let go of them.
 */
export interface Modality {
  readonly name: string;
  readonly width: number;
  readonly values: Float32Array;
  /** Type on disk before narrowing, for the record. */
  readonly sourceType: 'float16' | 'float32' | 'float64';
  /** SHA-256 of dtype, shape and values (protocol.md section 3). */
  readonly hash: string;
  /** 1 where the row was missing in the source and filled by the dataset's rule. */
  readonly missing: Uint8Array;
  /** That rule, of a dataset on disk. */
  readonly filledBy?: (typeof fillRules)[number];
  /** Of a dataset on disk: neighbour lists that an earlier run computed from these values. */
  readonly neighbours?: NeighbourMemory;
}

/** Up to k nearest items of every item, itself included, by cosine of the raw values. */
export interface NeighbourMemory {
  find(k: number): Neighbours | undefined;
  keep(found: Neighbours): void;
}

/** Up to k users sharing train items with each user. */
export interface CoUserMemory {
  find(k: number): CoUsers | undefined;
  keep(found: CoUsers): void;
}

/** A sparse matrix in compressed rows: row r holds `indices[offsets[r] … offsets[r+1])`, rising. */
export interface CsrMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** A graph file that came with the dataset, e.g. { name: 'image_adj_10_True', modality: 'image', form: 'knn-cosine' }. */
export interface ImportedGraph {
  readonly name: string;
  /** knn-cosine: MGCN form S̃_m of one modality; freedom-mix: FREEDOM's mixed graph (models.md 0.3). */
  readonly form: 'knn-cosine' | 'freedom-mix';
  readonly modality?: string;
  readonly k: number;
  /** Only for freedom-mix. */
  readonly imageWeight?: number;
  readonly matrix: CsrMatrix;
  readonly hash: string;
}

export interface Fingerprint {
  readonly fileHash?: string;
  readonly splitHash: string;
  readonly splitShape: string;
  readonly graphShape: string;
  /** Of a split that leaves the last two rows of each user out by time: their order, see data/sequences.ts. */
  readonly sequenceHash?: string;
}

export interface Dataset {
  readonly id: string;
  readonly name: string;
  readonly users: number;
  readonly items: number;
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
  readonly modalities: readonly Modality[];
  readonly graphs: readonly ImportedGraph[];
  /** Triples over items and entities, where the dataset came with some. */
  readonly knowledge?: Knowledge;
  readonly fingerprint: Fingerprint;
  /** Of a dataset on disk: lists that an earlier run counted in this split. */
  readonly coUsers?: CoUserMemory;
}
