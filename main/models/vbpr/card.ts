import { logNumber, modelCard } from '#contract/model-card.ts';

export const card = modelCard({
  id: 'vbpr',
  title: 'VBPR',
  summary: 'BPR whose item vector is an id row beside one projection of all modality features.',
  paper: { title: 'VBPR: Visual Bayesian Personalized Ranking from Implicit Feedback', year: 2016, arxiv: '1510.01784', venue: 'AAAI' },
  needs: ['any'],
  stages: [],
  hyper: {
    reg_weight: logNumber({
      default: 0.1,
      min: 0,
      max: 10,
      label: 'Regularisation weight λ',
      group: 'Loss',
      help: 'Weight of the unsquared norms of the batch rows; of items the whole composed vector, so the projection is regularised through its output.',
      formula: 'λ·(‖U[u]‖_F + ‖e_i‖_F + ‖e_j‖_F) / rows of the batch,  e_i = [E_I | T X]',
      source: 'models.md 0.4 RegF, 2.5',
      mark: 'released',
      grid: [2, 1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5],
    }),
  },
  presets: [{ id: 'baby', title: 'Baby, Sports', from: 'released DA-MRS logs', values: { reg_weight: 1 } }],
  ablations: [],
  provenance:
    'MMRec’s form, not the one of 2016: users 128 wide, features of all modalities joined and projected to 64, no biases, features fixed.',
  assumes:
    'What features say of taste is the same for all items and adds to what ids say. It fails where features carry little taste: their half of the vector is then noise that only λ holds down. Costs one projection of the batch’s distinct items.',
  cost: { perEdge: 0.35, perBatchRow: 8, typicalEpochs: 110 },
});
