import { boolean, choice, integer, logNumber, modelCard, number, type ModelCard } from '#contract/model-card.ts';

const cost = { perEdge: 1, perBatchRow: 1, typicalEpochs: 60 };
const plain = (id: string, title: string, needs: string[], year: number): ModelCard =>
  modelCard({
    id,
    title,
    summary: `${title} as released.`,
    paper: { title: `${title}: a paper`, year, arxiv: '2002.02126' },
    needs,
    stages: [],
    hyper: {
      n_layers: integer({ default: 2, min: 1, max: 8, label: 'Propagation layers', group: 'Graph', help: 'How often messages travel over the user–item graph.', grid: [1, 2, 3, 4] }),
      reg_weight: logNumber({ default: 1e-4, min: 0, max: 1, label: 'Regularisation weight', group: 'Loss', help: 'Scales the unsquared norms of the gathered rows.', formula: 'λ (‖U‖ + ‖P‖ + ‖N‖) / rows', grid: [1e-5, 1e-4, 1e-3] }),
      dropout: number({ default: 0, min: 0, max: 0.9, label: 'Edge dropout', group: 'Graph', advanced: true }),
    },
    presets: [{ id: 'baby', from: 'project check', values: { n_layers: 3 } }],
    ablations: [],
    cost,
  });

const egra = modelCard({
  id: 'egra',
  title: 'EGRA',
  summary: 'Item links from a pretrained model inside the behaviour graph, alignment weighted per entity and per epoch.',
  paper: { title: 'Enhancing the behaviour graph', year: 2025, arxiv: '2508.16170' },
  needs: ['any'],
  stages: [{ id: 'pretrain', model: 'mgcn', gives: 'item vectors' }],
  hyper: {
    ii_source: choice({ default: 'pretrained', values: ['pretrained', 'raw_intersection', 'raw_freedom', 'none'], label: 'Item links from', group: 'Item block', help: 'Where item–item links come from.' }),
    ii_k: integer({ default: 10, min: 1, max: 100, label: 'Neighbours per item', group: 'Item block', mark: 'inferred', grid: [5, 10, 15, 20], reading: 'The ten nearest, self excluded.' }),
    ii_coef: number({ default: 1, min: 0, max: 10, label: 'Coefficient', group: 'Item block', mark: 'inferred', grid: [0.1, 0.5, 1], reading: 'Weight of the item block in the joint graph.' }),
    ii_sym: choice({ default: 'max', values: ['max', 'none', 'mutual'], label: 'Symmetry', group: 'Item block', mark: 'inferred', reading: 'Links are made mutual by the larger of both directions.' }),
    n_ui_layers: integer({ default: 3, min: 1, max: 6, label: 'Layers', group: 'Item block', mark: 'inferred', grid: [2, 3, 4] }),
    ent_weight: choice({
      default: 'softmax',
      values: ['softmax', 'linear', 'off'],
      label: 'Entity weight',
      group: 'Alignment',
      mark: 'inferred',
      published: 'Poorly aligned entities weigh more, judged inside each batch.',
      reading: 'A softmax of the misalignment over the batch, mean weight 1 per side, without gradient.',
      formula: 'wₓ = b · exp(−gₓ/τ_w) / Σ_y exp(−g_y/τ_w)',
    }),
    tau: number({ default: 0.2, min: 0, exclusiveMin: true, max: 10, label: 'Temperature', group: 'Alignment', mark: 'inferred', grid: [0.1, 0.2, 0.4, 0.6] }),
    lambda_max: logNumber({ default: 1e-2, min: 0, max: 10, label: 'Alignment weight, largest', group: 'Alignment', mark: 'inferred', grid: [1e-3, 1e-2, 1e-1] }),
    warm_epochs: integer({ default: 20, min: 1, max: 1000, label: 'Ramp, epochs', group: 'Alignment', mark: 'inferred', grid: [10, 20, 50] }),
    reg_weight: logNumber({ default: 1e-4, min: 0, max: 1, label: 'Regularisation weight', group: 'Loss', mark: 'inferred', formula: '½ (Σu² + Σi² + Σj²) / b₀' }),
    feat_trainable: boolean({ default: true, label: 'Train the raw features', group: 'Loss', mark: 'inferred', advanced: true }),
  },
  presets: [{ id: 'egra', title: 'EGRA', from: 'our reading', values: {} }],
  ablations: [
    { id: 'egra-no-item-block', title: 'without item block', values: { ii_source: 'none' } },
    { id: 'egra-direct', title: 'direct alignment', values: { ent_weight: 'off' } },
  ],
  inferred: true,
  provenance: 'Formulas are our reading.',
  minEpochs: 40,
  cost,
});

export const drawnCards: ModelCard[] = [
  plain('lightgcn', 'LightGCN', [], 2020),
  plain('freedom', 'FREEDOM', ['image', 'text'], 2023),
  egra,
  plain('mgcn', 'MGCN', ['any'], 2023),
  plain('vbpr', 'VBPR', ['any'], 2016),
  plain('bpr', 'BPR', [], 2009),
  plain('slmrec', 'SLMRec', ['text'], 2022),
];
