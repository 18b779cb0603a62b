import { collaborativeGraph } from '#data/co-occurrence.ts';
import type { SharedUsersScore } from '#data/co-occurrence.ts';
import type { Dataset } from '#data/dataset.ts';
import type { TrainEdges } from '#data/graph.ts';
import { mixedGraph } from '#data/item-graph.ts';
import { cosineItemGraph, described } from '../parts/modal-graphs.ts';
import type { ItemGraph } from '../parts/modal-graphs.ts';

export interface InfusionOptions {
  readonly score: SharedUsersScore;
  readonly atLeast: number;
  /** Collaborative neighbours k_c and feature neighbours k_m of an item. */
  readonly coK: number;
  readonly semanticK: number;
  readonly isolated: 'zero' | 'self';
  /** α by name of the modality. */
  readonly alphaOf: (modality: string) => number;
  readonly source: 'computed' | 'imported';
}

export interface InfusedGraphs {
  /** S̃_c, absent where every α is 0. */
  readonly collaborative: ItemGraph | undefined;
  /** Ŝ_m in the dataset's order of modalities. */
  readonly modal: readonly ItemGraph[];
}

/** SIGER's item graphs (models.md G1–G3): Ŝ_m = α·S̃_c + (1−α)·S̃_m, not normalised again. Reads train rows and features alone. */
export function infusedGraphs(dataset: Dataset, edges: TrainEdges, options: InfusionOptions): InfusedGraphs {
  const { score, atLeast, coK, semanticK, isolated, source } = options;
  const alphas = dataset.modalities.map(({ name }) => options.alphaOf(name));
  const collaborative = alphas.some((alpha) => alpha > 0)
    ? described(
        collaborativeGraph(edges, { score, atLeast, k: coK, isolated }),
        `shared train users by ${score}, at least ${atLeast}, k=${coK}, isolated ${isolated}`,
      )
    : undefined;
  const modal = dataset.modalities.map((modality, m) => {
    const alpha = alphas[m]!;
    if (alpha === 1) return collaborative!;
    const semantic = cosineItemGraph({ dataset, source, k: semanticK }, modality);
    if (alpha === 0) return semantic;
    const mixed = mixedGraph([
      { weight: alpha, matrix: collaborative!.matrix },
      { weight: 1 - alpha, matrix: semantic.matrix },
    ]);
    return described(mixed, `${alpha} collaborative + ${Number((1 - alpha).toFixed(6))} (${semantic.record})`);
  });
  return { collaborative, modal };
}
