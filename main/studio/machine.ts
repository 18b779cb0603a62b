/** What of this machine decides how fast it computes; figures measured on another one, or before it changed, are not its own. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { bytes } from '#contract/amounts.ts';
import { machineThreads } from './threads.ts';

export interface Machine {
  /** Names it together with the versions that compute on it. */
  readonly id: string;
  /** For people: "AMD EPYC 7763, 4 cores, 17.2 GB, no graphics processor seen". */
  readonly words: string;
}

export interface MachineFacts {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Graphics processors the system lists; undefined where it is not asked. */
  readonly graphics: readonly string[] | undefined;
  readonly platform: string;
  /** Avocet's and Node's. */
  readonly versions: readonly string[];
}

/** Its id changes with any of the facts; measured speeds belong to it. */
export function machineOf({ processor, cores, memoryBytes, graphics, platform, versions }: MachineFacts): Machine {
  // What a system lists differs by some pages from start to start: whole gibibytes tell machines apart.
  const memory = `${Math.round(memoryBytes / 1024 ** 3)} GB`;
  const seen = graphics === undefined ? [] : [graphics.length === 0 ? 'no graphics processor seen' : graphics.join(', ')];
  const counted = `${cores} ${cores === 1 ? 'core' : 'cores'}`;
  const facts = [processor, counted, memory, ...seen, platform, ...versions];
  return {
    id: createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16),
    words: [processor, counted, bytes(memoryBytes), ...seen].join(', '),
  };
}

export function thisMachine(codeVersion: string): Machine {
  return machineOf({
    processor: cpus()[0]?.model.trim().replace(/\s+/g, ' ') ?? 'unknown processor',
    cores: machineThreads(),
    memoryBytes: totalmem(),
    graphics: process.platform === 'linux' ? linuxGraphics('/') : undefined,
    platform: `${process.platform} ${process.arch}`,
    versions: [codeVersion, process.version],
  });
}

/** NVIDIA's driver names its processors; of others the kernel knows vendor and device numbers. `root` is / but in tests. */
function linuxGraphics(root: string): string[] {
  const nvidia = entries(`${root}proc/driver/nvidia/gpus`).flatMap((name) => {
    const model = /^Model:\s*(.+)$/m.exec(text(`${root}proc/driver/nvidia/gpus/${name}/information`))?.[1];
    return model === undefined ? [] : [model.trim()];
  });
  if (nvidia.length > 0) return nvidia;
  return entries(`${root}sys/class/drm`)
    .filter((name) => /^card\d+$/.test(name))
    .flatMap((name) => {
      const [vendor, device] = ['vendor', 'device'].map((part) => text(`${root}sys/class/drm/${name}/device/${part}`).trim());
      return vendor === '' || device === '' ? [] : [`graphics ${vendor}:${device}`];
    });
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
