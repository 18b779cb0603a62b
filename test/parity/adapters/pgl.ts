import { features, modalities } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const pgl: Adapter = {
  model: 'pgl',
  bindings: [...modalities.map((modality) => ({ reference: `user_${modality}.weight`, ours: `users.${modality}` })), ...features],
  terms: ({ bpr, contrast_users, contrast_items }) => [[bpr!], [contrast_users!], [contrast_items!]],
  fullTerms: { reg_weight: 1 },
  hasFreeGraph: ({ hyper }) => hyper['mode'] === 'global',
};
