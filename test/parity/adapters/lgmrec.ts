import type { HyperValues } from '#contract/model-card.ts';
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
  // Without a graph ("mf") the ids themselves: no hop.
  hyper: ({ hyper }): HyperValues => (hyper['cf_model'] === 'mf' ? { n_ui_layers: 0 } : {}),
  only: { cf_model: ['lightgcn', 'mf'] },
  fullTerms: { cl_weight: 1 },
};
