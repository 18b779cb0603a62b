import { layer, towers } from '../adapter.ts';
import type { Adapter, Binding } from '../adapter.ts';
import { paddingDraws } from '../user-graph.ts';

export const bindings: readonly Binding[] = [
  { reference: 'weight_u', ours: 'shares' },
  ...towers((tower, modality) => [
    { reference: `${tower}.preference`, ours: `preference.${modality}` },
    ...layer(`${tower}.MLP`, `first.${modality}`),
    ...layer(`${tower}.MLP_1`, `second.${modality}`),
  ]),
];

export const dragon: Adapter = {
  model: 'dragon',
  width: ({ constants, hyper }) => constants?.['dim_latent'] ?? Number(hyper['embedding_size']),
  hyper: ({ user_graph }) => ({ user_graph_k: user_graph!.k }),
  bindings,
  terms: () => [],
  only: { aggr_mode: ['add'] },
  pre: paddingDraws,
};
