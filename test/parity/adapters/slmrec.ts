import { layer, nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const slmrec: Adapter = {
  model: 'slmrec',
  width: ({ hyper }) => Number(hyper['recdim']),
  // The main record leaves weight decay out.
  hyper: ({ optimizer }) => ({ weight_decay: optimizer.weight_decay }),
  bindings: [
    ...nodes('embedding_user.weight', 'embedding_item.weight'),
    ...layer('v_dense', 'project.image'),
    ...layer('t_dense', 'project.text'),
    ...layer('embedding_user_after_GCN', 'join.users'),
    ...layer('embedding_item_after_GCN', 'join.items'),
    ...layer('g_i_iv', 'carry.image'),
    ...layer('g_v_iv', 'key.image'),
    ...layer('g_iv_iva', 'carry.text'),
    ...layer('g_iva_ivat', 'narrow.text'),
    ...layer('g_t_ivat', 'key.text'),
  ],
  terms: ({ softmax, contrast }) => [[softmax!], [contrast!]],
  only: { ssl_task: ['FAC'], mm_fusion_mode: ['concat'], adj_type: ['pre'] },
  loss: (total, { decay = 0 }) => total - decay,
  score: (product) => 1 / (1 + Math.exp(-product)),
  fullTerms: { ssl_alpha: 1 },
  variants: { weight_decay: ({ weight_decay = 1e-4 }) => ({ weight_decay }) },
};
