import type { OwnSource, Slope } from '#contract/own-model.ts';
import { tensor1d, reshape, tidy, values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import type { Model } from '#models/define-model.ts';
import { ownCall } from './load.ts';

/** Share of the gradient that curvature and float32 may explain, and what rounding of the loss adds over a step of length 1. */
const tolerance = { relative: 0.03, rounding: 1e-6 };
/** Kinks (ReLU, a maximum) lie somewhere: one of these steps must agree. */
const steps = [0.02, 5e-3, 1e-3];

/**
 * Central differences along each parameter's own gradient, where the slope of the loss is the gradient's length. Starting vectors are
 * doubled first, so that slopes stand out of float32. Leaves the parameters as they are then.
 */
export function slopesOf(own: OwnSource, model: Model, inputs: object): Slope[] {
  for (const [, variable] of model.parameters) put(variable, (value) => 2 * value);
  const loss = () => ownCall(own, 'loss()', () => model.loss(inputs));
  const { gradients, total } = lossAndGradients(model.parameters, loss);
  const lossNow = () => tidy(() => loss().total.dataSync()[0]!);
  const found: Slope[] = [];
  for (const [parameter, gradient] of gradients) {
    const variable = model.parameters.get(parameter)!;
    if (gradient === null) continue;
    const direction = values(gradient);
    gradient.dispose();
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    const start = values(variable);
    const at = (scale: number) => {
      put(variable, (_, place) => start[place]! + scale * direction[place]!);
      const value = lossNow();
      put(variable, (_, place) => start[place]!);
      return value;
    };
    const tried = (length === 0 ? [] : steps).map((step) => {
      const slope = (at(step / length) - at(-step / length)) / (2 * step);
      const allowed = tolerance.relative * length + (tolerance.rounding * Math.max(1, Math.abs(total))) / step;
      return { slope, allowed, difference: Math.abs(slope - length) };
    });
    const best = tried.sort((a, b) => a.difference / a.allowed - b.difference / b.allowed)[0] ?? { slope: 0, allowed: 0, difference: 0 };
    found.push({ parameter, shape: [...variable.shape], gradient: length, ...best, isEqual: best.difference <= best.allowed });
  }
  return found;
}

type Table = Model['parameters'] extends ReadonlyMap<string, infer V> ? V : never;

function put(variable: Table, value: (now: number, place: number) => number): void {
  tidy(() => variable.assign(reshape(tensor1d(values(variable).map(value)), variable.shape)));
}
