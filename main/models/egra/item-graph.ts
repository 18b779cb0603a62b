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
  readonly source: 'pretrained' | 'self' | 'raw_intersection' | 'raw_freedom' | 'none';
  readonly weight: 'binary' | 'cosine';
  readonly symmetrise: 'max' | 'none' | 'mutual';
}

/** Ē [N, width], the item vectors that links are made from. */
export interface LinkVectors {
  readonly values: Float32Array;
  readonly width: number;
  /** For the record: "pretrained final vectors". */
  readonly origin: string;
}

export type Representation = 'final' | 'side' | 'behavior';

export function itemLinks(raw: GraphChoice, vectors: LinkVectors | undefined, options: LinkOptions): ItemGraph | undefined {
  switch (options.source) {
    case 'none':
      return undefined;
    case 'pretrained':
    case 'self':
      return vectorLinks(raw, vectors, options);
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

/** Links between the k items of largest cosine in the vectors, self excluded (E1). */
export function vectorLinks(
  { dataset, k }: GraphChoice,
  vectors: LinkVectors | undefined,
  options: Pick<LinkOptions, 'weight' | 'symmetrise'>,
): ItemGraph {
  if (vectors === undefined) throw new Error('EGRA was created without the vectors of its stage');
  const { values, width, origin } = vectors;
  const neighbours = nearestNeighbours({ rows: dataset.items, width, values }, { k, self: false, search: deviceSearch });
  const links: CsrMatrix = symmetrised(linkGraph(neighbours, options.weight), options.symmetrise);
  return described(links, `${origin}, k=${k}, ${options.weight}, ${options.symmetrise}`);
}

/** The item vectors of a stage that `pre_repr` names. A model of ids alone (LightGCN) has one kind, which is behaviour. */
export function linkVectors(stage: StageResult, representation: Representation, whose: string): LinkVectors {
  const origin = `${whose} ${representation} vectors`;
  const part = stage.parts?.[`items.${representation}`];
  const hasParts = Object.keys(stage.parts ?? {}).length > 0;
  if (representation === 'final' || (representation === 'behavior' && !hasParts))
    return { values: stage.items, width: stage.width, origin };
  if (part !== undefined) return { values: part, width: part.length / (stage.items.length / stage.width), origin };
  throw noSuchRepresentation(representation);
}

export function noSuchRepresentation(representation: Representation): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'egra.no-such-representation',
    message: `the pretrained model keeps no ${representation} item vectors apart from its final ones`,
    values: { representation },
    fix: 'Set pre_repr to final, or choose MGCN, FREEDOM, LGMRec or SIGER as pre_model.',
  });
}
