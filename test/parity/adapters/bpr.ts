import type { Adapter } from '../adapter.ts';

export const bpr: Adapter = {
  model: 'bpr',
  bindings: [
    { reference: 'user_embedding.weight', ours: 'users' },
    { reference: 'item_embedding.weight', ours: 'items' },
  ],
  terms: ({ bpr, reg }) => [[bpr!], [reg!]],
};
