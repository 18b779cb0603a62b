import { layer } from '../adapter.ts';
import type { Adapter, Binding } from '../adapter.ts';
import type { ModelVectors } from '../vectors.ts';

const towers = [
  ['v_gcn', 'image'],
  ['t_gcn', 'text'],
  ['c_gcn', 'ids'],
] as const;

/** One graph layer, or two; the others of the reference's tables have no gradient. */
function bindings({ hyper }: ModelVectors): Binding[] {
  const layers = Array.from({ length: layersOf(hyper) }, (_, l) => [String(l + 1), String(l + 1)] as const);
  const heads = [
    ['4', 'mean'],
    ['5', 'variance'],
  ] as const;
  return [
    { reference: 'collaborative', ours: 'collaborative' },
    ...towers.flatMap(([tower, view]) => [
      { reference: `${tower}.preference`, ours: `preference.${view}` },
      ...layer(`${tower}.MLP`, `reduce.${view}`),
      ...[...layers, ...heads].flatMap(([theirs, ours]) => [
        // A weight of its own, stored [in, out].
        { reference: `${tower}.conv_embed_${theirs}.weight`, ours: `convolve.${view}.${ours}.weight` },
        { reference: `${tower}.conv_embed_${theirs}.bias`, ours: `convolve.${view}.${ours}.bias` },
        ...layer(`${tower}.g_layer${theirs}`, `join.${view}.${ours}`),
      ]),
      ...heads.flatMap(([theirs, ours]) => layer(`${tower}.linear_layer${theirs}`, `own.${view}.${ours}`)),
    ]),
  ];
}

/** The released code has two layers; asked for more it computes two. */
function layersOf(hyper: ModelVectors['hyper']): number {
  return Math.min(2, Number(hyper['n_layers']));
}

export const mvgae: Adapter = {
  model: 'mvgae',
  hyper: ({ constants, hyper }) => ({ dim_latent: constants!['dim_latent']!, n_layers: layersOf(hyper) }),
  bindings,
  terms: (ours) => ['fused', 'image', 'text', 'ids'].flatMap((view) => [[ours[`reconstruction_${view}`]!], [ours[`divergence_${view}`]!]]),
};
