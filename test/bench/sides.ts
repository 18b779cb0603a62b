import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { spread } from './statistics.ts';
import type { Calibration } from './statistics.ts';
import { Side } from './side.ts';
import type { BenchDevice, Work } from './works.ts';

/** What is opened for the rows of one call. */
export interface Bench {
  readonly device: BenchDevice;
  readonly rounds: number;
  /** The python of the peer's environment, where there is one. */
  readonly python: string | undefined;
  /** Why there is no peer although one was asked for; else ''. */
  readonly peerNote: string;
  /** TensorFlow's Python environment for our tensorflow device, where there is one. */
  readonly tensorflow: string | undefined;
  readonly say: (text: string) => void;
}

const script = (name: string) => join(import.meta.dirname, name);

/** With `cores` on these alone (Linux). */
export function ownSide(bench: Bench, work: Work, folder: string, threads: number, cores?: readonly number[]): Side {
  const command = [process.execPath, script('own-side.ts'), JSON.stringify(work), folder, bench.device, String(threads)];
  const [program, ...args] = cores === undefined ? command : ['taskset', '-c', cores.join(','), ...command];
  return new Side(program!, args, bench.tensorflow === undefined ? {} : { AVOCET_TENSORFLOW: bench.tensorflow });
}

export function peerSide(python: string, folder: string, threads: number): Side {
  // Also for the libraries that read it before PyTorch is told.
  return new Side(python, [script('pytorch/peer.py'), folder, String(threads)], {
    OMP_NUM_THREADS: String(threads),
    PYTHONDONTWRITEBYTECODE: '1',
  });
}

/** Writes a row's data into a folder of its own, hands it on, and removes it. */
export async function withData<T>(work: Work, use: (folder: string) => Promise<T>): Promise<T> {
  return await withFolder(async (folder) => {
    const writer = new Side(process.execPath, [script('prepare.ts'), JSON.stringify(work), folder]);
    await writer.finished();
    return await use(folder);
  });
}

const folders = new Set<string>();

/** A temporary folder for as long as `use` takes. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'avocet-bench-'));
  folders.add(folder);
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    folders.delete(folder);
  }
}

/** Folders that an interrupted row left. */
export function leftFolders(): readonly string[] {
  return [...folders];
}

/** Times the fixed work of each side before and after `measure`. */
export async function calibrated<T>(
  sides: Readonly<Record<string, Side>>,
  measure: () => Promise<T>,
): Promise<{ result: T; calibrations: Record<string, Calibration> }> {
  const time = async () => {
    const found: Record<string, number> = {};
    // The quicker quarter: single pauses by the system are no drift.
    for (const [name, side] of Object.entries(sides)) found[name] = spread((await side.ask('calibrate')).ms!).low;
    return found;
  };
  const before = await time();
  const result = await measure();
  const after = await time();
  const calibrations = Object.fromEntries(Object.keys(sides).map((name) => [name, { before: before[name]!, after: after[name]! }]));
  return { result, calibrations };
}
