/**
 * Our kernels as this machine runs them fastest. V8 (13, x86-64) can pair neighbouring operations on vectors of four into one on
 * vectors of eight, behind a flag; products in tiles made for that run at twice the speed. Results are the same bit by bit: each
 * place of a vector is computed as before. Where a trial shows them no quicker (another processor, a V8 without it), the usual kernels
 * serve.
 */
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { jobGemm, packedSteps, threadScratch } from '../kernels/assembly/job-numbers.ts';
import { kernelBytes, wideKernelBytes } from './assets.ts';
import type { KernelExports } from './wasm-heap.ts';

export interface CompiledKernels {
  readonly module: WebAssembly.Module;
  /** Whether a product and its sum are rounded once. */
  readonly isFused: boolean;
  /** Whether vectors of eight are used. */
  readonly isWide: boolean;
}

export async function compiledKernels(): Promise<CompiledKernels> {
  const wide = canPair() ? await wideKernelBytes() : undefined;
  const module = wide === undefined ? undefined : wideModule(wide);
  if (module !== undefined) return { module, isFused: true, isWide: true };
  const { bytes, isFused } = await kernelBytes();
  return { module: await WebAssembly.compile(bytes), isFused, isWide: false };
}

/** The kernels on vectors of eight; undefined where they bring nothing, or this V8 refuses them: the usual ones do the same. */
export function wideModule(bytes: Uint8Array<ArrayBuffer>, compile = pairedModule): WebAssembly.Module | undefined {
  try {
    const module = compile(bytes);
    return isQuickerAndTheSame(module) ? module : undefined;
  } catch {
    return undefined;
  }
}

/**
 * V8 13 and later know the flag, on x86-64. Not in Electron: a V8 whose flags are frozen, as Chromium's are, ends the process that sets
 * one, and no Electron of today could be had to see whether its utility processes may.
 */
function canPair(): boolean {
  return process.arch === 'x64' && process.versions['electron'] === undefined && Number.parseInt(process.versions.v8, 10) >= 13;
}

/**
 * The flags hold for this one compilation, which is whole when it returns: functions compiled later, of other modules, are as ever.
 * At once and not when first called, for the flags are read when a function is compiled.
 */
export function pairedModule(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const flags = ['experimental-wasm-revectorize', 'no-liftoff', 'no-wasm-lazy-compilation'];
  try {
    for (const flag of flags) setFlagsFromString(`--${flag}`);
    return new WebAssembly.Module(bytes);
  } finally {
    for (const flag of flags) setFlagsFromString(flag.startsWith('no-') ? `--${flag.slice(3)}` : `--no-${flag}`);
  }
}

const rows = 64;
const pageBytes = 65_536;
const argumentsAt = 320;
const control = 1024;
const scratch = control + 1024;
const left = scratch + threadScratch;
const right = left + rows * packedSteps * 4;
const product = right + 16 * packedSteps * 4;
const end = product + rows * 16 * 4;

/**
 * Whether a product of 16 columns takes less time in the wide tile than in two of the usual one, and comes out the same: about a
 * millisecond to find out.
 */
function isQuickerAndTheSame(module: WebAssembly.Module): boolean {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / pageBytes), maximum: Math.ceil(end / pageBytes), shared: true });
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
  const argumentsOf = new Float64Array(memory.buffer, control + argumentsAt, 24);
  for (const at of [left, right]) {
    const operand = new Float32Array(memory.buffer, at, (at === left ? rows : 16) * packedSteps);
    operand.forEach((_, place) => (operand[place] = ((place * 7919) % 1000) / 1000 - 0.5));
  }
  const firstColumns = (columns: number): string => {
    const found = new Int32Array(memory.buffer, product, rows * columns);
    return found.filter((_, place) => place % columns < 8).join();
  };
  const time = (columns: number): number => {
    argumentsOf.set([rows, rows, 1, packedSteps, left, packedSteps * 4, 4, right, columns, packedSteps, product, 0, 0]);
    const started = performance.now();
    for (let r = 0; r < 8 * (16 / columns); r++) kernels.alone(control, jobGemm, 1, scratch);
    return performance.now() - started;
  };
  let [wide, narrow, isSame] = [Infinity, Infinity, true];
  // The quickest of several: what else the machine does only ever adds.
  for (let round = 0; round < 8; round++) {
    wide = Math.min(wide, time(16));
    const found = round === 0 ? firstColumns(16) : '';
    narrow = Math.min(narrow, time(8));
    isSame &&= round > 0 || found === firstColumns(8);
  }
  return isSame && wide < narrow;
}
