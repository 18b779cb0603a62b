import { integer, modelCard, number } from '#contract/model-card.ts';

export const card = modelCard({
  id: 'itemknn',
  title: 'ItemKNN-CBF',
  summary: 'Items nearest to what a user had, by raw features alone; nothing is trained. The baseline that features must beat.',
  paper: {
    title: 'Are We Really Making Much Progress? A Worrying Analysis of Recent Neural Recommendation Approaches',
    year: 2019,
    arxiv: '1907.06902',
    venue: 'RecSys',
  },
  trained: false,
  needs: ['any'],
  stages: [],
  hyper: {
    knn_k: integer({
      default: 10,
      min: 1,
      max: 1000,
      label: 'Neighbours k',
      group: 'Neighbours',
      help: 'How many nearest items each item passes its users on to, itself included.',
      formula: 'ŷ_uj = Σ_{i ∈ N(u)} s_ij for the k best j of each i',
      source: 'models.md 2.6',
    }),
    shrink: number({
      default: 10,
      min: 0,
      max: 1e6,
      label: 'Shrinkage',
      group: 'Neighbours',
      help: 'Added to the product of the norms: items with short feature vectors count less.',
      formula: 's_ij = x_i·x_j / (‖x_i‖‖x_j‖ + shrink)',
      source: 'models.md 2.6',
    }),
  },
  presets: [],
  ablations: [],
  provenance: 'As in MMRec: features of all modalities joined as they are, unscaled. Nothing is trained.',
  assumes:
    'People buy what looks or reads like what they had. It knows nothing of popularity or of other users, and an item that nothing resembles is never recommended; the modality with the larger numbers decides. No seed changes it: one run is all runs. Costs one comparison of all items with all, once.',
  cost: { perEdge: 0, perBatchRow: 0, typicalEpochs: 1 },
});
