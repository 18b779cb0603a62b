/** What can compute here and how fast, asked in worker processes: a library that crashes takes nobody with it. */
import * as v from 'valibot';
import { toProblem } from '#contract/problem.ts';
import { probeSchema } from '#contract/view.ts';
import type { Store } from '#store/store.ts';
import type { SettingsBox } from './settings.ts';
import type { Spawn } from './spawn.ts';
import { threadShare } from './threads.ts';
import { startTask, type TaskRun } from './worker-task.ts';

const answerSchema = v.object({ devices: v.array(probeSchema) });
export type Probe = v.InferOutput<typeof probeSchema>;

type DeviceName = Probe['id'];

export class Devices {
  readonly #store: Store;
  readonly #spawn: Spawn;
  readonly #settings: SettingsBox;
  readonly #version: string;
  readonly #running = new Set<TaskRun>();
  readonly #calibrations = new Map<DeviceName, Promise<void>>();

  constructor(store: Store, spawn: Spawn, settings: SettingsBox, version: string) {
    this.#store = store;
    this.#spawn = spawn;
    this.#settings = settings;
    this.#version = version;
  }

  async #run(task: Parameters<typeof startTask>[1]): Promise<unknown> {
    const run = startTask(this.#spawn, task);
    this.#running.add(run);
    try {
      return await run.result;
    } finally {
      this.#running.delete(run);
    }
  }

  get #library(): { libraryFolder?: string } {
    const { libraryFolder } = this.#settings.value;
    return libraryFolder === undefined ? {} : { libraryFolder };
  }

  /** Every device with its honest answer; where the question itself fails, that is the answer. */
  async probe(): Promise<Probe[]> {
    try {
      return v.parse(answerSchema, await this.#run({ kind: 'probe', ...this.#library })).devices;
    } catch (error) {
      const { message } = toProblem(error);
      return (['wasm', 'cpu', 'tensorflow', 'webgpu'] as const).map((id) => ({
        id,
        available: false,
        name: id,
        missing: `The probe failed: ${message}`,
      }));
    }
  }

  /** Measures the speed of a device once per program version; the store keeps it. Quietly gives up where the device cannot run. */
  calibrate(device: DeviceName): Promise<void> {
    let running = this.#calibrations.get(device);
    if (running === undefined) this.#calibrations.set(device, (running = this.#calibrate(device)));
    return running;
  }

  async #calibrate(device: DeviceName): Promise<void> {
    const known = this.#store.preferences.calibration(device)?.value;
    if (typeof known === 'object' && known !== null && 'version' in known && known.version === this.#version) return;
    try {
      // As a run would have it that asks for no threads in particular.
      const threads = device === 'tensorflow' ? 1 : threadShare(this.#settings.value.concurrency);
      const value = await this.#run({ kind: 'calibrate', device, threads, ...this.#library });
      this.#store.preferences.setCalibration({ device, measuredAt: Date.now(), value: { ...(value as object), version: this.#version } });
    } catch {
      // Then estimates wait for the first finished run, and say so.
    }
  }

  async close(): Promise<void> {
    const running = [...this.#running];
    for (const run of running) run.cancel();
    await Promise.allSettled(running.map((run) => run.result));
  }
}
