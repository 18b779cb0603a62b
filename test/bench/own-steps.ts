import type { Batch } from '#data/batch.ts';
import { Adam } from '#engine/ops/adam.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { learningRate } from './trainee.ts';
import type { Trainee } from './trainee.ts';

/** Training steps over the batches of one epoch, again and again, with the parts that train-stage.ts trains with. */
export class OwnSteps {
  readonly #trainee: Trainee;
  readonly #batches: Batch[];
  readonly #adam: Adam;
  #next = 0;

  constructor(trainee: Trainee) {
    this.#trainee = trainee;
    this.#batches = [...trainee.sampler.epoch()];
    this.#adam = new Adam(trainee.model.parameters);
    this.begin();
  }

  /** What a model does before an epoch, milliseconds. */
  begin(): number {
    const started = performance.now();
    this.#trainee.model.beforeEpoch?.(0);
    return performance.now() - started;
  }

  run(count: number): { losses: number[]; ms: number[] } {
    const { model } = this.#trainee;
    const losses: number[] = [];
    const ms: number[] = [];
    for (let s = 0; s < count; s++) {
      const batch = this.#batches[this.#next % this.#batches.length]!;
      this.#next += 1;
      const started = performance.now();
      const step = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
      this.#adam.step(step.gradients, learningRate);
      for (const gradient of step.gradients.values()) gradient?.dispose();
      ms.push(performance.now() - started);
      losses.push(step.total);
    }
    return { losses, ms };
  }
}
