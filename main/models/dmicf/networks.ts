import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import { relu, sigmoid } from '#engine/ops/basic.ts';
import { dropped } from '../parts/dropout.ts';
import { xavierUniform } from '../parts/initial.ts';
import { apply } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import type { Belongings } from '../parts/parameters.ts';

/** Layers in turn: ReLU and dropout after each but the last, a sigmoid after the last. */
export type Network = readonly Linear[];

/** Layers `name.0`, `name.1`, … of the given widths; weights XU, biases 0. */
export function network(own: Belongings, random: Random, name: string, widths: readonly number[]): Network {
  return widths.slice(1).map((out, place) => {
    const given = widths[place]!;
    const weight = own.table(`${name}.${place}.weight`, xavierUniform(random, given, out), given, out);
    return { weight, bias: own.vector(`${name}.${place}.bias`, new Float32Array(out)) };
  });
}

/** The first hidden layer before dropout, of rows that many pairs share: it is gathered afterwards. */
export function firstHidden(layers: Network, x: Tensor2D): Tensor2D {
  return relu(apply(layers[0]!, x));
}

/** The rest of a network from its first hidden layer; `masks` of each hidden layer, none when scoring. */
export function fromHidden(layers: Network, hidden: Tensor2D, masks: readonly Float32Array[] = []): Tensor2D {
  let passed = hidden;
  layers.slice(1).forEach((layer, place) => {
    const mask = masks[place];
    const next = apply(layer, mask === undefined ? passed : dropped(passed, mask));
    passed = place + 2 < layers.length ? relu(next) : sigmoid(next);
  });
  return passed;
}

export function run(layers: Network, x: Tensor2D, masks?: readonly Float32Array[]): Tensor2D {
  return fromHidden(layers, firstHidden(layers, x), masks);
}
