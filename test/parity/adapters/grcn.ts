import { layer, towers } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const grcn: Adapter = {
  model: 'grcn',
  bindings: [
    { reference: 'model_specific_conf', ours: 'confidence' },
    { reference: 'id_gcn.id_embedding', ours: 'nodes' },
    ...towers((tower, modality) => [
      { reference: `${tower}.preference`, ours: `preference.${modality}` },
      ...layer(`${tower}.MLP`, `project.${modality}`),
    ]),
  ],
  terms: () => [],
};
