/** What the runs of a plan need at once, beside what is free, and what would make them fit. */
import type { MemoryPlan } from '#contract/memory.ts';
import type { MachineMemory } from './machine-memory.ts';
import { isOnGraphics } from './lanes.ts';
import type { MemoryEstimate, MemoryEstimator } from './memory.ts';
import type { PlannedCell } from './plan.ts';

export interface MemoryNeeds {
  readonly estimator: MemoryEstimator;
  readonly machine: MachineMemory;
}

const smallestBatch = 128;

/** Undefined where nothing starts or nothing is computed here. */
export async function memoryPlan(
  { estimator, machine }: MemoryNeeds,
  planned: readonly PlannedCell[],
  concurrency: number,
): Promise<MemoryPlan | undefined> {
  const remembering = estimator.forPlan();
  const needs = (batchSize?: number) => {
    const found = planned.flatMap((cell) => {
      const config = batchSize === undefined ? cell.config : { ...cell.config, budget: { ...cell.config.budget, batchSize } };
      const run = remembering.run(config, cell.dataset);
      // What was tried went through its stages as well.
      const stages = (run?.sources.probe === undefined ? cell.stages : []).map(({ model }) =>
        remembering.run({ ...config, model, hyper: {} }, cell.dataset),
      );
      const own = [run, ...stages].flatMap((estimate) => estimate ?? []);
      // A stage and the training after it share a process, one after the other.
      const estimate = own.sort((a, b) => b.bytes - a.bytes)[0];
      return estimate === undefined ? [] : [{ cell, estimate }];
    });
    return found.sort((a, b) => b.estimate.bytes - a.estimate.bytes);
  };
  const all = needs();
  const first = all[0];
  if (first === undefined) return undefined;
  const place = isOnGraphics(first.cell.config) ? 'gpu' : 'ram';
  const { freeBytes, totalBytes } = await machine(place);
  const atOnce = Math.max(1, Math.min(concurrency, all.length));
  const together = (of: readonly { readonly estimate: MemoryEstimate }[], lanes: number, end: 'bytes' | 'high') =>
    of.slice(0, lanes).reduce((sum, { estimate }) => sum + estimate[end], 0);
  const verdict =
    freeBytes === undefined
      ? 'unknown'
      : together(all, atOnce, 'bytes') > freeBytes
        ? 'too-much'
        : together(all, atOnce, 'high') > freeBytes
          ? 'tight'
          : 'fits';
  const { bytes, low, high, basis, sources } = first.estimate;
  return {
    place,
    run: { bytes, low, high },
    largest: `${first.cell.configuration.card.title} on ${first.cell.dataset.summary.name}`,
    basis,
    sources,
    atOnce,
    bytes: together(all, atOnce, 'bytes'),
    ...(freeBytes === undefined ? {} : { freeBytes }),
    ...(totalBytes === undefined ? {} : { totalBytes }),
    verdict,
    fixes: verdict === 'too-much' || verdict === 'tight' ? fixesOf() : [],
  };

  function fixesOf(): MemoryPlan['fixes'] {
    const room = freeBytes!;
    const fixes: MemoryPlan['fixes'] = [];
    for (let lanes = atOnce - 1; lanes >= 1; lanes--)
      if (together(all, lanes, 'high') <= room) {
        fixes.push({ kind: 'at-once', value: lanes });
        break;
      }
    const present = Math.max(...planned.map(({ config }) => config.budget.batchSize));
    for (let batch = Math.floor(present / 2); batch >= smallestBatch; batch = Math.floor(batch / 2))
      if (together(needs(batch), atOnce, 'high') <= room) {
        fixes.push({ kind: 'batch', value: batch });
        break;
      }
    return fixes;
  }
}
