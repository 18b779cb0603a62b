import { integer, logNumber, modelCard } from '#contract/model-card.ts';

export const card = modelCard({
  id: 'lightgcn',
  title: 'LightGCN',
  summary: 'User and item vectors spread over the interaction graph without weights or activations; the mean of all layers ranks.',
  paper: {
    title: 'LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation',
    year: 2020,
    arxiv: '2002.02126',
    venue: 'SIGIR',
  },
  needs: [],
  stages: [],
  hyper: {
    n_layers: integer({
      default: 3,
      min: 1,
      max: 8,
      label: 'Propagation layers L',
      group: 'Graph',
      help: 'How many hops of the user-item graph are averaged with the starting vectors.',
      formula: 'e = 1/(L+1) · Σ_{l=0..L} Âˡ E',
      source: 'models.md 0.3, 2.2',
      grid: [1, 2, 3, 4],
    }),
    reg_weight: logNumber({
      default: 1e-4,
      min: 0,
      max: 1,
      label: 'Regularisation weight λ',
      group: 'Loss',
      help: 'Weight of the unsquared norms of the unpropagated batch rows.',
      formula: 'λ·(‖E_U[u]‖_F + ‖E_I[i]‖_F + ‖E_I[j]‖_F) / rows of the batch',
      source: 'models.md 0.4 RegF, 2.2',
      mark: 'released',
      grid: [1e-2, 1e-3, 1e-4, 1e-5, 1e-6],
    }),
  },
  presets: [
    { id: 'baby', title: 'Baby', from: 'project check, released DA-MRS logs', values: { n_layers: 3, reg_weight: 1e-4 } },
    { id: 'sports', title: 'Sports, TikTok', from: 'released DA-MRS logs (their weight is not stated)', values: { n_layers: 2 } },
    { id: 'clothing', title: 'Clothing', from: 'released DA-MRS logs (their weight is not stated)', values: { n_layers: 3 } },
  ],
  ablations: [],
  provenance: 'Computed as in MMRec: 1e-7 added to degrees, loss −mean log(1e-10 + σ(Δ)), norms of the unpropagated rows.',
  assumes:
    'Who shares items shares taste, and so on over a few hops; nothing but ids is needed. It fails on new items and on users with one or two rows, and more layers blur what distinguishes users. Costs L products with the interaction graph a batch.',
  cost: { perEdge: 1, perBatchRow: 1, typicalEpochs: 75 },
});
