import { edgeWeights, prunedGraph, releasedEpsilon, trainEdges, userItemGraph } from '#data/graph.ts';
import type { TrainEdges } from '#data/graph.ts';
import type { Dataset } from '#data/dataset.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { sparse } from '#engine/ops/sparse.ts';
import { described } from './modal-graphs.ts';
import type { Belongings } from './parameters.ts';

/** How kept edges are drawn in an epoch: by 1/√(n_u n_i), or all alike. */
export type EdgeDraw = 'degree' | 'uniform';

/** Â for scoring and, per epoch, A′ of ⌊(1−ρ)|R|⌋ edges for training (models.md 0.3); with ρ = 0 both are the same and nothing is drawn. */
export class PrunedGraph {
  /** Â with the released 1e-7 in its degrees. */
  readonly full: SparseMatrix;
  readonly record: string;
  readonly #own: Belongings;
  readonly #edges: TrainEdges;
  readonly #weights: Readonly<Record<EdgeDraw, Float32Array>>;
  readonly #rate: number;
  readonly #random: Random;
  #epochs: SparseMatrix | undefined;

  constructor(own: Belongings, { dataset, rate, random }: { dataset: Dataset; rate: number; random: Random }) {
    this.#own = own;
    this.#edges = trainEdges(dataset);
    const byDegree = edgeWeights(this.#edges);
    this.#weights = { degree: byDegree, uniform: new Float32Array(byDegree.length).fill(1) };
    this.#rate = rate;
    this.#random = random;
    const graph = userItemGraph(this.#edges, releasedEpsilon);
    this.full = own.graph(sparse(graph, { symmetric: true }));
    this.record = described(graph, 'train').record;
  }

  /** Draws the graph of the epoch that begins. */
  draw(by: EdgeDraw = 'degree'): void {
    if (this.#rate <= 0) return;
    const pruned = prunedGraph(this.#edges, this.#weights[by], this.#rate, this.#random);
    this.#epochs = this.#own.passing('pruned', sparse(pruned, { symmetric: true }));
  }

  /** The graph to train on. */
  get current(): SparseMatrix {
    return this.#epochs ?? this.full;
  }
}
