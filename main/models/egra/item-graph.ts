import { ProblemError } from '#contract/problem.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { intersectionGraph, linkGraph, mixedGraph, symmetrised, withoutSelf } from '#data/item-graph.ts';
import { deviceSearch } from '#data/knn-device.ts';
import { nearestNeighbours } from '#data/knn.ts';
import type { StageResult } from '../define-model.ts';
import { described, modalityWeights, neighbourSets } from '../parts/modal-graphs.ts';
import type { GraphChoice, ItemGraph } from '../parts/modal-graphs.ts';

/** EGRA's item links S [N, N] (models.md E1 and its named presets), before any normalisation. */
export interface LinkOptions {
  readonly source: 'pretrained' | 'raw_intersection' | 'raw_freedom' | 'none';
  readonly representation: 'final' | 'side' | 'behavior';
  readonly weight: 'binary' | 'cosine';
  readonly symmetrise: 'max' | 'none' | 'mutual';
}

export function itemLinks(raw: GraphChoice, pretrained: StageResult | undefined, options: LinkOptions): ItemGraph | undefined {
  switch (options.source) {
    case 'none':
      return undefined;
    case 'pretrained':
      return pretrainedLinks(raw, pretrained, options);
    case 'raw_intersection': {
      const sets = raw.dataset.modalities.map((modality) => neighbourSets(raw, modality));
      return described(symmetrised(intersectionGraph(sets), options.symmetrise), `raw intersection, ${raw.source} k=${raw.k}`);
    }
    case 'raw_freedom': {
      const weights = modalityWeights(
        raw.dataset.modalities.map(({ name }) => name),
        0.1,
      );
      const sets = raw.dataset.modalities.map((modality, m) => ({ weight: weights[m]!, matrix: neighbourSets(raw, modality) }));
      return described(symmetrised(withoutSelf(mixedGraph(sets)), options.symmetrise), `raw mix, ${raw.source} k=${raw.k}`);
    }
  }
}

/** Links between the k items of largest cosine in the pretrained vectors, self excluded. */
export function pretrainedLinks(
  { dataset, k }: GraphChoice,
  pretrained: StageResult | undefined,
  options: Omit<LinkOptions, 'source'>,
): ItemGraph {
  const { values, width } = vectors(pretrained, options.representation);
  const neighbours = nearestNeighbours({ rows: dataset.items, width, values }, { k, self: false, search: deviceSearch });
  const links: CsrMatrix = symmetrised(linkGraph(neighbours, options.weight), options.symmetrise);
  return described(links, `pretrained ${options.representation} vectors, k=${k}, ${options.weight}, ${options.symmetrise}`);
}

function vectors(
  pretrained: StageResult | undefined,
  representation: LinkOptions['representation'],
): { values: Float32Array; width: number } {
  if (pretrained === undefined) throw new Error('EGRA was created without the vectors of its pretrain stage');
  if (representation === 'final') return { values: pretrained.items, width: pretrained.width };
  const values = pretrained.parts?.[`items.${representation}`];
  if (values !== undefined) return { values, width: values.length / (pretrained.items.length / pretrained.width) };
  throw new ProblemError({
    kind: 'config',
    code: 'egra.no-such-representation',
    message: `the pretrained model keeps no ${representation} item vectors apart from its final ones`,
    values: { representation },
    fix: 'Set pre_repr to final, or choose MGCN or FREEDOM as pre_model.',
  });
}
