import { integer, logNumber, modelCard, number } from '#contract/model-card.ts';

export const card = modelCard({
  id: 'layergcn',
  title: 'LayerGCN',
  summary: 'LightGCN whose every layer is weighed, node by node, by its likeness to the starting vectors, on a graph pruned each epoch.',
  paper: { title: 'Layer-refined Graph Convolutional Networks for Recommendation', year: 2023, arxiv: '2207.11088', venue: 'ICDE' },
  needs: [],
  stages: [],
  hyper: {
    n_layers: integer({
      default: 4,
      min: 1,
      max: 8,
      label: 'Propagation layers L',
      group: 'Graph',
      help: 'Hops over the user-item graph; their sum is used, without the starting vectors.',
      formula: 'Xˡ = cos(A′Xˡ⁻¹, X⁰) ⊙ A′Xˡ⁻¹,  e = Σ_{l=1..L} Xˡ',
      source: 'models.md 2.3',
    }),
    dropout: number({
      default: 0.1,
      min: 0,
      max: 0.99,
      label: 'Pruned share of edges ρ',
      group: 'Graph',
      help: 'Each epoch keeps ⌊(1−ρ)|R|⌋ train edges: in the first, third, … epoch drawn by 1/√(n_u n_i), in the others all alike. Scoring uses all edges.',
      formula: 'A′ from ⌊(1−ρ)|R|⌋ edges, degrees counted anew',
      source: 'models.md 0.3, 2.3',
      grid: [0, 0.1, 0.2],
    }),
    reg_weight: logNumber({
      default: 1e-3,
      min: 0,
      max: 1,
      label: 'Regularisation weight λ',
      group: 'Loss',
      help: 'Weight of half the squares of the unpropagated batch rows. Like the pairwise loss it is a sum, so both grow with the batch.',
      formula: 'Σ −log σ(Δ) + λ·½(Σu² + Σi² + Σj²)',
      source: 'models.md 0.4 RegS, 2.3',
      mark: 'released',
      grid: [1e-2, 1e-3, 1e-4, 1e-5],
    }),
  },
  presets: [
    { id: 'weak-pruning', title: 'Other sets', from: 'the authors, on sets of their own', values: { dropout: 0.1, reg_weight: 1e-3 } },
    {
      id: 'strong-regularisation',
      title: 'Other sets',
      from: 'the authors, on sets of their own',
      values: { dropout: 0.2, reg_weight: 1e-2 },
    },
  ],
  ablations: [{ id: 'layergcn-no-pruning', title: 'Without edge pruning', values: { dropout: 0 } }],
  provenance: 'Computed as in MMRec: 1e-7 added to degrees, the cosine’s norms no less than 1e-8.',
  assumes:
    'A layer that is unlike the starting vector is noise and should weigh less; pruned edges keep popular items from drowning the rest. It fails where users are far from the items’ own vectors, which then lose what distant layers know. Loss and penalty are sums, so their balance and the step depend on the batch size. Costs about LightGCN’s epochs with one more pass over all nodes a layer.',
  cost: { perEdge: 1.5, perBatchRow: 1.5, typicalEpochs: 90 },
});
