/** Three cards and datasets as small as the form logic needs; not a copy of the models' own cards. */
import { boolean, choice, integer, logNumber, modelCard, number } from '#contract/model-card.ts';

const paper = { title: 'A paper', year: 2024 };
const cost = { perEdge: 1, perBatchRow: 1, typicalEpochs: 60 };

export const lightgcnCard = modelCard({
  id: 'lightgcn',
  title: 'LightGCN',
  summary: 'Graph propagation without transformations.',
  paper,
  needs: [],
  stages: [],
  hyper: {
    n_layers: integer({ default: 3, min: 1, max: 8, label: 'Propagation layers', group: 'Graph', grid: [2, 3, 4] }),
    reg_weight: logNumber({ default: 1e-4, min: 0, max: 1, label: 'Regularisation weight', group: 'Loss' }),
  },
  presets: [{ id: 'deep', title: 'Deep', from: 'a test', values: { n_layers: 4 } }],
  ablations: [],
  cost,
});

export const mgcnCard = modelCard({
  id: 'mgcn',
  title: 'MGCN',
  summary: 'Views.',
  paper,
  needs: ['any'],
  stages: [],
  hyper: {},
  presets: [],
  ablations: [],
  cost,
});

export const egraCard = modelCard({
  id: 'egra',
  title: 'EGRA',
  summary: 'An enhanced behaviour graph.',
  paper,
  needs: ['any'],
  stages: [{ id: 'pretrain', model: 'mgcn', gives: 'item vectors' }],
  hyper: {
    ii_k: integer({
      default: 10,
      min: 1,
      max: 100,
      label: 'Neighbours per item',
      group: 'Item block',
      mark: 'inferred',
      grid: [5, 10, 15, 20],
    }),
    ii_sym: choice({ default: 'max', values: ['max', 'none', 'mutual'], label: 'Symmetry', group: 'Item block', mark: 'inferred' }),
    tau: number({ default: 0.2, min: 0, exclusiveMin: true, max: 10, label: 'Temperature', group: 'Alignment' }),
    feat_trainable: boolean({ default: true, label: 'Train features', group: 'Alignment', advanced: true }),
  },
  presets: [],
  ablations: [{ id: 'egra-tight', title: 'Tight', values: { tau: 0.1 } }],
  inferred: true,
  minEpochs: 40,
  cost,
});

export const slmrecCard = modelCard({ ...mgcnCard, id: 'slmrec', title: 'SLMRec', needs: ['text'] });

export const cards = [lightgcnCard, mgcnCard, egraCard, slmrecCard] as const;

export const nextItemCard = modelCard({ ...mgcnCard, id: 'next', title: 'Next', task: 'next-item' });

const fingerprint = { splitHash: 'a', splitShape: 'b', graphShape: 'c' };
const facts = { graphs: [], hasTimes: false, fingerprint };
const modality = (name: string) => ({ name, width: 8, sourceType: 'float32' as const, covered: 10, missing: 0 });
export const demo = { id: 'demo', name: 'Demo', modalities: [modality('image'), modality('text')], ...facts };
export const tiktok = { id: 'tiktok', name: 'TikTok', modalities: [modality('image'), modality('audio')], ...facts };
export const plain = { id: 'log', name: 'Log', modalities: [], ...facts };
