/** The speeds of this machine as the store keeps them: what was measured of which device, and the device that follows from it. */
import { cpus } from 'node:os';
import * as v from 'valibot';
import type { RunConfig } from '#contract/run.ts';
import { offered, type Speed } from '#contract/speed.ts';
import { calibrationSchema, type Calibration } from '#contract/task.ts';
import type { Settings } from '#contract/view.ts';
import type { Store } from '#store/store.ts';
import type { Machine } from './machine.ts';
import { machineThreads, oneThread, tensorflowThreads, threadShare } from './threads.ts';

export type DeviceName = RunConfig['device'];

/** A device with a number of threads. */
export interface Way {
  readonly device: DeviceName;
  readonly threads: number;
}

const missingSchema = v.object({ missing: v.string(), version: v.optional(v.string()), remedy: v.optional(v.string()) });
export type Missing = v.InferOutput<typeof missingSchema>;
const outcomeSchema = v.union([calibrationSchema, missingSchema]);
export type Outcome = v.InferOutput<typeof outcomeSchema>;

interface Kept extends Way {
  readonly at: number;
  readonly outcome: Outcome;
}

export class SpeedBook {
  readonly machine: Machine;
  readonly #store: Store;
  readonly #concurrency: () => number;
  readonly #cores: number;
  /** All that the machine has, where this process may use fewer: TensorFlow's threads follow them. */
  readonly #processors: number;
  #kept: readonly Kept[] | undefined;

  constructor(store: Store, machine: Machine, concurrency: () => number, cores?: number) {
    this.machine = machine;
    this.#store = store;
    this.#concurrency = concurrency;
    this.#cores = cores ?? machineThreads();
    this.#processors = cores ?? cpus().length;
  }

  /** Threads of a run that asks for no number, as the worker gives them. */
  usual(device: DeviceName): number {
    if (oneThread.has(device)) return 1;
    // Its sums may depend on them, so that no share of the machine decides.
    if (device === 'tensorflow') return tensorflowThreads(this.#processors);
    return threadShare(this.#concurrency(), this.#cores);
  }

  /** What there is to measure, what new runs get first. */
  ways(): Way[] {
    const share = threadShare(this.#concurrency(), this.#cores);
    const counts = (device: DeviceName) => (oneThread.has(device) ? [1] : [...new Set([this.usual(device), 1, share])]);
    return (['wasm', 'tensorflow', 'webgpu', 'cpu'] as const).flatMap((device) => counts(device).map((threads) => ({ device, threads })));
  }

  #all(): readonly Kept[] {
    this.#kept ??= this.#store.preferences.calibrations(this.machine.id).flatMap(({ device, threads, measuredAt, value }) => {
      const outcome = v.safeParse(outcomeSchema, value);
      return outcome.success ? [{ device: device as DeviceName, threads, at: measuredAt, outcome: outcome.output }] : [];
    });
    return this.#kept;
  }

  /** What is known of a way; undefined where it was not tried yet. */
  outcome({ device, threads }: Way): Outcome | undefined {
    return this.#all().find((kept) => kept.device === device && kept.threads === threads)?.outcome;
  }

  /** Whether anything of a device was tried, measured or missing. */
  isTried(device: DeviceName): boolean {
    return this.#all().some((kept) => kept.device === device);
  }

  /** Whether a device was tried as runs get it and failed. */
  isMissing(device: DeviceName): boolean {
    const outcome = this.outcome({ device, threads: this.usual(device) });
    return outcome !== undefined && !isMeasured(outcome);
  }

  keep(way: Way, outcome: Outcome, at: number): void {
    this.#store.preferences.setCalibration({ machine: this.machine.id, ...way, measuredAt: at, value: outcome });
    this.#kept = undefined;
  }

  forget(device?: DeviceName): void {
    this.#store.preferences.forgetCalibrations(this.machine.id, device);
    this.#kept = undefined;
  }

  /** The measurement nearest to `threads` on a device; 0, a run that asks for none, is the usual number. */
  calibration(device: DeviceName, threads = 0): Calibration | undefined {
    const asked = threads > 0 ? threads : this.usual(device);
    const found = this.#all().flatMap((kept) => (kept.device === device && isMeasured(kept.outcome) ? [kept.outcome] : []));
    return found.sort((a, b) => Math.abs(a.threads - asked) - Math.abs(b.threads - asked))[0];
  }

  /** Every device with the threads it may have, measured or not; milliseconds of a training step. */
  rows(): Speed[] {
    // A device that is not there is told once, whatever threads it might have had.
    const ways = this.ways().filter((way) => way.threads === this.usual(way.device) || !this.isMissing(way.device));
    return ways.map((way) => {
      const row = { ...way, isUsual: way.threads === this.usual(way.device) };
      const kept = this.#all().find(({ device, threads }) => device === way.device && threads === way.threads);
      if (kept === undefined) return row;
      if (!isMeasured(kept.outcome)) {
        const { missing, remedy } = kept.outcome;
        return { ...row, missing, ...(remedy === undefined ? {} : { remedy }) };
      }
      const { name, version, compile, secondsPerStep, secondsPerMultimodalStep } = kept.outcome;
      const lightgcnMs = secondsPerStep * 1000;
      return { ...row, measured: { at: kept.at, name, version, compile, lightgcnMs, mgcnMs: secondsPerMultimodalStep * 1000 } };
    });
  }

  /** The device of new experiments: the person's, else the fastest measured (see offered), else wasm, which runs everywhere. */
  device(wanted: Settings['device']): { readonly device: DeviceName; readonly because: 'chosen' | 'fastest' | 'unmeasured' } {
    if (wanted !== 'fastest') return { device: wanted, because: 'chosen' };
    const first = offered(this.rows());
    return first === undefined ? { device: 'wasm', because: 'unmeasured' } : { device: first.device, because: 'fastest' };
  }
}

export function isMeasured(outcome: Outcome): outcome is Calibration {
  return 'secondsPerStep' in outcome;
}
