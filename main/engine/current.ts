import type { Runtime } from './device.ts';

// The one singleton of the house (house.md §7.7): a process opens one device and tfjs itself keeps one current backend.
let opened: Runtime | undefined;

export function setCurrentRuntime(runtime: Runtime | undefined): void {
  opened = runtime;
}

/** The opened device. Throws where `openDevice` was not awaited before. */
export function currentRuntime(): Runtime {
  if (opened === undefined) throw new Error('No device is open: await openDevice(id) before using an op.');
  return opened;
}
