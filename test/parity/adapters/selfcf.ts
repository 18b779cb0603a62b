import { layer, nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const selfcf: Adapter = {
  model: 'selfcf',
  bindings: [
    ...nodes('online_encoder.embedding_dict.user_emb', 'online_encoder.embedding_dict.item_emb'),
    ...layer('predictor', 'predictor'),
  ],
  terms: ({ reg, cos_user, cos_item }) => [[reg!], [-cos_user!], [-cos_item!]],
};
