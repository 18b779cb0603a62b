import { keep, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { StepOutcome } from '../device.ts';

/** Gradients by parameter name; null where the loss does not depend on the parameter. The caller disposes them. */
type Gradients = Map<string, Tensor | null>;

export interface LossAndGradients extends StepOutcome<number> {
  readonly gradients: Gradients;
}

/** Evaluates a loss on the tape and differentiates `total` by every parameter. Leaves the outcome and the gradients to the caller. */
export function differentiated(
  parameters: ReadonlyMap<string, Variable>,
  loss: () => StepOutcome<Scalar>,
): StepOutcome<Scalar> & { readonly gradients: Gradients } {
  const terms: Record<string, Scalar> = {};
  const { value, grads } = tidy(() => {
    const byTape = variableGrads(() => {
      const outcome = loss();
      for (const [name, term] of Object.entries(outcome.terms)) terms[name] = keep(term.clone()) as Scalar;
      return outcome.total;
    }, [...parameters.values()]);
    for (const gradient of Object.values(byTape.grads)) if (gradient !== null) keep(gradient);
    return { value: keep(byTape.value), grads: byTape.grads };
  });
  const gradients: Gradients = new Map();
  for (const [name, parameter] of parameters) gradients.set(name, grads[parameter.name] ?? null);
  return { total: value, terms, gradients };
}

/** The same with the numbers read: leaves no tensors but the gradients. */
export function lossAndGradients(parameters: ReadonlyMap<string, Variable>, loss: () => StepOutcome<Scalar>): LossAndGradients {
  const { gradients, ...outcome } = differentiated(parameters, loss);
  return { ...readOutcome(outcome), gradients };
}

/** Reads the numbers of an outcome and disposes its tensors. */
export function readOutcome({ total, terms }: StepOutcome<Scalar>): StepOutcome<number> {
  const read = {
    total: total.dataSync()[0]!,
    terms: Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, term.dataSync()[0]!])),
  };
  for (const tensor of [total, ...Object.values(terms)]) tensor.dispose();
  return read;
}
