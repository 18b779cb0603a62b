import { choice, integer, logNumber, modelCard } from '#contract/model-card.ts';
import { staleEval } from '../parts/shared-card.ts';

export const card = modelCard({
  id: 'dualgnn',
  title: 'DualGNN',
  summary: 'Modality towers over interactions, weighed by each user, and smoothed over users who share items.',
  paper: { title: 'DualGNN: Dual Graph Neural Network for Multimedia Recommendation', year: 2021, venue: 'IEEE TMM' },
  needs: ['any'],
  stages: [],
  hyper: {
    user_graph_k: integer({
      default: 40,
      min: 1,
      max: 200,
      label: 'User neighbours',
      group: 'User graph',
      help: 'Users sharing most train items. Shorter lists are padded each epoch by repeating members at random; their weights are a softmax of the raw counts.',
      formula: 'e_u = r_u + Σ_k a_uk r_{n_k}',
      source: 'models.md 2.9',
      mark: 'released',
    }),
    reg_weight: logNumber({
      default: 1e-3,
      min: 0,
      max: 1,
      label: 'Regularisation weight λ',
      group: 'Loss',
      help: 'Weight of the mean squares of the batch users’ preferences of each modality and of both tables of modality weights.',
      formula: 'λ·(Σ_m mean P_m[u]² + mean w² + mean w_I²)',
      source: 'models.md 2.9',
      grid: [1e-1, 1e-2, 1e-3, 1e-4, 1e-5],
    }),
    user_views: choice({
      default: 'released',
      values: ['released', 'corrected'],
      label: 'Views of users',
      group: 'Modalities',
      help: 'The released code adds the other modalities into the tensor of the first, so users see that sum in its place. "corrected" gives each modality its own view.',
      formula: 'r = w_0(y_v + y_t) + w_1 y_t,  corrected: w_0 y_v + w_1 y_t',
      source: 'models.md 2.9',
      mark: 'released',
      advanced: true,
    }),
    stale_eval: staleEval,
  },
  presets: [],
  ablations: [{ id: 'dualgnn-own-views', title: 'Each modality its own view', values: { user_views: 'corrected' } }],
  provenance:
    'Computed as in MMRec, for any number of modalities: loss in base 2, features fixed; the item weights w_I enter the penalty alone.',
  assumes:
    'Users who share items see modalities alike, so a user’s weights may be smoothed over such neighbours. It fails where features tell little: there are no id vectors for items, which rank by what their features say. Costs both towers over all items in every batch, and a user graph of 40 links each, built once from train rows.',
  cost: { perEdge: 2, perBatchRow: 90, typicalEpochs: 100 },
});
