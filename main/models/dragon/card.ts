import { integer, logNumber, modelCard } from '#contract/model-card.ts';
import { frozenNeighbours, imageWeight, staleEval } from '../parts/shared-card.ts';

export const card = modelCard({
  id: 'dragon',
  title: 'DRAGON',
  summary: 'Modality towers over interactions, an item graph of features and a user graph of shared items, joined side by side.',
  paper: {
    title: 'Enhancing Dyadic Relations with Homogeneous Graphs for Multimodal Recommendation',
    year: 2023,
    arxiv: '2301.12097',
    venue: 'ECAI',
  },
  needs: ['any'],
  stages: [],
  hyper: {
    n_mm_layers: integer({
      default: 1,
      min: 1,
      max: 4,
      label: 'Item graph passes',
      group: 'Item graph',
      help: 'How often item vectors pass over the frozen feature graph before they are added to themselves.',
      formula: 'e_i = q + Fⁿ q',
      source: 'models.md 2.15',
    }),
    knn_k: frozenNeighbours,
    mm_image_weight: imageWeight,
    user_graph_k: integer({
      default: 40,
      min: 1,
      max: 200,
      label: 'User neighbours',
      group: 'User graph',
      help: 'Users sharing most train items. Shorter lists are padded each epoch by repeating members at random; their weights are a softmax of the raw counts.',
      formula: 'e_u = r_u + Σ_k a_uk r_{n_k}',
      source: 'models.md 2.9, 2.15',
      mark: 'released',
    }),
    reg_weight: logNumber({
      default: 1e-3,
      min: 0,
      max: 1,
      label: 'Regularisation weight λ',
      group: 'Loss',
      help: 'Weight of the mean squares of the batch users’ preferences of each modality and of the modality weights.',
      formula: 'λ·(Σ_m mean P_m[u]² + mean w²)',
      source: 'models.md 2.15',
      grid: [1e-1, 1e-2, 1e-3, 1e-4, 1e-5],
    }),
    stale_eval: staleEval,
  },
  presets: [
    { id: 'baby', title: 'Baby, Sports', from: 'the authors’ repository', values: { reg_weight: 1e-3 }, training: { learningRate: 1e-4 } },
    { id: 'clothing', title: 'Clothing', from: 'the authors’ repository', values: { reg_weight: 0.1 }, training: { learningRate: 1e-4 } },
  ],
  ablations: [],
  provenance: 'Computed as in MMRec, for any number of modalities: loss in base 2, features fixed.',
  assumes:
    'Users who share items like alike, items that look or read alike please alike, and how much each modality counts is a person’s own. It fails where users share few items: their neighbours are then chance, and padding repeats them. Costs both towers over all items in every batch (features × four widths), and a user graph of 40 links each, built once from train rows.',
  cost: { perEdge: 2, perBatchRow: 90, typicalEpochs: 100 },
});
