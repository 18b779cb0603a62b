import { features, nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const freedom: Adapter = {
  model: 'freedom',
  bindings: [...nodes('user_embedding.weight', 'item_id_embedding.weight'), ...features],
  terms: ({ bpr, bpr_text, bpr_image }) => [[bpr!], [bpr_text!], [bpr_image!]],
  fullTerms: { reg_weight: 1 },
};
