import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Dataset, Modality, Part } from '#data/dataset.ts';
import { requireForm } from './forms.ts';

/** The shapes of the reference vectors (see the README beside them), as far as a comparison reads them. */

export interface ReferencePairs {
  readonly users: number[];
  readonly items: number[];
}

export interface Matrix {
  readonly shape: number[];
  readonly values: number[];
}

export interface ReferenceDataset {
  readonly name: string;
  readonly n_users: number;
  readonly n_items: number;
  readonly train: ReferencePairs;
  readonly valid: ReferencePairs;
  readonly test: ReferencePairs;
  readonly image: Matrix;
  readonly text: Matrix;
  /** User → neighbour ids and shared train items. */
  readonly user_graph: Readonly<Record<string, readonly [ids: number[], counts: number[]]>>;
}

export interface ReferenceParameter {
  readonly name: string;
  readonly shape: number[];
  readonly init: number[];
  readonly grad: number[] | null;
  readonly after1: number[] | null;
  readonly after3: number[] | null;
  readonly unstable?: number[];
}

export interface Draw {
  readonly kind: string;
  readonly shape: number[];
  readonly values: number[];
}

export interface ModelVectors {
  readonly key: string;
  readonly hyper: Readonly<Record<string, number | string | boolean | readonly number[]>>;
  /** Values that the released code hard-wires. */
  readonly constants?: Readonly<Record<string, number>>;
  readonly optimizer: {
    readonly lr: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly eps: number;
    readonly weight_decay: number;
  };
  readonly batch: {
    readonly users: number[];
    readonly pos: number[];
    readonly neg: number[] | null;
    /** Rows × negatives, where a row has several. */
    readonly neg_table?: { readonly shape: number[]; readonly items: number[] };
  };
  readonly params: ReferenceParameter[];
  readonly buffers?: readonly { readonly name: string; readonly shape: number[]; readonly values: number[] }[];
  /** Item → neighbour ids and shared users, by falling count. */
  readonly item_graph?: Readonly<Record<string, readonly [ids: number[], counts: number[]]>>;
  /** Row-major, users × k. */
  readonly user_graph?: { readonly k: number; readonly neighbours: number[]; readonly weights: number[] };
  readonly noise: {
    readonly pre: Draw[];
    readonly loss?: Draw[];
    readonly score?: Draw[];
    readonly diffusion?: Draw[];
    readonly diffusion_unconditional?: Draw[];
  };
  readonly diffusion?: DiffusionVectors;
  readonly loss: {
    readonly values: number[];
    readonly terms: { readonly step: number; readonly name: string; readonly values: number[] }[];
  };
  /** Without training, `before` alone. */
  readonly scores: { readonly shape: number[]; readonly before: number[]; readonly after3?: number[]; readonly after3_cached?: number[] };
  readonly variants?: Readonly<Record<string, ReferenceVariant>>;
  /** Largest differences between the float32 and the float64 run of the reference. */
  readonly float64?: Readonly<Record<string, unknown>>;
}

/** IGDMRec's diffusion model; all but its rows and sample as for the recommender. */
export interface DiffusionVectors {
  readonly schedule: Readonly<Record<'beta_nums' | 'alphas_cumprod' | 'posterior_mean_coef1' | 'posterior_mean_coef2', readonly number[]>>;
  readonly params: ReferenceParameter[];
  readonly loss: number[];
  readonly row_losses_step1: number[];
  readonly predicted_rows_step1: number[];
  readonly unconditional: {
    readonly loss: number;
    readonly grads: readonly Pick<ReferenceParameter, 'name' | 'shape' | 'grad'>[];
  };
  readonly sample_after3: Matrix;
}

/** Three steps under another setting. */
export interface ReferenceVariant {
  readonly weight_decay?: number;
  readonly loss: number[];
  readonly params: readonly { readonly name: string; readonly after3: number[] }[];
  readonly scores_after3: number[];
}

export interface ReferenceGraph {
  readonly name: string;
  readonly shape: number[];
  readonly dense?: number[];
  readonly rows?: number[];
  readonly cols?: number[];
  readonly values?: number[];
  readonly neighbours?: number[];
  readonly cosines?: number[];
}

export interface GraphVectors {
  readonly k: number;
  readonly graphs: ReferenceGraph[];
}

export interface EvaluatedPart {
  readonly users: number[];
  readonly held_out: Readonly<Record<string, number[]>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly metrics_rounded4: Readonly<Record<string, number>>;
  /** The ranked lists, as `top10`. */
  readonly [list: `top${number}`]: { readonly shape: number[]; readonly items: number[] };
}

export interface EvaluatorVectors {
  readonly topk: number[];
  readonly scores: Matrix;
  readonly train_mask: Readonly<Record<string, number[]>>;
  readonly valid: EvaluatedPart;
  readonly test: EvaluatedPart;
}

/** @throws Error in words where the file is not there or is not JSON */
export function readJson(path: string): unknown {
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${basename(path)} is not JSON`);
  }
}

/** Whether the file is the data set that lies beside the vectors, which a glob picks up with them. */
export function isDataset(path: string): boolean {
  return basename(path) === 'dataset.json';
}

export function datasetBeside(path: string): ReferenceDataset {
  const dataset = readJson(join(dirname(path), 'dataset.json'));
  try {
    requireForm('dataset', dataset);
  } catch (error) {
    throw new Error(`dataset.json: ${error instanceof Error ? error.message : String(error)}`);
  }
  return dataset as ReferenceDataset;
}

/** The reference data as our dataset; text comes before image, the order in which VBPR joins features. */
export function datasetOf(reference: ReferenceDataset): Dataset {
  return {
    ...plainDataset(reference.name, reference.n_users, reference.n_items),
    train: part(reference.train),
    validation: part(reference.valid),
    test: part(reference.test),
    modalities: [modality('text', reference.text), modality('image', reference.image)],
  };
}

export function plainDataset(name: string, users: number, items: number): Dataset {
  const none = part({ users: [], items: [] });
  return {
    id: name,
    name,
    users,
    items,
    train: none,
    validation: none,
    test: none,
    modalities: [],
    graphs: [],
    fingerprint: { splitHash: '', splitShape: '', graphShape: '' },
  };
}

export function part(pairs: ReferencePairs): Part {
  return { users: Int32Array.from(pairs.users), items: Int32Array.from(pairs.items) };
}

function modality(name: string, matrix: Matrix): Modality {
  return {
    name,
    width: matrix.shape[1]!,
    values: Float32Array.from(matrix.values),
    sourceType: 'float32',
    hash: '',
    missing: new Uint8Array(matrix.shape[0]!),
  };
}
