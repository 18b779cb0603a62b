/** The memory that runs need, beside what is free, before they start. */
import * as v from 'valibot';

export const memoryPlanSchema = v.object({
  /** ram: of this machine; gpu: of the graphics processor that computes. */
  place: v.picklist(['ram', 'gpu']),
  /** The run that needs most: bytes at its peak, with their range. */
  run: v.object({ bytes: v.number(), low: v.number(), high: v.number() }),
  /** Its model and dataset: "SIGER on Baby". */
  largest: v.string(),
  /** Where the figure comes from: "from 12 past runs", "from the model's size". */
  basis: v.string(),
  /** Runs side by side, and what the largest of them need together. */
  atOnce: v.number(),
  bytes: v.number(),
  /** Absent where the machine does not say. */
  freeBytes: v.optional(v.number()),
  totalBytes: v.optional(v.number()),
  /** tight: the upper end of the range does not fit. */
  verdict: v.picklist(['fits', 'tight', 'too-much', 'unknown']),
  /** What each source says of the largest run, where it says anything. */
  sources: v.object({
    /** Formula over the sizes of model and dataset. */
    size: v.number(),
    /** Past runs of the model on the dataset, and how many. */
    history: v.optional(v.object({ bytes: v.number(), runs: v.number() })),
    /** Two batches and an evaluation tried on this machine, and when. */
    probe: v.optional(v.object({ bytes: v.number(), at: v.number() })),
  }),
  /** What would make it fit, the mildest first. */
  fixes: v.array(v.object({ kind: v.picklist(['at-once', 'batch']), value: v.number() })),
});
export type MemoryPlan = v.InferOutput<typeof memoryPlanSchema>;

/** What a probe of two batches and an evaluation held at its peak. */
export const memoryTriedSchema = v.object({ peakMemoryBytes: v.number(), seconds: v.number() });
export type MemoryTried = v.InferOutput<typeof memoryTriedSchema>;

/** Trying the runs of a plan, one model on one dataset after the other. */
export const memoryProbeEventSchema = v.variant('type', [
  v.object({ type: v.literal('progress'), fraction: v.number(), text: v.string() }),
  v.object({
    type: v.literal('tried'),
    model: v.string(),
    dataset: v.string(),
    bytes: v.number(),
    /** What would have been said without it. */
    expected: v.optional(v.number()),
  }),
  /** One that could not be tried; the others go on. */
  v.object({ type: v.literal('failed'), model: v.string(), dataset: v.string(), message: v.string() }),
]);
export type MemoryProbeEvent = v.InferOutput<typeof memoryProbeEventSchema>;
