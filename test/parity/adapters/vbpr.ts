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
  // The penalty holds the projection's bias, which moves by rounding in the reference where the weight is small.
  hasStrayingTerms: ({ params }) => params.some(({ unstable }) => (unstable?.length ?? 0) > 0),
};
