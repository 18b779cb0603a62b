import { features, layer, nodes } from '../adapter.ts';
import type { Adapter, Binding } from '../adapter.ts';
import { checkDiffusion } from '../check-diffusion.ts';

const denoiser: readonly Binding[] = Object.entries({
  'emb_layer.0': 'time-in',
  'emb_layer.2': 'time-out',
  'encode.0': 'encode',
  'decode.0': 'decode',
  'mlp1.0': 'join',
}).flatMap(([reference, ours]) => layer(reference, `denoiser.${ours}`));

export const igdmrec: Adapter = {
  model: 'igdmrec',
  bindings: [...nodes('user_embedding.weight', 'item_id_embedding.weight'), ...features, ...denoiser],
  terms: ({ bpr, contrast, reg }) => [[bpr!], [contrast!], [reg!]],
  fullTerms: { weight_cl: 1 },
  only: { norm: [true], noise_schedule: ['linear-var'], sampling_noise: [false], reweight: [true] },
  // Three steps of the diffusion model, all on the same draws, made the recorded graph.
  hyper: ({ hyper, constants }) => ({
    reg_features: 'released',
    diff_passes: 3,
    diff_topk: Number(constants?.['diff_topk']),
    time_waves: Number(hyper['time_emb']) / 2,
  }),
  pre: ({ noise }) => [...Array.from({ length: 3 }, () => noise.diffusion ?? []).flat(), ...noise.pre],
  further: checkDiffusion,
};
