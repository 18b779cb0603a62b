import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import { add, concat, matMul, mul, relu, reshape, softmax } from '#engine/ops/basic.ts';
import { dropoutMask, dropped } from './dropout.ts';
import { xavierUniform } from './initial.ts';
import { layerNorm, normalised } from './layer-norm.ts';
import type { LayerNorm } from './layer-norm.ts';
import { apply, linear } from './linear.ts';
import type { Linear } from './linear.ts';
import type { Belongings } from './parameters.ts';

/** Takes a weight out of a softmax: e^−1e9 is 0 in float32, and a row without any open place stays finite. */
export const closed = -1e9;

interface Block {
  readonly before: LayerNorm;
  readonly between: LayerNorm;
  /** By head, width → width / heads: a product of its own for each spares turning [slots, heads, w] around. */
  readonly heads: readonly { readonly query: Linear; readonly key: Linear; readonly value: Linear }[];
  readonly inner: Linear;
  readonly outer: Linear;
}

export interface EncoderShape {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly dropout: number;
}

/** Dropout masks of one step: of the input, then of each block's attention and of its feed-forward part. */
export type EncoderMasks = readonly Float32Array[];

/**
 * SASRec's blocks as released (Kang & McAuley 2018): h = LN(x); x ← h + heads(h, x); x ← LN(x) + FF(LN(x)); at the end LN. Queries come
 * from normalised states, keys and values from the states themselves; the heads are joined without a further projection.
 */
export class SequenceEncoder {
  readonly #shape: EncoderShape;
  readonly #blocks: readonly Block[];
  readonly #end: LayerNorm;

  constructor(own: Belongings, random: Random, shape: EncoderShape) {
    const { width, layers, heads } = shape;
    this.#shape = shape;
    const part = width / heads;
    const made = (name: string, from: number, to: number) => linear(own, random, name, { in: from, out: to, start: xavierUniform });
    this.#blocks = Array.from({ length: layers }, (_, layer) => {
      const name = `block.${layer}`;
      return {
        before: layerNorm(own, `${name}.before`, width),
        between: layerNorm(own, `${name}.between`, width),
        heads: Array.from({ length: heads }, (__, head) => ({
          query: made(`${name}.query.${head}`, width, part),
          // A bias of the keys adds the same to all logits of a row, which softmax does not see.
          key: linear(own, random, `${name}.key.${head}`, { in: width, out: part, bias: false, start: xavierUniform }),
          value: made(`${name}.value.${head}`, width, part),
        })),
        inner: made(`${name}.inner`, width, width),
        outer: made(`${name}.outer`, width, width),
      };
    });
    this.#end = layerNorm(own, 'end', width);
  }

  /** Masks for so many slots, in the order in which they are used; none without dropout. */
  masks(random: Random, slots: number): EncoderMasks {
    const { layers, width, dropout } = this.#shape;
    if (dropout === 0) return [];
    return Array.from({ length: 1 + 2 * layers }, () => dropoutMask(random, slots * width, dropout));
  }

  /**
   * States of all slots [rows · length, width] from their inputs. `biases`: of each head what is added to its logits,
   * [rows, length, length], {@link closed} where a slot may not look.
   */
  states(inputs: Tensor2D, biases: readonly Tensor[], masks: EncoderMasks = []): Tensor2D {
    const [rows, length] = biases[0]!.shape as [number, number];
    const part = this.#shape.width / this.#shape.heads;
    const stack = (x: Tensor2D): Tensor => reshape(x, [rows, length, part]);
    const drop = (x: Tensor2D, place: number): Tensor2D => (masks[place] === undefined ? x : dropped(x, masks[place]));
    let x = drop(inputs, 0);
    this.#blocks.forEach(({ before, between, heads: own, inner, outer }, layer) => {
      const asking = normalised(before, x);
      const found = own.map(({ query, key, value }, head) => {
        const logits = mul(matMul(stack(apply(query, asking)), stack(apply(key, x)), false, true), 1 / Math.sqrt(part));
        return reshape(matMul(softmax(add(logits, biases[head]!)), stack(apply(value, x))), [rows * length, part]) as Tensor2D;
      });
      const attended = concat(found, 1);
      const passed = normalised(between, add(asking, drop(attended, 1 + 2 * layer)));
      x = add(passed, drop(apply(outer, relu(apply(inner, passed))), 2 + 2 * layer));
    });
    return normalised(this.#end, x);
  }
}
