import type { Batch } from '#data/batch.ts';
import { Adam } from '#engine/ops/adam.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import type { StartedStep } from '#engine/ops/train-step.ts';
import { learningRate } from './trainee.ts';
import type { Trainee } from './trainee.ts';

/** Training steps over the batches of one epoch, again and again, with the parts that train-stage.ts trains with. */
export class OwnSteps {
  readonly #trainee: Trainee;
  readonly #batches: Batch[];
  readonly #step: TrainStep;
  #next = 0;

  constructor(trainee: Trainee) {
    const { model, sampler } = trainee;
    this.#trainee = trainee;
    this.#batches = [...sampler.epoch()];
    const adam = new Adam(model.parameters);
    this.#step = new TrainStep({ parameters: model.parameters, adam, loss: (inputs) => model.loss(inputs) });
    this.begin();
  }

  /** How steps run: "compiled", or "eager: …" with the reason. */
  get mode(): string {
    return this.#step.mode;
  }

  /** What a model does before an epoch, milliseconds. */
  begin(): number {
    const started = performance.now();
    this.#trainee.model.beforeEpoch?.(0);
    return performance.now() - started;
  }

  /** What training does before it evaluates. */
  rest(): void {
    this.#step.rest();
  }

  /** Each step's milliseconds are those from the end of the one before, as training prepares a step while another runs. */
  run(count: number): { losses: number[]; ms: number[] } {
    const { model } = this.#trainee;
    const losses: number[] = [];
    const ms: number[] = [];
    let running: StartedStep | undefined;
    let last = performance.now();
    const end = (): void => {
      if (running === undefined) return;
      losses.push(running.finish().total);
      const now = performance.now();
      ms.push(now - last);
      last = now;
    };
    for (let s = 0; s < count; s++) {
      const batch = this.#batches[this.#next % this.#batches.length]!;
      this.#next += 1;
      const inputs = model.inputs(batch, 0);
      this.#step.prepare(inputs);
      end();
      running = this.#step.start(inputs, learningRate);
    }
    end();
    return { losses, ms };
  }
}
