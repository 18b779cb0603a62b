import { degreeNormalised } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { enhancedGraph } from '#data/enhanced-graph.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import type { ModelContext } from '../define-model.ts';
import { cosineItemGraph, described } from '../parts/modal-graphs.ts';
import type { ItemGraph } from '../parts/modal-graphs.ts';
import { settings } from '../parts/settings.ts';
import { itemLinks, linkVectors, vectorLinks } from './item-graph.ts';
import type { LinkOptions, LinkVectors, Representation } from './item-graph.ts';

/** EGRA's graphs (models.md E1, E2, E4). They read train rows, features and the vectors of a stage, never validation or test. */
export type GraphContext = Pick<ModelContext, 'dataset' | 'hyper' | 'itemGraph' | 'stages'>;

/** Ē of the stage that the configuration asks for; undefined where no graph needs vectors. */
export function stageVectors({ hyper, stages }: GraphContext): LinkVectors | undefined {
  const { choice, number } = settings(hyper);
  const representation = choice<Representation>('pre_repr');
  if (choice('ii_source') === 'self') {
    const warm = stages['warm-up'];
    if (warm === undefined) throw new Error('EGRA was created without the vectors of its warm-up');
    const refresh = number('self_refresh');
    const again = refresh === 0 ? '' : `, again every ${refresh} epochs`;
    return linkVectors(warm, representation, `own (after ${number('self_epochs')} epochs${again})`);
  }
  const pretrained = stages['pretrain'];
  return pretrained === undefined ? undefined : linkVectors(pretrained, representation, 'pretrained');
}

export interface BehaviorGraphs {
  /** Â⁺ [M+N, M+N]. */
  readonly behavior: CsrMatrix;
  /** S, absent for `ii_source none`. */
  readonly links: ItemGraph | undefined;
}

export function behaviorGraphs(
  { dataset, hyper, itemGraph }: Omit<GraphContext, 'stages'>,
  vectors: LinkVectors | undefined,
): BehaviorGraphs {
  const { number, choice } = settings(hyper);
  const edges = trainEdges(dataset);
  const options = linkOptions(hyper);
  const links = itemLinks({ dataset, source: itemGraph, k: number('ii_k') }, vectors, options);
  if (links === undefined) return { behavior: userItemGraph(edges), links };
  return { behavior: enhancedGraph(edges, links.matrix, { coefficient: number('ii_coef'), norm: choice('ii_norm') }), links };
}

/** The modality branch's item graph for each modality. */
export function modalGraphs(
  { dataset, hyper, itemGraph }: Omit<GraphContext, 'stages'>,
  links: ItemGraph | undefined,
  vectors: LinkVectors | undefined,
): readonly (ItemGraph | undefined)[] {
  const { number, choice } = settings(hyper);
  return dataset.modalities.map((modality) => {
    switch (choice<'raw' | 'pretrained' | 'none'>('mod_graph')) {
      case 'none':
        return undefined;
      case 'raw':
        return cosineItemGraph({ dataset, source: itemGraph, k: number('mod_k') }, modality);
      case 'pretrained': {
        const options = linkOptions(hyper);
        const isShared = options.source === 'pretrained' || options.source === 'self';
        const shared = isShared ? links! : vectorLinks({ dataset, source: itemGraph, k: number('ii_k') }, vectors, options);
        return described(degreeNormalised(shared.matrix), `links of the item block, normalised (${shared.record})`);
      }
    }
  });
}

function linkOptions(hyper: GraphContext['hyper']): LinkOptions {
  const { choice } = settings(hyper);
  return { source: choice('ii_source'), weight: choice('ii_weight'), symmetrise: choice('ii_sym') };
}
