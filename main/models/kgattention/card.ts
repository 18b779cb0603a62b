import { boolean, choice, integer, logNumber, modelCard } from '#contract/model-card.ts';

const source = 'models.md 3.5';
const inferred = { source, mark: 'inferred' } as const;

export const card = modelCard({
  id: 'kgattention',
  title: 'KG attention',
  summary:
    'Users, items and entities of a knowledge graph in one graph, in which attention weighs neighbours by vectors, relation and structure.',
  paper: { title: 'Structure-aware attention over a knowledge graph', year: 2025, arxiv: '2510.10109' },
  needs: [],
  needsKnowledge: true,
  stages: [],
  inferred: true,
  hyper: {
    n_layers: integer({
      default: 3,
      min: 1,
      max: 5,
      label: 'Layers',
      group: 'Graph',
      help: 'Hops over the joint graph. Vectors of all layers are joined, the ids first.',
      formula: 'e_h ← leaky(W₁(e_h + Σ_t α_hrt (e_t ⊙ e_r)))',
      grid: [1, 2, 3],
      published: 'A graph network gathers over several hops.',
      reading: 'Three, each with a W₁ without bias of its own; the ids are part of what is joined.',
      ...inferred,
    }),
    graph: choice({
      default: 'all',
      values: ['all', 'interactions'],
      label: 'Graph',
      group: 'Graph',
      help: 'Triples and interactions, or interactions alone: what the knowledge graph adds.',
      published: 'Users, items and entities stand in one graph.',
      reading: 'Each relation also in its inverse direction, and one more relation for interactions.',
      ...inferred,
    }),
    attention: choice({
      default: 'learnt',
      values: ['learnt', 'uniform'],
      label: 'Attention',
      group: 'Attention',
      help: 'Weights of neighbours are learnt, or all alike.',
      formula: 'α_hrt = softmax over the neighbours of h of leaky(wᵀ[W e_h | W e_t | e_r | …])',
      published: 'Attention weighs neighbours.',
      reading: 'One linear form of both ends and the relation, with a w and a W for each layer. Exponents end at 40, where float32 would.',
      ...inferred,
    }),
    structure: boolean({
      default: true,
      label: 'Structure in the attention',
      group: 'Attention',
      help: 'The attention also sees how many neighbours both ends have, and how many in common.',
      formula: 'log(1+deg_h), log(1+deg_t), log(1+common neighbours)',
      published: 'Attention knows the structure of the graph.',
      reading: 'Through these three numbers, counted on train rows and triples.',
      ...inferred,
    }),
    reg_weight: logNumber({
      default: 1e-5,
      min: 0,
      max: 1,
      label: 'Regularisation weight λ',
      group: 'Loss',
      help: 'Weight of half the squares of the batch’s ids, divided by the configured batch size.',
      formula: 'λ·½(Σu² + Σi² + Σj²)/b₀',
      grid: [1e-6, 1e-5, 1e-4],
      published: 'Not stated.',
      reading: '1e-5, on ids alone.',
      ...inferred,
    }),
  },
  presets: [],
  ablations: [
    { id: 'kg-uniform', title: 'All neighbours alike', values: { attention: 'uniform' } },
    { id: 'kg-no-structure', title: 'Attention without structure', values: { structure: false } },
    { id: 'kg-interactions', title: 'Without the knowledge graph', values: { graph: 'interactions' } },
  ],
  provenance:
    'Published: one graph of users, items and entities, several hops, attention over neighbours that knows the structure, a user-item score and binary cross-entropy. No code and no figure that could be met here is known; every formula and constant is our reading. The loss is the mean over positives and one negative each. Explanations by paths of high attention are left out. So is a published form of the graph file: we read NAME.kg (head, relation and tail on a line, tabs between), else brand and category of the item table.',
  assumes:
    'Items that share entities are liked for the same reasons, so rows of one help another. It fails where entities are as common as a shop’s main category, or say no more than the interactions do. Costs a pass over all edges, triples in both directions among them, for each layer of each batch.',
  cost: { perEdge: 9, perBatchRow: 3, typicalEpochs: 60 },
});
