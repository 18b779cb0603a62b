import type { Adapter, Binding } from '../adapter.ts';
import { nodes } from '../adapter.ts';

const networks = {
  U_CLUSTER_NETWORK_USER: ['user-of-users', 2],
  I_CLUSTER_NETWORK_USER: ['user-of-items', 2],
  I_CLUSTER_NETWORK_ITEM: ['item-of-items', 2],
  U_CLUSTER_NETWORK_ITEM: ['item-of-users', 2],
  USER_INTENT_NETWORK: ['user-intent', 3],
  ITEM_INTENT_NETWORK: ['item-intent', 3],
  LINK_NETWORK: ['link', 2],
} as const;

/** Settings by the reference's names. */
const names = {
  latent_dim: 'latdim',
  intent_num: 'intentNum',
  middle_num: 'MiddleIntentnum',
  fine_num: 'FinedintentNum',
  intent_dim: 'intent_dim',
  neg_num: 'neg_num',
  temp: 'temp',
  intent_hidden_1: 'intent_hidden_1',
  intent_hidden_2: 'intent_hidden_2',
  link_hidden: 'link_hidden',
} as const;

export const dmicf: Adapter = {
  model: 'dmicf',
  bindings: [
    ...nodes('uEmbeds_ini', 'iEmbeds_ini'),
    { reference: 'uCluster', ours: 'prototypes.users' },
    { reference: 'iCluster', ours: 'prototypes.items' },
    ...Object.entries(networks).flatMap(([reference, [ours, layers]]) =>
      Array.from({ length: layers }, (_, place): Binding[] => [
        { reference: `${reference}.layers.${place}.layer.weight`, ours: `${ours}.${place}.weight`, transposed: true },
        { reference: `${reference}.layers.${place}.layer.bias`, ours: `${ours}.${place}.bias` },
      ]).flat(),
    ),
  ],
  terms: () => [],
  hyper: ({ hyper, constants }) =>
    Object.fromEntries(Object.entries(names).map(([ours, theirs]) => [ours, Number(hyper[theirs] ?? constants?.[theirs])])),
  negatives: ({ batch }) => [{ kind: 'randint', shape: batch.neg_table?.shape ?? [], values: batch.neg_table?.items ?? [] }],
};
