/** Where runs compute: the processor, or one of the graphics processors. Which of them a run may use, how many at once, and with how much memory. */
import { graphicsIndex, graphicsLane, type LaneId } from '#contract/lane.ts';
import type { Provenance, RunConfig } from '#contract/run.ts';
import type { Settings } from '#contract/view.ts';
import type { GraphicsDevice } from './graphics-list.ts';

/** Whether a run computes on a graphics processor: what it said when it began, before that what its device is for. */
export function isOnGraphics({ device }: Pick<RunConfig, 'device'>, provenance?: Pick<Provenance, 'device'>): boolean {
  if (device === 'tensorflow') return provenance !== undefined && namesGraphics(provenance.device);
  return device === 'webgpu';
}

/** "TensorFlow 2.20.0 (GPU, CUDA 12.5.1), 1 thread". */
export function namesGraphics(name: string): boolean {
  return /\(GPU\b/.test(name);
}

/** What of a run decides where it may compute. */
export interface Bound {
  readonly device: string;
  readonly pin?: LaneId | undefined;
}

export interface LanesOptions {
  readonly settings: () => Settings;
  /** Of the driver, by their numbers. */
  readonly devices: () => readonly GraphicsDevice[];
  /** Whether the driver was asked. */
  readonly isKnown: () => boolean;
  /** Whether the TensorFlow of this machine uses a graphics processor; undefined where it was never asked. */
  readonly tensorflowHasGraphics: () => boolean | undefined;
  readonly totalBytes: () => number;
}

export class Lanes {
  readonly #options: LanesOptions;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** The processor, then graphics processors by their numbers. */
  get ids(): LaneId[] {
    return ['cpu', ...this.#options.devices().map(({ index }) => graphicsLane(index))];
  }

  /** Lanes a run may use; undefined while it depends on what the driver has not told yet. */
  of({ device, pin }: Bound): readonly LaneId[] | undefined {
    if (pin !== undefined) return pin === 'cpu' || this.#options.isKnown() ? [pin] : undefined;
    if (device !== 'webgpu' && device !== 'tensorflow') return ['cpu'];
    if (!this.#options.isKnown()) return undefined;
    const listed = this.ids.slice(1);
    // A driver that no tool lists is one processor for all we know.
    const first = listed[0] ?? graphicsLane(0);
    if (device === 'webgpu') return [first];
    const has = this.#options.tensorflowHasGraphics();
    if (has === false) return ['cpu'];
    return listed.length > 0 ? listed : has === true ? [first] : ['cpu'];
  }

  /** As the driver names it. */
  name(lane: LaneId): string | undefined {
    return this.#device(lane)?.name;
  }

  slots(lane: LaneId): number {
    const { concurrency, lanes } = this.#options.settings();
    return lane === 'cpu' ? concurrency : (lanes[lane]?.slots ?? 1);
  }

  /** Bytes that its runs may take together: what a person allows, else all that the device has; undefined where nobody knows. */
  budget(lane: LaneId): { readonly bytes: number | undefined; readonly isOwn: boolean } {
    const own = this.#options.settings().lanes[lane]?.memoryBytes;
    if (own !== undefined) return { bytes: own, isOwn: true };
    return { bytes: lane === 'cpu' ? this.#options.totalBytes() : this.#device(lane)?.totalBytes, isOwn: false };
  }

  /** How many runs alike can be at work at once; at least one, so that plans have a time. */
  places(run: Bound): number {
    const lanes = this.of(run) ?? [];
    return Math.max(
      1,
      lanes.reduce((sum, lane) => sum + this.slots(lane), 0),
    );
  }

  /**
   * What a run's process is told of graphics processors: the driver's number, −1 where it is bound to the processor, undefined where the
   * machine decides by itself.
   */
  graphicsFor({ device, pin }: Bound, lane: LaneId): number | undefined {
    if (device !== 'tensorflow') return undefined;
    if (pin === 'cpu') return -1;
    return this.#device(lane) === undefined ? undefined : graphicsIndex(lane);
  }

  #device(lane: LaneId): GraphicsDevice | undefined {
    return this.#options.devices().find(({ index }) => index === graphicsIndex(lane));
  }
}
