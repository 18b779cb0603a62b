/** Where runs compute side by side: the processor, and each graphics processor of this machine. */
import * as v from 'valibot';

/** cpu: the processor; gpu0, gpu1 …: graphics processors by the number their driver gives them. */
export type LaneId = 'cpu' | `gpu${number}`;
export const laneIdSchema = v.custom<LaneId>(
  (value) => typeof value === 'string' && /^(cpu|gpu(0|[1-9]\d{0,2}))$/.test(value),
  'cpu, or gpu with its number: gpu0, gpu1',
);

/** The number of a graphics processor; undefined for the processor. */
export function graphicsIndex(lane: LaneId): number | undefined {
  return lane === 'cpu' ? undefined : Number(lane.slice(3));
}

export const graphicsLane = (index: number): LaneId => `gpu${index}`;

/** Runs at once. A graphics processor may be left to others. */
const slotsSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(16));
const bytesSchema = v.pipe(v.number(), v.gtValue(0), v.finite());

/** What a person set for a lane; the slots of the processor are `concurrency`. */
const laneSettingSchema = v.object({
  slots: v.optional(slotsSchema),
  /** For all its runs together; absent: all that the device has. */
  memoryBytes: v.optional(bytesSchema),
});
export const laneSettingsSchema = v.record(laneIdSchema, laneSettingSchema);

/** A change of one lane; 0 bytes takes the person's own budget away. */
export const laneChangeSchema = v.object({
  lane: laneIdSchema,
  slots: v.optional(slotsSchema),
  memoryBytes: v.optional(v.pipe(v.number(), v.minValue(0), v.finite())),
});

export type LaneChange = v.InferOutput<typeof laneChangeSchema>;

export const laneSchema = v.object({
  id: laneIdSchema,
  /** As its driver names it; "Processor" has none. */
  name: v.optional(v.string()),
  slots: v.number(),
  running: v.number(),
  /** What runs on it may take together, and whether a person said so; absent where the machine does not say what it has. */
  budgetBytes: v.optional(v.number()),
  isOwnBudget: v.boolean(),
  /** What the runs at work are expected to take at their peak, or hold where that is more. */
  takenBytes: v.number(),
});
export type Lane = v.InferOutput<typeof laneSchema>;

/** Why a waiting run has not started though its turn has come. */
export const waitSchema = v.variant('kind', [
  /** What it is expected to take at its peak does not fit beside the runs at work. */
  v.object({
    kind: v.literal('memory'),
    lane: laneIdSchema,
    needBytes: v.number(),
    freeBytes: v.number(),
    budgetBytes: v.number(),
  }),
  /** The lane is kept for the run before it, which waits for memory: the order of the queue holds. */
  v.object({ kind: v.literal('behind'), lane: laneIdSchema, run: v.string() }),
  /** Its lanes take no runs. */
  v.object({ kind: v.literal('closed'), lane: laneIdSchema }),
  /** It is pinned to a device that this machine does not have now. */
  v.object({ kind: v.literal('missing'), lane: laneIdSchema }),
]);
export type Wait = v.InferOutput<typeof waitSchema>;

/** Whether runs of a device can be bound to a lane: webgpu computes on the processor its driver offers, the wasm and cpu devices on none. */
export function mayPin(device: string, lane: LaneId): boolean {
  return lane === 'cpu' ? device !== 'webgpu' : device === 'tensorflow';
}
