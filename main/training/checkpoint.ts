import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { trainingEventSchema } from '#contract/task.ts';
import type { TrainingEvent } from '#contract/task.ts';
import type { AdamState } from '#engine/ops/adam.ts';
import { stoppingStateSchema } from './early-stopping.ts';
import { readSealed, writeSealed } from './sealed-file.ts';

/**
 * The state of one stage between two epochs: everything that the next epoch depends on. Two files are kept: `last` alternates
 * between two slots, so that one whole file exists even if the disk loses the newer, and `best` holds the parameters of the best
 * epoch alone.
 */
const headSchema = v.object({
  format: v.literal(1),
  /** Hash of all that the numbers depend on; a checkpoint of another configuration is never taken up. */
  identity: v.string(),
  codeVersion: v.string(),
  stage: v.string(),
  epoch: v.number(),
  stopping: stoppingStateSchema,
  adamStep: v.number(),
  streams: v.record(v.string(), v.array(v.number())),
  history: v.array(trainingEventSchema),
});

export type EpochRecord = Extract<TrainingEvent, { type: 'epochFinished' }>;

export interface StageState {
  readonly identity: string;
  readonly codeVersion: string;
  readonly stage: string;
  /** Epochs done. */
  readonly epoch: number;
  readonly stopping: v.InferOutput<typeof stoppingStateSchema>;
  readonly streams: Readonly<Record<string, readonly number[]>>;
  readonly history: readonly EpochRecord[];
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly adam: AdamState;
}

const slots = ['checkpoint-last-0.bin', 'checkpoint-last-1.bin'] as const;
const bestFile = 'checkpoint-best.bin';

const bestHeadSchema = v.object({
  format: v.literal(1),
  identity: v.string(),
  codeVersion: v.string(),
  stage: v.string(),
  epoch: v.number(),
});

export interface BestState {
  readonly identity: string;
  readonly codeVersion: string;
  readonly stage: string;
  readonly epoch: number;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

/** The checkpoints of one stage in a folder of its own. */
export class CheckpointFolder {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get bestPath(): string {
    return join(this.folder, bestFile);
  }

  lastPath(epoch: number): string {
    return join(this.folder, slots[epoch % 2]!);
  }

  /** Makes the folder and removes what a killed process left half-written. */
  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const name of await readdir(this.folder)) {
      if (name.startsWith('.checkpoint-') && name.endsWith('.tmp')) await rm(join(this.folder, name), { force: true });
    }
  }

  /** Returns the size in bytes. */
  async writeLast(state: StageState): Promise<number> {
    const arrays = new Map<string, Float32Array>();
    for (const [name, values] of state.parameters) arrays.set(`parameter/${name}`, values);
    for (const [name, moments] of Object.entries(state.adam.moments)) {
      arrays.set(`adam-first/${name}`, moments.first);
      arrays.set(`adam-second/${name}`, moments.second);
    }
    const head: v.InferInput<typeof headSchema> = {
      format: 1,
      identity: state.identity,
      codeVersion: state.codeVersion,
      stage: state.stage,
      epoch: state.epoch,
      stopping: state.stopping,
      adamStep: state.adam.step,
      streams: Object.fromEntries(Object.entries(state.streams).map(([name, values]) => [name, [...values]])),
      history: [...state.history],
    };
    return await writeSealed(this.lastPath(state.epoch), { head, arrays });
  }

  /** The newest whole checkpoint, if any. */
  async readLast(): Promise<StageState | undefined> {
    const states = await Promise.all(slots.map(async (slot) => await readStage(join(this.folder, slot))));
    let newest: StageState | undefined;
    for (const state of states) if (state !== undefined && (newest === undefined || state.epoch > newest.epoch)) newest = state;
    return newest;
  }

  async writeBest(state: BestState): Promise<number> {
    const { parameters, ...rest } = state;
    const head: v.InferInput<typeof bestHeadSchema> = { format: 1, ...rest };
    return await writeSealed(this.bestPath, { head, arrays: parameters });
  }

  async readBest(): Promise<BestState | undefined> {
    const sealed = await readSealed(this.bestPath);
    const head = v.safeParse(bestHeadSchema, sealed?.head);
    if (sealed === undefined || !head.success) return undefined;
    const { identity, codeVersion, stage, epoch } = head.output;
    return { identity, codeVersion, stage, epoch, parameters: sealed.arrays };
  }

  /** Removes the `last` files; the best stays. */
  async forgetLast(): Promise<void> {
    for (const slot of slots) await rm(join(this.folder, slot), { force: true });
  }

  /** Removes the `last` file of the epoch before; the one after `epoch` epochs and the best stay. */
  async forgetOlder(epoch: number): Promise<void> {
    await rm(this.lastPath(epoch + 1), { force: true });
  }

  async forgetAll(): Promise<void> {
    await this.forgetLast();
    await rm(this.bestPath, { force: true });
  }
}

async function readStage(file: string): Promise<StageState | undefined> {
  const sealed = await readSealed(file);
  const head = v.safeParse(headSchema, sealed?.head);
  if (sealed === undefined || !head.success) return undefined;
  const { identity, codeVersion, stage, epoch, stopping, streams, history, adamStep } = head.output;
  const parameters = new Map<string, Float32Array>();
  const moments: Record<string, { first: Float32Array; second: Float32Array }> = {};
  for (const [key, values] of sealed.arrays) {
    const name = key.slice(key.indexOf('/') + 1);
    if (key.startsWith('parameter/')) parameters.set(name, values);
    if (!key.startsWith('adam-first/')) continue;
    moments[name] = { first: values, second: sealed.arrays.get(`adam-second/${name}`) ?? new Float32Array(values.length) };
  }
  const epochs = history.filter((event): event is EpochRecord => event.type === 'epochFinished');
  return { identity, codeVersion, stage, epoch, stopping, streams, history: epochs, parameters, adam: { step: adamStep, moments } };
}
