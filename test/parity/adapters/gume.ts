import { layer, modalities, nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const gume: Adapter = {
  model: 'gume',
  bindings: [
    ...nodes('user_embedding.weight', 'item_id_embedding.weight'),
    ...modalities.flatMap((modality) => [
      { reference: `extended_${modality}_user.weight`, ours: `extended.${modality}` },
      { reference: `${modality}_embedding.weight`, ours: `features.${modality}` },
      ...layer(`${modality}_reduce_dim`, `project.${modality}`),
      ...layer(`${modality}_trans_dim.0`, `gate.${modality}`),
      ...layer(`${modality}_behavior.0`, `preference.${modality}`),
    ]),
    ...layer('separate_coarse.0', 'query.hidden'),
    { reference: 'separate_coarse.2.weight', ours: 'query.score.weight', transposed: true },
  ],
  // The reference reports the contrast of a noise term, and then the noise term, which is the same.
  terms: ({ moments, bpr, reg, contrast_users, contrast_items, contrast_views, noise_side, noise_extended }, { hyper }) => [
    [moments!],
    [bpr!, Number(hyper['reg_weight_1']) * reg!],
    [contrast_users!],
    [contrast_items!],
    [contrast_views!],
    [noise_side!],
    [noise_side!],
    [noise_extended!],
    [noise_extended!],
  ],
  fullTerms: { vt_loss: 1, bm_loss: 1, um_loss: 1 },
};
