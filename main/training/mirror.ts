import type { Scalar } from '@tensorflow/tfjs-core';
import type { Budget } from '#contract/run.ts';
import type { StepOutcome } from '#engine/device.ts';
import { changing, mul } from '#engine/ops/basic.ts';
import type { Model } from '#models/define-model.ts';

/**
 * Mirror Gradient (models.md 0.7): on every β-th batch of an epoch a step on α₁·L, and then one on −α₂·L, L computed again at the new
 * parameters. The second has draws of its own, as released code draws whenever it computes a loss.
 */
export interface Mirror {
  /** α₁. */
  readonly descent: number;
  /** α₂. */
  readonly weight: number;
  /** β. */
  readonly every: number;
}

const released = { descent: 1, every: 3 } as const;

/** Undefined where a budget leaves it off. */
export function mirrorOf({ mirror, mirrorDescent, mirrorEvery }: Budget): Mirror | undefined {
  if (mirror === undefined || mirror === 0) return undefined;
  return { weight: mirror, descent: mirrorDescent ?? released.descent, every: mirrorEvery ?? released.every };
}

/** The steps that the batch at this place of its epoch (from 0) takes, each by the factor of its loss; what is below 0 goes up. */
export function stepFactors(mirror: Mirror | undefined, place: number): readonly number[] {
  if (mirror === undefined || place % mirror.every !== 0) return [1];
  return [mirror.descent, -mirror.weight];
}

/** Inputs with the factor of their loss, an array of one: steps of all factors are one recorded step. */
interface Scaled {
  readonly given: object;
  readonly factor: Float32Array;
}

/** What {@link stepLoss} takes in place of the model's inputs. */
export function stepInputs(mirror: Mirror | undefined, given: object, factor: number): object {
  return mirror === undefined ? given : ({ given, factor: Float32Array.of(factor) } satisfies Scaled);
}

/** The model's loss times the factor of its inputs; its terms as they are. */
export function stepLoss(model: Model, mirror: Mirror | undefined): (inputs: object) => StepOutcome<Scalar> {
  if (mirror === undefined) return (inputs) => model.loss(inputs);
  return (inputs) => {
    const { given, factor } = inputs as Scaled;
    const { total, terms } = model.loss(given);
    return { total: mul(total, changing(factor)) as Scalar, terms };
  };
}
