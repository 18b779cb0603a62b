import { choice, integer, modelCard, number } from '#contract/model-card.ts';

const source = 'models.md 3.2';

const width = (fallback: number, label: string, help: string) =>
  integer({ default: fallback, min: 1, max: 1024, label, group: 'Networks', help, source, advanced: true });

export const card = modelCard({
  id: 'dmicf',
  title: 'DMICF',
  summary: 'Users’ and items’ intents, each read before and after one hop of the graph, meet in networks that score pairs.',
  paper: {
    title: 'Dual-Perspective Disentangled Multi-Intent Alignment for Enhanced Collaborative Filtering',
    year: 2025,
    arxiv: '2506.11538',
  },
  needs: [],
  stages: [],
  hyper: {
    latent_dim: integer({
      default: 32,
      min: 1,
      max: 512,
      label: 'Width of ids and prototypes',
      group: 'Intents',
      help: 'Width of the tables of users, items and prototypes, in place of the run’s width.',
      source,
    }),
    intent_num: integer({
      default: 48,
      min: 1,
      max: 1024,
      label: 'Prototypes',
      group: 'Intents',
      help: 'Rows of each prototype table; an entity is described by its cosines to all of them.',
      formula: 'cl(x, K) = cos(x, K)',
      source,
    }),
    fine_num: width(80, 'Fine intents', 'Width of the intent distributions that users and items are multiplied in.'),
    middle_num: width(32, 'Between prototypes and fine intents', 'Hidden width of the networks from prototypes to fine intents.'),
    intent_hidden_1: width(128, 'Intent networks, first hidden width', 'Of the networks over products of two distributions.'),
    intent_hidden_2: width(64, 'Intent networks, second hidden width', 'Of the networks over products of two distributions.'),
    intent_dim: width(16, 'Matched intents', 'Width of what the intent networks tell the link network about a pair.'),
    link_hidden: width(32, 'Link network, hidden width', 'Of the network that gives the score.'),
    neg_num: integer({
      default: 60,
      min: 1,
      max: 500,
      label: 'Negatives a positive',
      group: 'Loss',
      help: 'Items drawn beside each positive; time and memory of a step grow with their number.',
      formula: 'Σ ‖softmax(s/τ) − onehot‖²',
      source,
    }),
    negatives: choice({
      default: 'released',
      values: ['released', 'corrected'],
      label: 'Negatives',
      group: 'Loss',
      help: 'The released code draws them from all items, so that some are train items of the user. "corrected" draws those again.',
      source,
      mark: 'released',
      advanced: true,
    }),
    temp: number({
      default: 0.2,
      min: 0.01,
      max: 5,
      label: 'Temperature τ',
      group: 'Loss',
      help: 'Of the softmax over a positive and its negatives. Scores lie between 0 and 1, so it bounds how sure a row can be.',
      source,
    }),
    dropout: number({
      default: 0.6,
      min: 0,
      max: 0.95,
      label: 'Dropout',
      group: 'Networks',
      help: 'Share of elements dropped from every hidden layer in training.',
      source,
      mark: 'released',
    }),
  },
  presets: [
    {
      id: 'released',
      title: 'As released',
      from: 'the authors’ repository',
      values: {},
      training: { learningRate: 3e-5, batchSize: 4096, epochs: 100 },
    },
  ],
  ablations: [{ id: 'dmicf-clean-negatives', title: 'No train item among the negatives', values: { negatives: 'corrected' } }],
  provenance:
    'Computed as in the released code (published with learning rate 3e-5, batch 4096, at most 100 epochs, seed 42), whose evaluation walks all epochs on the test part; here an epoch is chosen on validation. Later versions of the paper describe parts that this code lacks.',
  assumes:
    'Why a user takes an item has several reasons at once, and whether reasons of both sides agree is worth a network over each pair. It fails where interactions are few: the networks then learn popularity and little else. Features are not used. Costs 61 pairs through three networks for every training row (about 1 GB at batch 2048), and every user with every item at each evaluation: minutes on ten thousand items, where other models take a second.',
  cost: { perEdge: 0.4, perBatchRow: 3000, typicalEpochs: 100 },
});
