import { features, layer, nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const mgcn: Adapter = {
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
  terms: ({ bpr, reg, contrast_items, contrast_users }, { hyper }) => [
    [bpr!, Number(hyper['reg_weight']) * reg!, 0],
    [contrast_items!],
    [contrast_users!],
  ],
};
