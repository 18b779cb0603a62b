/** What of an experiment cannot be, whatever its models and datasets are. */
import type { ParsedExperimentRequest } from '#contract/experiment.ts';
import { mayPin } from '#contract/lane.ts';
import { ProblemError } from '#contract/problem.ts';

/** @throws ProblemError external.one-seed, external.one-dataset: a file of results was computed once */
export function checkImports({ models, seeds, datasets }: ParsedExperimentRequest): void {
  for (const { external } of models) {
    if (external?.kind !== 'import' || (new Set(seeds).size === 1 && new Set(datasets).size === 1)) continue;
    const what = new Set(seeds).size === 1 ? 'dataset' : 'seed';
    throw new ProblemError({
      kind: 'config',
      code: `external.one-${what}`,
      message: `The results of ${external.title} were computed on one dataset with one seed; here are ${seeds.length} seeds and ${datasets.length} datasets`,
      fix: `Import them by themselves, once for each ${what}; comparisons put them beside the others.`,
    });
  }
}

/** @throws ProblemError config.pin: bound to a device that it never computes on */
export function checkPin({ device, pin }: ParsedExperimentRequest): void {
  if (pin === undefined || mayPin(device, pin)) return;
  throw new ProblemError({
    kind: 'config',
    code: 'config.pin',
    message: `Runs on the ${device} device cannot be bound to ${pin}`,
    values: { device, pin },
    fix:
      device === 'webgpu'
        ? 'webgpu computes on the graphics processor that its driver offers; tensorflow can be bound to one.'
        : 'Only tensorflow can be bound to a graphics processor; wasm and cpu compute on the processor.',
  });
}
