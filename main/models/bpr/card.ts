import { logNumber, modelCard } from '#contract/model-card.ts';

export const card = modelCard({
  id: 'bpr',
  title: 'BPR',
  summary: 'Matrix factorisation trained to rank a bought item above one that was not: the plain collaborative baseline.',
  paper: { title: 'BPR: Bayesian Personalized Ranking from Implicit Feedback', year: 2009, arxiv: '1205.2618', venue: 'UAI' },
  needs: [],
  stages: [],
  hyper: {
    reg_weight: logNumber({
      default: 0.1,
      min: 0,
      max: 10,
      label: 'Regularisation weight λ',
      group: 'Loss',
      help: 'Weight of the unsquared norms of the batch rows of the user and item tables. Its gradient does not fade as rows shrink, so the same number means something else than in MGCN.',
      formula: 'λ·(‖E_U[u]‖_F + ‖E_I[i]‖_F + ‖E_I[j]‖_F) / rows of the batch',
      source: 'models.md 0.4 RegF, 2.1',
      mark: 'released',
      grid: [2, 1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5],
    }),
  },
  presets: [
    { id: 'baby', title: 'Baby, Sports, Clothing', from: 'released DA-MRS logs', values: { reg_weight: 0.1 } },
    { id: 'tiktok', title: 'TikTok', from: 'released DA-MRS logs', values: { reg_weight: 1 } },
  ],
  ablations: [],
  provenance: 'Computed as in MMRec: Xavier normal tables, loss −mean log(1e-10 + σ(Δ)).',
  assumes:
    'A user and an item fit as far as their vectors point the same way, and nothing else is known of either. It fails where interactions are few: a user learns from their own rows alone. Costs next to nothing; the reference below which no model should fall.',
  cost: { perEdge: 0.04, perBatchRow: 4, typicalEpochs: 150 },
});
