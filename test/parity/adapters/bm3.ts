import { features, layer, nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

const order = ['cos_text_item', 'cos_text_text', 'cos_image_item', 'cos_image_image', 'cos_user_item', 'cos_item_user', 'reg'];

export const bm3: Adapter = {
  model: 'bm3',
  bindings: [...nodes('user_embedding.weight', 'item_id_embedding.weight'), ...layer('predictor', 'predictor'), ...features],
  fullTerms: { cl_weight: 1 },
  terms: (ours) => order.map((name) => [ours[name]!]),
};
