import type { Runtime } from './device.ts';

// The one singleton of the house (house.md §7.7): a process opens one device and tfjs itself keeps one current backend.
let opened: { readonly runtime: Runtime; readonly compiles: boolean } | undefined;

/** `compiles` false: steps run eagerly on this runtime, whatever it could do. */
export function setCurrentRuntime(runtime: Runtime | undefined, compiles = true): void {
  opened = runtime === undefined ? undefined : { runtime, compiles };
}

/** The opened device. Throws where `openDevice` was not awaited before. */
export function currentRuntime(): Runtime {
  if (opened === undefined) throw new Error('No device is open: await openDevice(id) before using an op.');
  return opened.runtime;
}

export function mayCompile(): boolean {
  return opened?.compiles ?? false;
}
