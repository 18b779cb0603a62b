import { layer, towers } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const mmgcn: Adapter = {
  model: 'mmgcn',
  hyper: ({ constants }) => ({ dim_latent: constants!['dim_latent']! }),
  bindings: [
    { reference: 'id_embedding', ours: 'nodes' },
    ...towers((tower, modality) => [
      { reference: `${tower}.preference`, ours: `preference.${modality}` },
      ...(modality === 'image' ? layer(`${tower}.MLP`, `reduce.${modality}`) : []),
      ...[1, 2, 3].flatMap((l) => [
        // A weight of its own, stored [in, out].
        { reference: `${tower}.conv_embed_${l}.weight`, ours: `convolve.${modality}.${l}.weight` },
        ...layer(`${tower}.linear_layer${l}`, `own.${modality}.${l}`),
        ...layer(`${tower}.g_layer${l}`, `join.${modality}.${l}`),
      ]),
    ]),
  ],
  terms: () => [],
};
