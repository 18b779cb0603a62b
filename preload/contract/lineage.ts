/** Where a run comes from and what became of it: its family by clone, seed and reproduction, and what checking it again found. */
import * as v from 'valibot';
import { problemSchema } from './problem.ts';

/** How a run came from its parent: with other settings, with another seed, or trained again with nothing changed. */
const originSchema = v.picklist(['clone', 'seed', 'reproduction']);
export type Origin = v.InferOutput<typeof originSchema>;

/** One run of a family, ancestors before their children. `sentence` is absent where it was removed for good. */
export const relativeSchema = v.object({
  id: v.string(),
  parent: v.optional(v.string()),
  origin: v.optional(originSchema),
  sentence: v.optional(v.string()),
  title: v.optional(v.string()),
  state: v.optional(v.string()),
  trashed: v.optional(v.boolean(), false),
  /** Validation Recall@20 at the best epoch. */
  value: v.optional(v.number()),
  /** Settings in which it differs from its parent, "ii_k 10"; the parent's value is in `from`. */
  changes: v.array(v.object({ key: v.string(), from: v.string(), to: v.string() })),
  expectation: v.string(),
  outcome: v.string(),
});
export type Relative = v.InferOutput<typeof relativeSchema>;

/** One value that came out otherwise. Masked test values are told apart by their key alone. */
const differingSchema = v.object({
  part: v.picklist(['record', 'validation', 'test', 'curve', 'file']),
  key: v.string(),
  stored: v.optional(v.union([v.number(), v.string()])),
  found: v.optional(v.union([v.number(), v.string()])),
});
export type Differing = v.InferOutput<typeof differingSchema>;

const tally = v.object({ equal: v.number(), of: v.number() });

/**
 * evaluation: the best checkpoint was scored once more. training: the run was trained again with the same seed. Values are equal when every
 * bit of the float64 is.
 */
export const verificationSchema = v.object({
  at: v.number(),
  how: v.picklist(['evaluation', 'training']),
  /** The run that trained it again. */
  byRun: v.optional(v.string()),
  codeVersion: v.string(),
  device: v.string(),
  /** Metrics at the best epoch, validation and test; test counts while it is masked, too. */
  values: tally,
  /** Points of the curves; of an evaluation none. */
  curves: tally,
  /** Lists, scores, vectors and per-user values, by SHA-256. */
  files: tally,
  /** At most a hundred of them. */
  differing: v.array(differingSchema),
  seconds: v.number(),
});
export type Verification = v.InferOutput<typeof verificationSchema>;

export const verifyingSchema = v.object({
  state: v.picklist(['none', 'waiting', 'running']),
  fraction: v.number(),
  /** What it is at: "Ranking every item for every user". */
  text: v.string(),
  /** Why the last one ended without a result. */
  problem: v.optional(problemSchema),
  /** Of this run, newest first. */
  verifications: v.array(verificationSchema),
});
export type Verifying = v.InferOutput<typeof verifyingSchema>;

/** A verification at work or waiting, as the queue shows it. */
export const checkSchema = v.object({
  run: v.string(),
  title: v.string(),
  state: v.picklist(['waiting', 'running']),
  fraction: v.number(),
  text: v.string(),
});
export type Check = v.InferOutput<typeof checkSchema>;
