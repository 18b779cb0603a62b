import { dispose, keep, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';

export interface LossAndGradients {
  readonly total: number;
  readonly terms: Record<string, number>;
  /** By parameter name; null where the loss does not depend on the parameter. The caller disposes them. */
  readonly gradients: Map<string, Tensor | null>;
}

/** Evaluates a loss on the tape and differentiates `total` by every parameter. Leaves no tensors but the gradients. */
export function lossAndGradients(
  parameters: ReadonlyMap<string, Variable>,
  loss: () => { readonly total: Scalar; readonly terms: Readonly<Record<string, Scalar>> },
): LossAndGradients {
  const held: Record<string, Scalar> = {};
  const byTape = tidy(() => {
    const { value, grads } = variableGrads(() => {
      const { total, terms } = loss();
      for (const [name, term] of Object.entries(terms)) held[name] = keep(term.clone()) as Scalar;
      return total;
    }, [...parameters.values()]);
    for (const gradient of Object.values(grads)) if (gradient !== null) keep(gradient);
    return { value: keep(value), grads };
  });
  const total = byTape.value.dataSync()[0]!;
  const terms = Object.fromEntries(Object.entries(held).map(([name, term]) => [name, term.dataSync()[0]!]));
  dispose([byTape.value, ...Object.values(held)]);
  const gradients = new Map<string, Tensor | null>();
  for (const [name, parameter] of parameters) gradients.set(name, byTape.grads[parameter.name] ?? null);
  return { total, terms, gradients };
}
