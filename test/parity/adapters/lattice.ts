import { features, nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const lattice: Adapter = {
  model: 'lattice',
  // The number of user-item layers is the length of a list of widths.
  hyper: ({ hyper }) => ({ n_ui_layers: (hyper['weight_size'] as readonly number[]).length }),
  bindings: [...nodes('user_embedding.weight', 'item_id_embedding.weight'), ...features, { reference: 'modal_weight', ours: 'omega' }],
  terms: ({ bpr, reg }, { hyper }) => [[bpr!, Number(hyper['reg_weight']) * reg!, 0]],
  only: { cf_model: ['lightgcn'] },
  variants: { skip_missing_gradients: () => ({ idle_parameters: 'corrected' }) },
};
