/** Free and whole memory of this machine and of its graphics processor, as the system says. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { graphicsTool } from './graphics-meter.ts';

export interface FreeMemory {
  /** Absent where the system does not say. */
  readonly freeBytes?: number;
  readonly totalBytes?: number;
}

/** Replaced by a simulated machine in tests. */
export type MachineMemory = (place: 'ram' | 'gpu') => Promise<FreeMemory>;

/** How long an answer of the graphics driver is believed: plans are made anew with every key that is typed. */
const believedMs = 5000;
const driverMs = 3000;

export function thisMachineMemory(): MachineMemory {
  let graphics: { readonly at: number; readonly found: Promise<FreeMemory> } | undefined;
  return (place) => {
    if (place === 'ram') return Promise.resolve(mainMemory());
    if (graphics === undefined || Date.now() - graphics.at > believedMs) graphics = { at: Date.now(), found: graphicsMemory() };
    return graphics.found;
  };
}

function mainMemory(): FreeMemory {
  let meminfo: string | undefined;
  try {
    meminfo = readFileSync('/proc/meminfo', 'utf8');
  } catch {
    // Not Linux: the system's own figure, which counts caches as used on some.
  }
  const free = (meminfo === undefined ? undefined : availableOf(meminfo)) ?? freemem();
  const total = totalMemory();
  return { freeBytes: Math.min(free, total), totalBytes: total };
}

/** Bytes that this machine has, or that a container leaves to it. */
export function totalMemory(): number {
  return Math.min(totalmem(), containerLimit() ?? Infinity);
}

/** MemAvailable of /proc/meminfo, bytes: what can be had without swapping. */
export function availableOf(meminfo: string): number | undefined {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Memory that a container allows its processes; newer Node alone knows. */
function containerLimit(): number | undefined {
  const limit = (process as { constrainedMemory?: () => number | undefined }).constrainedMemory?.();
  return limit === undefined || limit === 0 || limit > totalmem() ? undefined : limit;
}

function graphicsMemory(): Promise<FreeMemory> {
  return new Promise((resolve) => {
    execFile(
      graphicsTool(),
      ['--query-gpu=memory.free,memory.total', '--format=csv,noheader,nounits'],
      { timeout: driverMs },
      (error, stdout) => resolve(error === null ? driverMemory(stdout) : {}),
    );
  });
}

/** The first processor that NVIDIA's tool lists: "free, total" in MiB. */
export function driverMemory(csv: string): FreeMemory {
  const [free, total] = (csv.split('\n')[0] ?? '').split(',').map((part) => Number(part.trim()) * 1024 ** 2);
  if (free === undefined || total === undefined || !(free >= 0) || !(total > 0)) return {};
  return { freeBytes: free, totalBytes: total };
}
