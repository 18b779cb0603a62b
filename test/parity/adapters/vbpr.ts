import { layer } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const vbpr: Adapter = {
  model: 'vbpr',
  bindings: [
    { reference: 'u_embedding', ours: 'users' },
    { reference: 'i_embedding', ours: 'items' },
    // Both join text before image, see datasetOf.
    ...layer('item_linear', 'project'),
  ],
  terms: ({ bpr, reg }) => [[bpr!], [reg!]],
};
