import type { Tensor2D } from '@tensorflow/tfjs-core';
import { isSymmetric } from '#data/csr.ts';
import type { CsrMatrix, Modality } from '#data/dataset.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, concat, matMul, mul, sigmoid, softmax, tanh } from '#engine/ops/basic.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { sparse, spmm } from '#engine/ops/sparse.ts';
import { dropped } from '../parts/dropout.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import type { Belongings, Table } from '../parts/parameters.ts';
import { frequencies, Spectrum } from './spectrum.ts';

export interface SpectralOptions {
  readonly modalities: readonly Modality[];
  readonly items: number;
  readonly width: number;
  readonly trainFeatures: boolean;
  /** S̃_m of each modality. */
  readonly graphs: readonly CsrMatrix[];
  /** S̃_f. */
  readonly fusedGraph: CsrMatrix;
  readonly hops: number;
}

/** What every view has, of a modality or fused. */
interface View {
  /** c_g, complex, [K, 2]. */
  readonly filter: Table;
  readonly gate: Linear;
  readonly preference: Linear;
  readonly graph: SparseMatrix;
}

interface ModalView extends View {
  /** X_m [N, D_m]. */
  readonly features: Tensor2D;
  readonly project: Linear;
  readonly query: { readonly hidden: Linear; readonly score: Linear };
}

/** The rows wanted of the side view. */
export interface SideOf {
  /** E_I [N, w]. */
  readonly items: Tensor2D;
  /** R̂, or its rows for the users wanted. */
  readonly userItems: SparseMatrix;
  /** The items wanted; all where absent. */
  readonly itemRows?: Int32Array;
  /** B of the rows wanted. */
  readonly behavior: Tensor2D;
  /** Dropout of the gates: modalities, then fusion; none in evaluation. */
  readonly masks: readonly Float32Array[];
}

/** SMORE's side view Z: spectral filters, item graphs, attention of the fused view, behaviour gates (models.md 2.18). */
export class SpectralEncoder {
  readonly #views: readonly ModalView[];
  readonly #fused: View;
  readonly #spectrum: Spectrum;
  readonly #hops: number;

  constructor(own: Belongings, random: Random, { modalities, items, width, trainFeatures, graphs, fusedGraph, hops }: SpectralOptions) {
    this.#hops = hops;
    this.#spectrum = new Spectrum(own, width);
    const square = { in: width, out: width };
    const view = (name: (part: string) => string, graph: CsrMatrix): View => {
      const count = frequencies(width);
      const start = Float32Array.from({ length: 2 * count }, () => random.normal());
      return {
        filter: own.table(name('filter'), start, count, 2),
        gate: linear(own, random, name('gate'), square),
        preference: linear(own, random, name('preference'), square),
        graph: own.graph(sparse(graph, { symmetric: isSymmetric(graph) })),
      };
    };
    this.#views = modalities.map(({ name, width: columns, values }, m) => ({
      ...view((part) => `${part}.${name}`, graphs[m]!),
      features: trainFeatures ? own.table(`features.${name}`, values, items, columns) : own.constant(values, items, columns),
      project: linear(own, random, `project.${name}`, { in: columns, out: width }),
      query: {
        hidden: linear(own, random, `query.${name}.hidden`, square),
        score: linear(own, random, `query.${name}.score`, { ...square, bias: false }),
      },
    }));
    this.#fused = view((part) => `fusion.${part}`, fusedGraph);
  }

  /** Z of the rows wanted, users and then items. */
  side(of: SideOf): Tensor2D {
    const { behavior, masks } = of;
    const projected = this.#views.map(({ project, features }) => apply(project, features));
    const fused = this.#spread(this.#fused, this.#gateOfFused(projected), of);
    const modal = this.#views.map((view, m): Tensor2D => {
      // Filter and gate are both linear: one product for all items.
      const map = matMul(this.#spectrum.map(this.#spectrum.filter(view.filter)), view.gate.weight) as Tensor2D;
      const gate: Tensor2D = add(matMul(projected[m]!, map) as Tensor2D, view.gate.bias!);
      // Over the columns of a row, not over modalities.
      const attention = softmax(apply(view.query.score, tanh(apply(view.query.hidden, fused)) as Tensor2D)) as Tensor2D;
      return mul(attention, this.#spread(view, gate, of));
    });
    const gated = [...this.#views, this.#fused].map((view, g): Tensor2D => {
      const open = sigmoid(apply(view.preference, behavior)) as Tensor2D;
      const mask = masks[g];
      return mul(mask === undefined ? open : dropped(open, mask), modal[g] ?? fused);
    });
    return mul(addN(gated), 1 / gated.length);
  }

  /** G_f y_f with y_f = irfft(c_f ∏_m rfft(T_m X_m)), before the logistic function. */
  #gateOfFused(projected: readonly Tensor2D[]): Tensor2D {
    const joint = projected.map((x) => this.#spectrum.of(x)).reduce((a, b) => this.#spectrum.product(a, b));
    const filtered = this.#spectrum.product(joint, this.#spectrum.filter(this.#fused.filter));
    return apply(this.#fused.gate, this.#spectrum.back(filtered));
  }

  /** s_g = [R̂ z_g ; z_g] of the rows wanted, z_g = S̃_g^hops (E_I ⊙ σ(gate)). */
  #spread({ graph }: View, gate: Tensor2D, { items, userItems, itemRows }: SideOf): Tensor2D {
    let z = mul(items, sigmoid(gate)) as Tensor2D;
    for (let hop = 0; hop < this.#hops; hop++) z = spmm(graph, z);
    return concat([spmm(userItems, z), itemRows === undefined ? z : gatherRows(z, itemRows)], 0);
  }
}
