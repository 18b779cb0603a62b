import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { currentRuntime } from '../current.ts';
import type { AdamSlot, AdamStep } from '../device.ts';

export interface AdamState {
  /** Steps taken so far. */
  readonly step: number;
  readonly moments: Readonly<Record<string, { readonly first: Float32Array; readonly second: Float32Array }>>;
}

/**
 * Adam as PyTorch computes it (dense, bias-corrected, ε after the root of the corrected second moment), fused and in place: a
 * tensor that shares a parameter's data (a clone or reshape kept over a step) changes with it.
 */
export class Adam {
  readonly #parameters: ReadonlyMap<string, Variable>;
  readonly #slots = new Map<string, AdamSlot>();
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  #step = 0;

  constructor(parameters: ReadonlyMap<string, Variable>, options: { beta1?: number; beta2?: number; epsilon?: number } = {}) {
    this.#parameters = parameters;
    this.#beta1 = options.beta1 ?? 0.9;
    this.#beta2 = options.beta2 ?? 0.999;
    this.#epsilon = options.epsilon ?? 1e-8;
    const runtime = currentRuntime();
    for (const [name, parameter] of parameters) this.#slots.set(name, runtime.adamSlot(parameter));
  }

  /** One step on every parameter that has a gradient; null or absent leaves a parameter and its moments alone. */
  step(gradients: ReadonlyMap<string, Tensor | null>, learningRate: number): void {
    this.apply(gradients, this.next(learningRate));
  }

  /** Counts a step and gives its numbers, for whoever applies it: {@link apply}, or a compiled step that holds the slots. */
  next(learningRate: number): AdamStep {
    this.#step += 1;
    return { beta1: this.#beta1, beta2: this.#beta2, epsilon: this.#epsilon, learningRate, step: this.#step };
  }

  /** The state of each parameter on the device. */
  get slots(): ReadonlyMap<string, AdamSlot> {
    return this.#slots;
  }

  apply(gradients: ReadonlyMap<string, Tensor | null>, step: AdamStep): void {
    for (const [name, slot] of this.#slots) {
      const gradient = gradients.get(name);
      if (gradient === undefined || gradient === null) continue;
      const size = this.#parameters.get(name)!.size;
      if (gradient.size !== size) throw new RangeError(`Adam: gradient of ${name} has ${gradient.size} values, not ${size}`);
      slot.apply(gradient, step);
    }
  }

  save(): { step: number; moments: Record<string, { first: Float32Array; second: Float32Array }> } {
    const moments: Record<string, { first: Float32Array; second: Float32Array }> = {};
    for (const [name, slot] of this.#slots) moments[name] = slot.read();
    return { step: this.#step, moments };
  }

  /** Takes up a saved state. Throws RangeError where a parameter is missing or has another size. */
  restore(state: AdamState): void {
    for (const [name, slot] of this.#slots) {
      const saved = state.moments[name];
      const size = this.#parameters.get(name)!.size;
      if (saved === undefined || saved.first.length !== size || saved.second.length !== size) {
        throw new RangeError(`Adam: the saved state has no moments of ${size} values for ${name}`);
      }
      slot.write(saved.first, saved.second);
    }
    this.#step = state.step;
  }

  dispose(): void {
    for (const slot of this.#slots.values()) slot.dispose();
    this.#slots.clear();
  }
}
