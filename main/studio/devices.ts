/** What can compute here and how fast, asked in worker processes: a library that crashes takes nobody with it. */
import * as v from 'valibot';
import type { Speeds } from '#contract/speed.ts';
import { toProblem } from '#contract/problem.ts';
import { probeSchema } from '#contract/view.ts';
import type { Hub } from './hub.ts';
import type { Jobs } from './jobs.ts';
import { Measuring } from './measuring.ts';
import type { SettingsBox } from './settings.ts';
import type { Spawn } from './spawn.ts';
import { isMeasured, type DeviceName, type SpeedBook } from './speeds.ts';
import type { RunNews } from './supervisor.ts';
import { startTask, type TaskRun } from './worker-task.ts';

const answerSchema = v.object({ devices: v.array(probeSchema) });
export type Probe = v.InferOutput<typeof probeSchema>;

export interface DevicesOptions {
  readonly spawn: Spawn;
  readonly settings: SettingsBox;
  readonly speeds: SpeedBook;
  readonly jobs: Jobs;
  readonly hub: Hub<RunNews>;
  /** A run is at work. */
  readonly isRunning: () => boolean;
}

export class Devices {
  readonly #options: DevicesOptions;
  readonly #running = new Set<TaskRun>();
  readonly #measuring: Measuring;
  /** Versions by device, as the last probe told them. */
  readonly #probed = new Map<DeviceName, string | undefined>();
  readonly #leave: () => void;
  /** Measures by itself what is missing or has changed; else only what an estimate needs, and what is asked for. */
  #isAutomatic = false;

  constructor(options: DevicesOptions) {
    this.#options = options;
    const { hub, jobs, speeds, isRunning } = options;
    this.#measuring = new Measuring({
      speeds,
      jobs,
      isRunning,
      start: (way, onProgress) =>
        startTask(options.spawn, { kind: 'calibrate', ...way, ...this.#library }, (value) => {
          if (typeof value === 'number') onProgress(value);
        }),
      version: (device) => this.#probed.get(device),
      onChange: () => hub.tell('speeds'),
      now: () => Date.now(),
      after: (milliseconds, work) => {
        const timer = setTimeout(work, milliseconds);
        return () => clearTimeout(timer);
      },
    });
    const notice = () => this.#measuring.noticed();
    this.#leave = hub.subscribeAll(['queue', 'status'], notice);
  }

  get #library(): { libraryFolder?: string } {
    const { libraryFolder } = this.#options.settings.value;
    return libraryFolder === undefined ? {} : { libraryFolder };
  }

  /** Every device with its honest answer; where the question itself fails, that is the answer. */
  async probe(): Promise<Probe[]> {
    const run = startTask(this.#options.spawn, { kind: 'probe', ...this.#library });
    this.#running.add(run);
    try {
      const { devices } = v.parse(answerSchema, await run.result);
      this.#compare(devices);
      return devices;
    } catch (error) {
      const { message } = toProblem(error);
      return (['wasm', 'cpu', 'tensorflow', 'webgpu'] as const).map((id) => ({
        id,
        available: false,
        name: id,
        missing: `The probe failed: ${message}`,
      }));
    } finally {
      this.#running.delete(run);
    }
  }

  /** What a probe found is not what was measured: a library was installed, renewed or removed. Its figures go. */
  #compare(probes: readonly Probe[]): void {
    const { speeds } = this.#options;
    for (const { id, available, version } of probes) {
      this.#probed.set(id, version);
      const known = speeds.outcome({ device: id, threads: speeds.usual(id) });
      if (known === undefined) continue;
      const isOther = isMeasured(known) ? !available || known.version !== version : available && known.version !== version;
      if (isOther) speeds.forget(id);
    }
    if (this.#isAutomatic) this.#measuring.missing();
    else this.#options.hub.tell('speeds');
  }

  /** From now on what was never measured on this machine is, in the background. */
  measureByItself(): void {
    this.#isAutomatic = true;
    this.#measuring.begin();
  }

  /** Settings have changed: other threads, another library. */
  settingsChanged(isOtherLibrary: boolean): void {
    if (isOtherLibrary) this.#options.speeds.forget('tensorflow');
    if (this.#isAutomatic) this.#measuring.missing();
    this.#options.hub.tell('speeds');
  }

  measureAgain(): void {
    this.#measuring.again();
  }

  cancelMeasuring(): void {
    this.#measuring.cancel();
  }

  /** Resolves when an estimate on this device can be made, or when it cannot be measured now. */
  need(device: DeviceName): Promise<void> {
    return this.#measuring.need(device);
  }

  /** Speeds as they are known, how far measuring is (0 to 1), and the device of new experiments. */
  view(): Speeds {
    const { speeds, settings } = this.#options;
    return {
      machine: speeds.machine.words,
      state: this.#measuring.state,
      fraction: this.#measuring.fraction,
      rows: speeds.rows(),
      ...speeds.device(settings.value.device),
    };
  }

  async close(): Promise<void> {
    this.#leave();
    const running = [...this.#running];
    for (const run of running) run.cancel();
    await Promise.allSettled([this.#measuring.close(), ...running.map((run) => run.result)]);
  }
}
