/** Where runs compute: the processor, or one of the graphics processors. */
import type { Provenance, RunConfig } from '#contract/run.ts';

/** Whether a run computes on a graphics processor: what it said when it began, before that what its device is for. */
export function isOnGraphics({ device }: Pick<RunConfig, 'device'>, provenance?: Pick<Provenance, 'device'>): boolean {
  if (device === 'tensorflow') return provenance !== undefined && /\(GPU\b/.test(provenance.device);
  return device === 'webgpu';
}
