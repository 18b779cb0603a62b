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
  /** What would make it fit, the mildest first. */
  fixes: v.array(v.object({ kind: v.picklist(['at-once', 'batch']), value: v.number() })),
});
export type MemoryPlan = v.InferOutput<typeof memoryPlanSchema>;
