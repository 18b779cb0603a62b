/** Steps of training beside epochs: how many one epoch takes, where that is known exactly. Pure. */
import * as v from 'valibot';
import type { LogTool } from './log-import.ts';
import type { Budget, RunConfig } from './run.ts';

/** known: an epoch takes so many. logged: its log counts steps, and its series stand at those. unknown: and why; nothing is guessed. */
export const stepsSchema = v.variant('state', [
  v.object({ state: v.literal('known'), perEpoch: v.number() }),
  v.object({ state: v.literal('logged') }),
  v.object({ state: v.literal('unknown'), reason: v.string() }),
]);
export type Steps = v.InferOutput<typeof stepsSchema>;

export const unknownSteps = (reason: string): Steps => ({ state: 'unknown', reason });

/** Batches of an epoch over so many train rows; the last one may be short. */
export const batchesPerEpoch = (trainRows: number, batchSize: number): number => Math.ceil(trainRows / batchSize);

/** Changes of the parameters in one epoch: one a batch, and of Mirror Gradient a second one on every β-th, the first among them. */
export function stepsPerEpoch(trainRows: number, { batchSize, mirror = 0, mirrorEvery = 3 }: Budget): number {
  const batches = batchesPerEpoch(trainRows, batchSize);
  return mirror === 0 ? batches : batches + Math.ceil(batches / mirrorEvery);
}

const epochTools: readonly LogTool[] = ['mmrec', 'recbole', 'elliot'];

/** Of the run's own model. `trainRows`: of its dataset, absent where that is gone or holds other rows by now. */
export function stepsOf(
  { budget, external, imported }: Pick<RunConfig, 'budget' | 'external' | 'imported'>,
  { trainRows, isTrained }: { readonly trainRows?: number | undefined; readonly isTrained: boolean },
): Steps {
  if (imported !== undefined) {
    if (epochTools.includes(imported.tool)) return unknownSteps('its log counts epochs, not steps');
    if (imported.steps === 'unknown') return unknownSteps('its log gives its points no steps');
    // What was imported before this was kept: event files cannot be without steps.
    if (imported.steps === undefined && imported.tool !== 'tensorboard')
      return unknownSteps('whether its log has steps was not kept when it was imported');
    return { state: 'logged' };
  }
  if (external !== undefined) return unknownSteps('its program reports epochs, not steps');
  if (!isTrained) return unknownSteps('nothing of it is trained');
  if (trainRows === undefined) return unknownSteps('its dataset is gone or holds other rows now, so its batches cannot be counted');
  return { state: 'known', perEpoch: stepsPerEpoch(trainRows, budget) };
}
