import type { Loss } from '#models/define-model.ts';
import type { ModelVectors } from './vectors.ts';

/** Where a reference parameter lives in ours. */
export interface Binding {
  readonly reference: string;
  readonly ours: string;
  /** First row in our table, for tables stacked in one. */
  readonly row?: (sizes: Sizes) => number;
  /** The reference stores [out, in], ours is [in, out]. */
  readonly transposed?: boolean;
}

export interface Sizes {
  readonly users: number;
  readonly items: number;
}

/** Ties a reference file's key to one of our models. */
export interface Adapter {
  readonly model: string;
  readonly bindings: readonly Binding[];
  /** Our terms in the reference's order: one list of numbers for each term. */
  terms(ours: Readonly<Record<keyof Loss['terms'], number>>, hyper: ModelVectors['hyper']): number[][];
  /** Settings under which our model computes all terms of the reference, where it skips one that has weight 0. */
  readonly fullTerms?: Readonly<Record<string, number>>;
}

const nodes = (users: string, items: string): Binding[] => [
  { reference: users, ours: 'nodes' },
  { reference: items, ours: 'nodes', row: (sizes) => sizes.users },
];

const layer = (reference: string, ours: string): Binding[] => [
  { reference: `${reference}.weight`, ours: `${ours}.weight`, transposed: true },
  { reference: `${reference}.bias`, ours: `${ours}.bias` },
];

const features = ['image', 'text'].flatMap((modality) => [
  { reference: `${modality}_embedding.weight`, ours: `features.${modality}` },
  ...layer(`${modality}_trs`, `project.${modality}`),
]);

export const adapters: Readonly<Record<string, Adapter>> = {
  bpr: {
    model: 'bpr',
    bindings: [
      { reference: 'user_embedding.weight', ours: 'users' },
      { reference: 'item_embedding.weight', ours: 'items' },
    ],
    terms: ({ bpr, reg }) => [[bpr!], [reg!]],
  },
  lightgcn: {
    model: 'lightgcn',
    bindings: nodes('embedding_dict.user_emb', 'embedding_dict.item_emb'),
    terms: ({ bpr, reg }) => [[bpr!], [reg!]],
  },
  vbpr: {
    model: 'vbpr',
    bindings: [
      { reference: 'u_embedding', ours: 'users' },
      { reference: 'i_embedding', ours: 'items' },
      // Both join text before image, see datasetOf.
      ...layer('item_linear', 'project'),
    ],
    terms: ({ bpr, reg }) => [[bpr!], [reg!]],
  },
  freedom: {
    model: 'freedom',
    bindings: [...nodes('user_embedding.weight', 'item_id_embedding.weight'), ...features],
    terms: ({ bpr, bpr_text, bpr_image }) => [[bpr!], [bpr_text!], [bpr_image!]],
    fullTerms: { reg_weight: 1 },
  },
  mgcn: {
    model: 'mgcn',
    bindings: [
      ...nodes('user_embedding.weight', 'item_id_embedding.weight'),
      ...features,
      ...layer('query_common.0', 'query.hidden'),
      { reference: 'query_common.2.weight', ours: 'query.score.weight', transposed: true },
      ...layer('gate_v.0', 'gate.image'),
      ...layer('gate_t.0', 'gate.text'),
      ...layer('gate_image_prefer.0', 'preference.image'),
      ...layer('gate_text_prefer.0', 'preference.text'),
    ],
    terms: ({ bpr, reg, contrast_items, contrast_users }, hyper) => [
      [bpr!, Number(hyper['reg_weight']) * reg!, 0],
      [contrast_items!],
      [contrast_users!],
    ],
  },
};
