import { nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const lgmrec: Adapter = {
  model: 'lgmrec',
  bindings: [
    ...nodes('user_embedding.weight', 'item_id_embedding.weight'),
    { reference: 'item_image_trs', ours: 'project.image' },
    { reference: 'item_text_trs', ours: 'project.text' },
    { reference: 'v_hyper', ours: 'hyper.image' },
    { reference: 't_hyper', ours: 'hyper.text' },
  ],
  terms: ({ bpr, contrast_users, contrast_items, reg }) => [[bpr!], [contrast_users!], [contrast_items!], [reg!]],
  fullTerms: { cl_weight: 1 },
};
