/** How fast this machine computes, by device: what was measured, what follows for new experiments, and the words for both. */
import * as v from 'valibot';
import { deviceIdSchema } from './run.ts';

/** One way to compute on this machine: what the fixed steps take there, or why that is not known. */
const speedSchema = v.object({
  device: deviceIdSchema,
  threads: v.number(),
  /** What a run gets that asks for no number of threads. */
  isUsual: v.boolean(),
  measured: v.optional(
    v.object({
      at: v.number(),
      /** What computes, in its own words. */
      name: v.string(),
      version: v.string(),
      /** "compiled", or "eager: …" with the reason. */
      compile: v.string(),
      /** Medians, milliseconds. */
      lightgcnMs: v.number(),
      mgcnMs: v.number(),
    }),
  ),
  /** Why there is no measurement: what was looked for and not found, or what went wrong. */
  missing: v.optional(v.string()),
  remedy: v.optional(v.string()),
});
export type Speed = v.InferOutput<typeof speedSchema>;

export const speedsSchema = v.object({
  /** Processor, cores, memory, graphics: what the figures are of. */
  machine: v.string(),
  /** waiting: something is to be measured, as soon as no run, import or drawing is at work. */
  state: v.picklist(['idle', 'waiting', 'measuring']),
  /** Of what is being measured, 0 to 1. */
  fraction: v.number(),
  rows: v.array(speedSchema),
  /** What new experiments start with. */
  device: deviceIdSchema,
  /** chosen: by the person, in Settings; fastest: by these figures; unmeasured: the default, until there are figures. */
  because: v.picklist(['chosen', 'fastest', 'unmeasured']),
});
export type Speeds = v.InferOutput<typeof speedsSchema>;

/** What decides: one step of each of the two models, milliseconds. */
export function bothSteps(speed: Speed): number | undefined {
  return speed.measured === undefined ? undefined : speed.measured.lightgcnMs + speed.measured.mgcnMs;
}

/** Measured rows as runs get them by default, the fastest first. */
export function ranked(rows: readonly Speed[]): Speed[] {
  return rows.filter((row) => row.isUsual && row.measured !== undefined).sort((a, b) => bothSteps(a)! - bothSteps(b)!);
}

/** How much of its time another device must save before it takes wasm's place: less than that differs between two measurements. */
const worthwhile = 0.1;

/**
 * What new experiments are offered: the fastest measured row, or wasm's where that is within a tenth of it, which gives the same bits on
 * any number of threads and leaves room for a second run.
 */
export function offered(rows: readonly Speed[]): Speed | undefined {
  const order = ranked(rows);
  const wasm = order.find(({ device }) => device === 'wasm');
  const [first] = order;
  if (first === undefined || wasm === undefined) return first;
  return bothSteps(first)! < (1 - worthwhile) * bothSteps(wasm)! ? first : wasm;
}

/** 3.24 → "3.2 ms"; three figures at most. */
export function milliseconds(value: number): string {
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`;
}

/** Why new experiments start with the device they do, as a sentence. */
export function reasonOf({ rows, device, because }: Pick<Speeds, 'rows' | 'device' | 'because'>): string {
  const [first, second] = ranked(rows);
  const own = rows.find((row) => row.isUsual && row.device === device);
  if (because === 'unmeasured') return `${device} until this machine is measured.`;
  if (because === 'fastest') {
    const ms = milliseconds(bothSteps(own ?? first!)!);
    if (first!.device !== device) {
      return `${ms} for both steps; ${first!.device} with ${milliseconds(bothSteps(first!)!)} is less than a tenth quicker, which a second measurement may turn round.`;
    }
    if (second === undefined) return `${device} is the only device measured here: ${ms} for both steps.`;
    return `Fastest here: ${ms} for both steps against ${milliseconds(bothSteps(second)!)} on ${second.device}.`;
  }
  const mine = own === undefined ? undefined : bothSteps(own);
  if (first === undefined || mine === undefined) return `Chosen in Settings.`;
  if (first.device === device) return `Chosen in Settings, and the fastest here: ${milliseconds(mine)} for both steps.`;
  return `Chosen in Settings: ${milliseconds(mine)} for both steps; the fastest here is ${first.device} with ${milliseconds(bothSteps(first)!)}.`;
}

/** What the figures mean, for whoever reads one. */
export const speedWords = {
  work: 'Measured on a drawn dataset of 2,000 users, 1,000 items and 40,000 interactions with two modalities of 128 numbers, batches of 2,048, width 64.',
  lightgcn: 'Median time of one LightGCN training step with three layers: loss, gradients and Adam. Less is better.',
  mgcn: 'Median time of one MGCN training step over both modalities: loss, gradients and Adam. Less is better.',
  relative: 'Both steps together as a multiple of the fastest row. 1.0 is the fastest.',
  threads: 'Threads that computed. Runs that ask for none in particular get the number marked as usual.',
  compile: 'compiled: a step is recorded once and replayed. eager: operation by operation, with the reason.',
} as const;
