import { features, layer, nodes } from '../adapter.ts';
import type { Adapter, Binding } from '../adapter.ts';
import { mgcn } from './mgcn.ts';

function query(reference: string, modality: string): Binding[] {
  return [
    ...layer(`${reference}.0`, `query.${modality}.hidden`),
    { reference: `${reference}.2.weight`, ours: `query.${modality}.score.weight`, transposed: true },
  ];
}

export const smore: Adapter = {
  ...mgcn,
  model: 'smore',
  bindings: [
    ...nodes('user_embedding.weight', 'item_id_embedding.weight'),
    ...features,
    { reference: 'image_complex_weight', ours: 'filter.image' },
    { reference: 'text_complex_weight', ours: 'filter.text' },
    { reference: 'fusion_complex_weight', ours: 'fusion.filter' },
    ...query('query_v', 'image'),
    ...query('query_t', 'text'),
    ...layer('gate_v.0', 'gate.image'),
    ...layer('gate_t.0', 'gate.text'),
    ...layer('gate_f.0', 'fusion.gate'),
    ...layer('gate_image_prefer.0', 'preference.image'),
    ...layer('gate_text_prefer.0', 'preference.text'),
    ...layer('gate_fusion_prefer.0', 'fusion.preference'),
  ],
};
