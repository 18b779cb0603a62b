import { nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const layergcn: Adapter = {
  model: 'layergcn',
  bindings: nodes('user_embeddings', 'item_embeddings'),
  // The reference sums over the batch.
  terms: ({ bpr, reg }, { batch }) => [[bpr! * batch.users.length], [reg!]],
};
