import { nodes } from '../adapter.ts';
import type { Adapter } from '../adapter.ts';

export const damrs: Adapter = {
  model: 'damrs',
  // The item graph is recorded as it was used: its longest list and its smallest count are as good as the settings it was made with.
  hyper: ({ constants, item_graph }) => {
    const lists = Object.values(item_graph!);
    return {
      n_pseudo_neighbours: constants!['n_pseudo_neighbours']!,
      iib_k: Math.max(1, ...lists.map(([ids]) => ids.length)),
      iib_min: Math.min(...lists.flatMap(([, counts]) => counts)),
    };
  },
  bindings: nodes('user_embedding.weight', 'item_id_embedding.weight'),
  terms: ({ neighbours_behavior, neighbours_image, neighbours_text, agreement_forward, agreement_backward, bpr }) => [
    [neighbours_behavior!],
    [neighbours_image!],
    [neighbours_text!],
    [agreement_forward!],
    [agreement_backward!],
    [bpr!],
  ],
  // Of the few items of the reference, neighbours are up to 99 % of the sum that they are subtracted from.
  hasCancellingTerms: true,
  fullTerms: { neighbor_weight: 1, kl_weight: 1 },
};
