import type { Adapter } from '../adapter.ts';
import { bindings, dragon } from './dragon.ts';

export const dualgnn: Adapter = {
  ...dragon,
  model: 'dualgnn',
  bindings: [...bindings, { reference: 'weight_i', ours: 'item shares' }],
};
