import { layer } from '../adapter.ts';
import type { Adapter, Binding } from '../adapter.ts';

function tower(reference: string, ours: string): Binding[] {
  return [
    { reference: `${reference}.preference`, ours: `preference.${ours}` },
    ...layer(`${reference}.MLP`, `first.${ours}`),
    ...layer(`${reference}.MLP_1`, `second.${ours}`),
  ];
}

export const mentor: Adapter = {
  model: 'mentor',
  width: ({ constants, hyper }) => constants?.['dim_latent'] ?? Number(hyper['embedding_size']),
  bindings: [
    { reference: 'weight_u', ours: 'shares' },
    { reference: 'id_feat', ours: 'ids' },
    ...layer('mlp', 'mask'),
    ...tower('id_gcn', 'id'),
    ...(['v', 't'] as const).flatMap((name) => {
      const modality = name === 'v' ? 'image' : 'text';
      return [...tower(`${name}_gcn`, modality), ...tower(`${name}_gcn_n1`, `${modality}.1`), ...tower(`${name}_gcn_n2`, `${modality}.2`)];
    }),
  ],
  terms: ({ contrast_users, contrast_items }) => [[contrast_users!], [contrast_items!]],
  // Without its contrast no noise is drawn, but masks are.
  asked: ({ hyper, noise }) => (hyper['mask_weight_g'] === 0 ? noise.loss?.filter(({ kind }) => kind !== 'uniform') : undefined),
  fullTerms: { mask_weight_g: 1, mask_weight_f: 1 },
};
