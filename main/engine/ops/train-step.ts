import type { Scalar, Variable } from '@tensorflow/tfjs-core';
import { currentRuntime, mayCompile } from '../current.ts';
import type { CompiledStep, EagerStep, StartedStep, StepOutcome } from '../device.ts';
import type { Adam } from './adam.ts';
import { differentiated, readOutcome } from './gradients.ts';

export type { StartedStep } from '../device.ts';

export interface TrainedStep {
  readonly parameters: ReadonlyMap<string, Variable>;
  readonly adam: Adam;
  /** Tensor ops alone, from what `inputs` holds; see models/define-model.ts. */
  loss(inputs: object): StepOutcome<Scalar>;
}

/** What the mode of steps on the opened device will be, as far as the device alone decides it. */
export function plannedMode(): string {
  if (!mayCompile()) return 'eager: compiling is switched off';
  return currentRuntime().compile === undefined ? 'eager: this device compiles no steps' : 'compiled';
}

/**
 * Training steps on the opened device: loss, gradients and Adam, compiled where the device can record them, else one op after the
 * other. The owner disposes it before the parameters and the optimiser.
 */
export class TrainStep {
  readonly #eager: EagerStep;
  readonly #adam: Adam;
  readonly #compiled: CompiledStep | undefined;

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
    this.#compiled = mayCompile() ? currentRuntime().compile?.(this.#eager) : undefined;
  }

  /** "compiled", or "eager: …" with the reason. Final once the first steps have run. */
  get mode(): string {
    const obstacle = this.#compiled?.obstacle;
    return obstacle === undefined ? plannedMode() : `eager: ${obstacle}`;
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

  /**
   * Begins a step. Where the device computes by itself, the caller may make the next step's inputs before it asks for the outcome;
   * elsewhere the step is done when this returns. One at a time; parameters may be read at any time, and not assigned until the end.
   */
  start(inputs: object, learningRate: number): StartedStep {
    if (this.#compiled?.start !== undefined) return this.#compiled.start(inputs, this.#adam.next(learningRate));
    const outcome = this.run(inputs, learningRate);
    return { finish: () => outcome };
  }

  /** Says what the next step will be given, as soon as it is known. */
  prepare(inputs: object): void {
    this.#compiled?.prepare?.(inputs);
  }

  /** Before other work that wants memory, like an evaluation: lets go of what only steps need. */
  rest(): void {
    this.#compiled?.rest?.();
  }

  dispose(): void {
    this.#compiled?.dispose();
  }
}
