import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { CsrMatrix, Dataset } from '#data/dataset.ts';
import { isSymmetric } from '#data/csr.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, concat, mul, sigmoid, slice, softmax, sub, tanh } from '#engine/ops/basic.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { sparse, spmm } from '#engine/ops/sparse.ts';
import { apply, applyBoth, linear } from './linear.ts';
import type { Linear } from './linear.ts';
import type { Belongings } from './parameters.ts';

/** The MGCN encoder (models.md 0.6): modality features gate item ids; common and specific parts form the side view Z. */
export interface EncoderOptions {
  readonly dataset: Dataset;
  readonly width: number;
  readonly trainFeatures: boolean;
  /** Item graph of each modality in the dataset's order, or undefined to skip that step. */
  readonly itemGraphs: readonly (CsrMatrix | undefined)[];
  readonly hops: number;
  /** mgcn: (Σ_m p_m + c)/(|𝓜|+1); mean: mean_m s_m. */
  readonly fusion: 'mgcn' | 'mean';
  /** gated_id (default): z_m = E_I ⊙ σ(G_m T_m X_m); projected: z_m = T_m X_m, without ids or gates. */
  readonly input?: 'gated_id' | 'projected';
}

interface Modal {
  /** X_m [N, D_m]. */
  readonly features: Tensor2D;
  /** T_m D_m → 64, G_m and Q_m 64 → 64. */
  readonly project: Linear;
  /** Absent where the projection itself is the input. */
  readonly gate: Linear | undefined;
  readonly preference: Linear | undefined;
  readonly itemGraph: SparseMatrix | undefined;
}

export class ModalityEncoder {
  readonly #modals: readonly Modal[];
  readonly #query: { readonly hidden: Linear; readonly score: Linear } | undefined;
  readonly #options: EncoderOptions;

  constructor(own: Belongings, random: Random, options: EncoderOptions) {
    const { dataset, width, fusion } = options;
    this.#options = options;
    const square = { in: width, out: width };
    // The released order of creation; only the draws depend on it.
    this.#modals = dataset.modalities.map((modality, m) => {
      const graph = options.itemGraphs[m];
      const rows = dataset.items;
      return {
        features: options.trainFeatures
          ? own.table(`features.${modality.name}`, modality.values, rows, modality.width)
          : own.constant(modality.values, rows, modality.width),
        project: linear(own, random, `project.${modality.name}`, { in: modality.width, out: width }),
        gate: options.input === 'projected' ? undefined : linear(own, random, `gate.${modality.name}`, square),
        preference: fusion === 'mgcn' ? linear(own, random, `preference.${modality.name}`, square) : undefined,
        itemGraph: graph === undefined ? undefined : own.graph(sparse(graph, { symmetric: isSymmetric(graph) })),
      };
    });
    this.#query =
      fusion === 'mgcn'
        ? {
            hidden: linear(own, random, 'query.hidden', square),
            score: linear(own, random, 'query.score', { in: width, out: 1, bias: false }),
          }
        : undefined;
  }

  /**
   * s_m = [R̂ z_m ; z_m] of every modality, stacked [users + items, w]. `items` is E_I [N, w]; `userItems` is R̂, or those of its
   * rows that are wanted; `itemRows` are the items wanted, all where absent. `itemGraph` takes the place of every modality's own.
   */
  views(items: Tensor2D, userItems: SparseMatrix, itemRows?: Int32Array, itemGraph?: SparseMatrix): Tensor2D[] {
    return this.#modals.map((modal) => {
      // z = E_I ⊙ σ(G(T X))
      let z =
        modal.gate === undefined
          ? apply(modal.project, modal.features)
          : (mul(items, sigmoid(applyBoth(modal.project, modal.gate, modal.features))) as Tensor2D);
      const graph = itemGraph ?? modal.itemGraph;
      if (graph !== undefined) for (let hop = 0; hop < this.#options.hops; hop++) z = spmm(graph, z);
      return concat([spmm(userItems, z), itemRows === undefined ? z : gatherRows(z, itemRows)], 0);
    });
  }

  /** Z for stacked rows s_m [n, w] with the behaviour rows B [n, w] that gate the specific parts. */
  side(modal: readonly Tensor2D[], behavior: Tensor2D): Tensor2D {
    if (this.#query === undefined) return mul(addN([...modal]), 1 / modal.length) as Tensor2D;
    const common = this.#common(modal, this.#query);
    const specific = modal.map((s, m) => mul(sigmoid(apply(this.#modals[m]!.preference!, behavior)), sub(s, common)) as Tensor2D);
    return mul(addN([...specific, common]), 1 / (modal.length + 1)) as Tensor2D;
  }

  /**
   * Z as a sum over modalities, [n, w] each: with g_m = σ(Q_m B), (Σ_m g_m ⊙ (s_m − c) + c)/(|𝓜|+1) is
   * Σ_n s_n ⊙ (g_n + α_n (1 − Σ_m g_m))/(|𝓜|+1). Gates and weights are taken as they are.
   */
  sideShares(modal: readonly Tensor2D[], behavior: Tensor2D): Tensor2D[] {
    const query = this.#query;
    if (query === undefined) return modal.map((s) => mul(s, 1 / modal.length) as Tensor2D);
    const gates = modal.map((_, m) => sigmoid(apply(this.#modals[m]!.preference!, behavior)) as Tensor2D);
    const left = mul(sub(addN([...gates]), 1), -1) as Tensor2D;
    const weights = this.#weights(modal, query);
    const last = weights.length === 0 ? left : mul(left, mul(sub(addN([...weights]), 1), -1));
    return modal.map((s, m) => {
      const share = m < weights.length ? mul(left, weights[m]!) : last;
      return mul(mul(s, add(gates[m]!, share)), 1 / (modal.length + 1)) as Tensor2D;
    });
  }

  /** c = Σ_m α_m s_m, α = softmax over modalities of w_q·tanh(W_q s_m). */
  #common(modal: readonly Tensor2D[], query: { hidden: Linear; score: Linear }): Tensor2D {
    const last = modal.length - 1;
    const base = modal[last]!;
    const weights = this.#weights(modal, query);
    // Against the last modality, Σ α_m s_m = s_last + Σ_{m<last} α_m (s_m − s_last): what all modalities share cancels before it is
    // rounded. The gradient of the scores is small next to it, and Adam would turn its rounding into whole steps.
    return weights.reduce<Tensor2D>((sum, weight, m) => add(sum, mul(weight, sub(modal[m]!, base))), base);
  }

  #weights(modal: readonly Tensor2D[], query: { hidden: Linear; score: Linear }): Tensor2D[] {
    return modalityWeights(modal.map((s) => apply(query.score, tanh(apply(query.hidden, s)) as Tensor2D)));
  }
}

/** Softmax weights [n, 1] of all modalities but the last, whose weight is the rest. */
function modalityWeights(scores: readonly Tensor2D[]): Tensor2D[] {
  const rest = scores.slice(0, -1);
  if (rest.length === 0) return [];
  if (rest.length === 1) return [sigmoid(sub(scores[0]!, scores[1]!)) as Tensor2D];
  const weights = softmax(concat([...scores], 1)) as Tensor2D;
  return rest.map((_, m) => slice(weights, [0, m], [weights.shape[0], 1]));
}
