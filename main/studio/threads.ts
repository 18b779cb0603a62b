/** How many threads a run gets: what was asked for, as far as the device and this machine have them, or its share. */
import os from 'node:os';
import type { RunConfig } from '#contract/run.ts';

type DeviceId = RunConfig['device'];

/** Beyond so many, memory is the limit of what a run computes. */
const mostShared = 4;

/** Devices that compute on the thread of their process alone (main/engine/devices). */
export const oneThread: ReadonlySet<DeviceId> = new Set<DeviceId>(['cpu', 'webgpu']);

/**
 * What a TensorFlow run gets that asks for no particular number, whatever share it might have: its device decides (usualThreads in
 * main/engine/devices/tensorflow.ts, which this layer does not import; threads.test.ts holds the two together).
 */
export function tensorflowThreads(cores: number): number {
  return cores <= 2 ? Math.max(1, cores) : Math.min(cores - 1, mostShared);
}

/** Threads this process may use at once. */
export function machineThreads(): number {
  // Node before 18.14, which only the old test Electron has, knows the cores alone.
  return typeof os.availableParallelism === 'function' ? os.availableParallelism() : Math.max(1, os.cpus().length);
}

/** The threads that compute; 0, no particular number, stays. The configuration of a run holds these, so that its record says one thing. */
export function effectiveThreads(device: DeviceId, asked: number, most: number = machineThreads()): number {
  return oneThread.has(device) ? 1 : Math.min(asked, most);
}

/** Why fewer threads compute than were asked for, as a sentence; undefined where all do. */
export function threadsRemark(device: DeviceId, asked: number, most: number = machineThreads()): string | undefined {
  const effective = effectiveThreads(device, asked, most);
  if (asked === 0 || effective === asked) return undefined;
  if (oneThread.has(device)) return `The ${device} device computes on one thread; ${asked} were asked for.`;
  return `This machine has ${most} ${most === 1 ? 'core' : 'cores'}: runs get ${effective} of the ${asked} threads asked for.`;
}

/**
 * What one of `runs` runs at once gets of this machine where it asks for no particular number: all of them together never more than its
 * cores, a lone one leaves a core to the window where there are more than two.
 */
export function threadShare(runs: number, available: number = machineThreads()): number {
  if (runs <= 1) return Math.max(1, Math.min(mostShared, available > 2 ? available - 1 : available));
  return Math.max(1, Math.min(mostShared, Math.floor(available / runs)));
}
