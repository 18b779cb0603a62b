import { nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const lightgcn: Adapter = {
  model: 'lightgcn',
  bindings: nodes('embedding_dict.user_emb', 'embedding_dict.item_emb'),
  terms: ({ bpr, reg }) => [[bpr!], [reg!]],
};
