/** What devices are busy with, now and over a run: read while somebody looks or a run is at work. */
import * as v from 'valibot';

/** One graphics processor as its driver says. What a device does not tell is absent; nothing is guessed. */
const graphicsReadingSchema = v.object({
  /** The number the driver gives it, from 0. */
  index: v.number(),
  name: v.string(),
  /** Share of the last moment in which anything ran on it, percent. */
  utilisation: v.optional(v.number()),
  usedBytes: v.optional(v.number()),
  totalBytes: v.optional(v.number()),
  celsius: v.optional(v.number()),
  watts: v.optional(v.number()),
  wattsLimit: v.optional(v.number()),
});
export type GraphicsReading = v.InferOutput<typeof graphicsReadingSchema>;

/** The process of a live run. */
const runReadingSchema = v.object({
  id: v.string(),
  memoryBytes: v.number(),
  /** Cores it kept busy in the last second; absent before the first second is over. */
  cores: v.optional(v.number()),
  /** Index of the graphics processor it computes on; absent where the processor computes. */
  graphics: v.optional(v.number()),
});
export type RunReading = v.InferOutput<typeof runReadingSchema>;

/** Graphics processors are empty where no driver answers: nothing is shown then. */
export const metersSchema = v.object({ graphics: v.array(graphicsReadingSchema), runs: v.array(runReadingSchema) });
export type Meters = v.InferOutput<typeof metersSchema>;

/** Quantities that are kept of a run. */
export const meterNames = ['cores', 'memoryBytes', 'utilisation', 'usedBytes', 'celsius', 'watts'] as const;
export type MeterName = (typeof meterNames)[number];

/** What a run's devices were busy with: columns of equal length, null where nothing was told. At most some six hundred points. */
export const meterTraceSchema = v.object({
  /** Seconds since the run was first seen at work; time between its attempts is left out. */
  seconds: v.array(v.number()),
  values: v.record(v.picklist(meterNames), v.array(v.nullable(v.number()))),
  /** Of the graphics processor, where one computed. */
  graphics: v.optional(v.string()),
});
export type MeterTrace = v.InferOutput<typeof meterTraceSchema>;
