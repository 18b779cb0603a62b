import { layer, modalities, nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

const projections = modalities.flatMap((modality) => layer(`${modality}_trs`, `project.${modality}`));

export const mmgcf: Adapter = {
  model: 'mmgcf',
  bindings: ({ params }) => {
    const has = (name: string) => params.some((parameter) => parameter.name === name && parameter.grad !== null);
    return [
      ...nodes('user_embedding.weight', 'item_id_embedding.weight'),
      ...projections,
      ...(has('mm_alpha') ? [{ reference: 'mm_alpha', ours: 'alpha' }] : []),
      ...(has('all_concat_layer.weight') ? layer('all_concat_layer', 'join.all') : []),
      ...(has('mm_concat_layer.weight') ? layer('mm_concat_layer', 'join.modalities') : []),
      ...(has('id_mm_concat_layer.weight') ? layer('id_mm_concat_layer', 'join.id') : []),
    ];
  },
  terms: ({ bpr }) => [[bpr!]],
};
