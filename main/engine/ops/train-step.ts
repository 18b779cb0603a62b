import type { Scalar, Variable } from '@tensorflow/tfjs-core';
import { currentRuntime, mayCompile } from '../current.ts';
import type { CompiledStep, EagerStep, StepOutcome } from '../device.ts';
import type { Adam } from './adam.ts';
import { differentiated, readOutcome } from './gradients.ts';

export interface TrainedStep {
  readonly parameters: ReadonlyMap<string, Variable>;
  readonly adam: Adam;
  /** Tensor ops alone, from what `inputs` holds; see models/define-model.ts. */
  loss(inputs: object): StepOutcome<Scalar>;
}

/**
 * Training steps on the opened device: loss, gradients and Adam, compiled where the device can record them, else one op after the
 * other. The owner disposes it before the parameters and the optimiser.
 */
export class TrainStep {
  readonly #eager: EagerStep;
  readonly #adam: Adam;
  readonly #compiled: CompiledStep | undefined;
  readonly #reason: string;

  constructor({ parameters, adam, loss }: TrainedStep) {
    this.#adam = adam;
    this.#eager = {
      slots: adam.slots,
      run: (inputs, step) => {
        const { total, terms, gradients } = differentiated(parameters, () => loss(inputs));
        adam.apply(gradients, step);
        for (const gradient of gradients.values()) gradient?.dispose();
        return { total, terms };
      },
    };
    const runtime = currentRuntime();
    this.#compiled = mayCompile() ? runtime.compile?.(this.#eager) : undefined;
    this.#reason = mayCompile() ? 'this device compiles no steps' : 'compiling is switched off';
  }

  /** "compiled", or "eager: …" with the reason. Final once the first steps have run. */
  get mode(): string {
    if (this.#compiled === undefined) return `eager: ${this.#reason}`;
    const { obstacle } = this.#compiled;
    return obstacle === undefined ? 'compiled' : `eager: ${obstacle}`;
  }

  /** Steps that ran from a record, of all that have run. */
  get replayed(): number {
    return this.#compiled?.replayed ?? 0;
  }

  /** One step. Parameters have moved even where the loss is not finite. */
  run(inputs: object, learningRate: number): StepOutcome<number> {
    const step = this.#adam.next(learningRate);
    return this.#compiled === undefined ? readOutcome(this.#eager.run(inputs, step)) : this.#compiled.run(inputs, step);
  }

  dispose(): void {
    this.#compiled?.dispose();
  }
}
