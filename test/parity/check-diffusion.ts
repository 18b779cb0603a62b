import { Adam } from '#engine/ops/adam.ts';
import { tidy, values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import type { Model } from '#models/define-model.ts';
import type { ItemDiffusion, NoisyBlock } from '#models/igdmrec/diffusion.ts';
import { linearVariance } from '#models/igdmrec/schedule.ts';
import type { Further } from './adapter.ts';
import { bounds, compare, fault } from './compare.ts';
import type { Part } from './compare.ts';
import { recordedStreams } from './recorded-random.ts';
import { fromOurs } from './tables.ts';
import type { DiffusionVectors, Draw, ReferenceParameter } from './vectors.ts';

/** The loss is large, so gradients are compared relative to the largest of their table. */
const ofLargest = 1e-6;
const ofRows = { absolute: 1e-6, relative: 1e-4 };

/** IGDMRec's diffusion: schedule, loss, rows, every gradient with and without conditions, three Adam steps, sampled rows. */
export function checkDiffusion({ create, bindings, vectors, dataset }: Further): Part[] {
  const { diffusion, noise, optimizer } = vectors;
  if (diffusion === undefined || noise.diffusion === undefined || noise.diffusion_unconditional === undefined)
    return [fault('diffusion', 'is missing')];
  const parts = checkSchedule(diffusion, vectors.hyper as Readonly<Record<string, number>>);
  const bound = new Map(bindings.map((binding) => [binding.reference, binding]));
  const asTheirs = (parameter: Pick<ReferenceParameter, 'name' | 'shape'>, of: (ours: string) => Float32Array) => {
    const binding = bound.get(parameter.name);
    return binding === undefined ? undefined : fromOurs(parameter, of(binding.ours), binding, dataset);
  };

  /** The model at the recorded start, and its only block with the given draws. */
  const begin = (draws: readonly Draw[]): { model: Model; diffused: ItemDiffusion; drawn: () => NoisyBlock } => {
    const recorded = recordedStreams({});
    const model = create(recorded);
    const diffused = (model as Model & { readonly diffusion: ItemDiffusion }).diffusion;
    const drawn = () => {
      recorded.begin('pre', draws);
      return diffused.draw(diffused.blocks[0]!);
    };
    return { model, diffused, drawn };
  };
  const gradientParts = (prefix: string, found: ReturnType<typeof lossAndGradients>, expected: readonly Expected[]) =>
    expected.map((parameter): Part => {
      const name = `${prefix}.grad.${parameter.name}`;
      const ours = asTheirs(parameter, (table) => values(found.gradients.get(table)!));
      // Tables that ours lacks have no gradient, or one of zeros.
      if (ours === undefined) return compare(name, new Float32Array(parameter.grad?.length ?? 0), parameter.grad ?? [], bounds.gradient);
      const grad = parameter.grad ?? [];
      const most = grad.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
      return compare(name, ours, grad, { ...bounds.gradient, absolute: ofLargest * most });
    });

  const { model, diffused, drawn } = begin(noise.diffusion);
  const adam = new Adam(diffused.denoiser.parameters, { beta1: optimizer.beta1, beta2: optimizer.beta2, epsilon: optimizer.eps });
  const losses: number[] = [];
  for (let step = 1; step <= 3; step++) {
    const block = drawn();
    if (step === 1) {
      const rows = tidy(() => values(diffused.rowLosses(block)));
      parts.push(compare('diffusion.rows', rows, diffusion.row_losses_step1, bounds.loss));
      parts.push(
        compare(
          'diffusion.estimate',
          tidy(() => values(diffused.estimate(block))),
          diffusion.predicted_rows_step1,
          bounds.score,
        ),
      );
    }
    const found = lossAndGradients(diffused.denoiser.parameters, () => diffused.loss(block));
    losses.push(found.total);
    if (step === 1) parts.push(...gradientParts('diffusion', found, diffusion.params));
    adam.step(found.gradients, optimizer.lr);
    for (const gradient of found.gradients.values()) gradient?.dispose();
    if (step === 2) continue;
    const moment = step === 1 ? 'after1' : 'after3';
    for (const parameter of diffusion.params) {
      const ours = asTheirs(parameter, (table) => values(diffused.denoiser.parameters.get(table)!));
      if (ours === undefined) continue;
      parts.push(
        compare(`diffusion.${moment}.${parameter.name}`, ours, parameter[moment] ?? [], bounds.parameter, { skip: parameter.unstable }),
      );
    }
  }
  parts.push(compare('diffusion.loss', losses, diffusion.loss, bounds.loss));
  parts.push(compare('diffusion.sample', diffused.sample(diffused.blocks[0]!), diffusion.sample_after3.values, ofRows));
  adam.dispose();
  model.dispose();

  // Its coin is not recorded: it falls below every share of dropped conditions.
  const coin: Draw = { kind: 'uniform', shape: [1], values: [0] };
  const dropped = noise.diffusion_unconditional.flatMap((draw) => (draw.kind === 'normal' ? [draw, coin] : [draw]));
  const free = begin(dropped);
  const block = free.drawn();
  const found = lossAndGradients(free.diffused.denoiser.parameters, () => free.diffused.loss(block));
  parts.push(compare('unconditional.loss', [found.total], [diffusion.unconditional.loss], bounds.loss));
  parts.push(...gradientParts('unconditional', found, diffusion.unconditional.grads));
  for (const gradient of found.gradients.values()) gradient?.dispose();
  free.model.dispose();
  return parts;
}

type Expected = DiffusionVectors['unconditional']['grads'][number];

function checkSchedule({ schedule }: DiffusionVectors, hyper: Readonly<Record<string, number>>): Part[] {
  const { noise_scale: scale, noise_min: min, noise_max: max, steps } = hyper;
  const ours = linearVariance({ steps: steps!, scale: scale!, min: min!, max: max! });
  const bound = { absolute: 1e-12, relative: 1e-9 };
  return [
    compare('schedule.beta', ours.beta, schedule.beta_nums, bound),
    compare('schedule.kept', ours.kept, schedule.alphas_cumprod, bound),
    compare('schedule.estimate', ours.ofEstimate, schedule.posterior_mean_coef1, bound),
    compare('schedule.present', ours.ofPresent, schedule.posterior_mean_coef2, bound),
  ];
}
