import { choice, integer, logNumber, modelCard } from '#contract/model-card.ts';
import { staleEval } from '../parts/shared-card.ts';

export const card = modelCard({
  id: 'mvgae',
  title: 'MVGAE',
  summary: 'Variational graph encoders for each modality and for ids, combined as a product of experts.',
  paper: { title: 'Multi-modal Variational Graph Auto-Encoder for Recommendation Systems', year: 2021, venue: 'IEEE TMM' },
  needs: ['any'],
  stages: [],
  hyper: {
    n_layers: integer({
      default: 1,
      min: 1,
      max: 2,
      label: 'Graph layers',
      group: 'Encoders',
      help: 'Layers before the heads for mean and variance. The released code has one or two.',
      formula: 'x ← leaky(g leaky(conv x)),  conv(x) = drop_.1(nrm(mean_{N(x)∪x} xW + b))',
      source: 'models.md 2.22',
    }),
    dim_latent: integer({
      default: 128,
      min: 1,
      max: 1024,
      label: 'Width of projected features',
      group: 'Encoders',
      help: 'Width of preferences and projected features before the first layer.',
      source: 'models.md 2.22',
      mark: 'released',
      advanced: true,
    }),
    beta: logNumber({
      default: 0.1,
      min: 0,
      max: 10,
      label: 'Weight β of the divergence',
      group: 'Loss',
      help: 'Weight of the divergence of every node’s distribution from a standard normal one.',
      formula: 'β·(−½)·mean_x Σ_d(1 + log v − μ² − v)',
      source: 'models.md 2.22',
      grid: [0.01, 0.1, 1],
    }),
    item_rows: choice({
      default: 'released',
      values: ['released', 'corrected'],
      label: 'Rows of items',
      group: 'Loss',
      help: 'In the released loss item ids are not shifted behind the users, so it trains the rows of the users with those numbers. "corrected" takes the items’ rows.',
      source: 'models.md 2.22',
      mark: 'released',
      advanced: true,
    }),
    stale_eval: staleEval,
  },
  presets: [],
  ablations: [{ id: 'mvgae-item-rows', title: 'Items’ own rows in the loss', values: { item_rows: 'corrected' } }],
  provenance:
    'Computed as in MMRec, for any number of modalities (their experts multiply first, then the collaborative one). Preferences and collaborative item vectors stay at their random start, as released; every user is compared with the best of all negatives of the batch. As released the scorer ranks with a training pass, dropout included.',
  assumes:
    'Each view is a noisy measurement of one taste, and a view that is sure should count more. As released its loss reads users where items should stand, so items learn through the graph alone and it ranks poorly: see the corrected switch. Costs three encoders over all nodes and b × b products for each of four heads.',
  cost: { perEdge: 5, perBatchRow: 150, typicalEpochs: 60 },
});
