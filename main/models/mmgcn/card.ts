import { choice, integer, logNumber, modelCard } from '#contract/model-card.ts';
import { staleEval } from '../parts/shared-card.ts';

export const card = modelCard({
  id: 'mmgcn',
  title: 'MMGCN',
  summary: 'A graph network of its own for each modality; users and items are the mean of what the modalities say.',
  paper: {
    title: 'MMGCN: Multi-modal Graph Convolution Network for Personalized Recommendation of Micro-video',
    year: 2019,
    venue: 'ACM MM',
  },
  needs: ['any'],
  stages: [],
  hyper: {
    dim_latent: integer({
      default: 256,
      min: 1,
      max: 1024,
      label: 'Width of projected images',
      group: 'Towers',
      help: 'Images are first mapped to this width; other modalities enter at their raw width.',
      source: 'models.md 2.7',
      mark: 'released',
      advanced: true,
    }),
    reg_weight: logNumber({
      default: 1e-3,
      min: 0,
      max: 1,
      label: 'Regularisation weight λ',
      group: 'Loss',
      help: 'Weight of the mean squares of ids and of the first modality’s preferences. As released these are never trained, so it only shifts the loss.',
      formula: 'λ·(mean E_id[u]² + mean E_id[i,j]² + mean p_v²)',
      source: 'models.md 2.7',
      mark: 'released',
    }),
    untrained_tables: choice({
      default: 'released',
      values: ['released', 'corrected'],
      label: 'Id and preference tables',
      group: 'Towers',
      help: 'The released code does not register them as parameters: they stay at their random start. "corrected" trains them.',
      source: 'models.md 2.7',
      mark: 'released',
      advanced: true,
    }),
    stale_eval: staleEval,
  },
  presets: [
    { id: 'baby', title: 'Baby, Clothing', from: 'released DA-MRS logs', values: { reg_weight: 1e-3 }, training: { learningRate: 1e-3 } },
    { id: 'sports', title: 'Sports', from: 'released DA-MRS logs', values: { reg_weight: 0 }, training: { learningRate: 1e-3 } },
    { id: 'tiktok', title: 'TikTok', from: 'released DA-MRS logs', values: { reg_weight: 0 }, training: { learningRate: 1e-4 } },
  ],
  ablations: [{ id: 'mmgcn-trained-tables', title: 'Id and preference tables trained', values: { untrained_tables: 'corrected' } }],
  provenance: 'Computed as in MMRec, for any number of modalities: always three layers, features fixed.',
  assumes:
    'Each modality’s neighbourhood tells taste by itself, and the mean of modalities is fair to all. It fails where one modality is weak, which drags the mean, and with random, untrained ids it cannot tell apart items whose features and buyers are alike. Costs the most of the older models: text runs at its raw width over all users and items.',
  cost: { perEdge: 7, perBatchRow: 120, typicalEpochs: 60 },
});
