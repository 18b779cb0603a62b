/** What lies in the data folder, in bytes by kind; what of it may go; and copies of the database. */
import * as v from 'valibot';

export const storageKinds = [
  'database',
  'checkpoints',
  'per-user',
  'run-files',
  'trash',
  'datasets',
  'caches',
  'bundles',
  'backups',
  'models',
  'other',
] as const;
export type StorageKind = (typeof storageKinds)[number];

const bytes = v.number();
const files = v.number();

export const storageSchema = v.object({
  /** UTC milliseconds. */
  countedAt: v.number(),
  bytes,
  files,
  freeBytes: v.number(),
  /** Every kind, those without a file too. */
  kinds: v.array(v.object({ kind: v.picklist(storageKinds), bytes, files })),
});
export type Storage = v.InferOutput<typeof storageSchema>;

/** A move of the data folder: bytes copied and compared, then the moment in which the new place is used. */
export const moveEventSchema = v.variant('type', [
  v.object({ type: v.literal('progress'), fraction: v.number(), bytes, of: v.number() }),
  v.object({ type: v.literal('switching') }),
  v.object({ type: v.literal('moved'), to: v.string() }),
]);
export type MoveEvent = v.InferOutput<typeof moveEventSchema>;

/** Which of the trash: what lies there for at least so many days, and of that the oldest until no more than so many bytes stay. Neither: all. */
export const trashRuleSchema = v.object({
  olderThanDays: v.optional(v.pipe(v.number(), v.minValue(0))),
  keepBytes: v.optional(v.pipe(v.number(), v.minValue(0))),
});
export type TrashRule = v.InferOutput<typeof trashRuleSchema>;

/** A run in the trash, or one checkpoint of a run that was put there by itself. */
export const trashItemSchema = v.object({ run: v.string(), checkpoint: v.optional(v.string()) });
export type TrashItem = v.InferOutput<typeof trashItemSchema>;

export const trashPlanSchema = v.object({
  /** Exactly what a purge with this list deletes. */
  items: v.array(trashItemSchema),
  runs: v.number(),
  checkpoints: v.number(),
  bytes,
  files,
  /** Locked ones, which stay whatever is asked. */
  locked: v.number(),
});
export type TrashPlan = v.InferOutput<typeof trashPlanSchema>;

/** What is gone, counted file by file as it went. */
export const freedSchema = v.object({ runs: v.number(), checkpoints: v.number(), bytes, files });
export type Freed = v.InferOutput<typeof freedSchema>;

export const backupNameSchema = v.pipe(v.string(), v.regex(/^[\w.-]{1,120}\.sqlite$/, 'must be the name of a copy in the folder backups'));
export const backupSchema = v.object({
  name: v.string(),
  bytes,
  /** UTC milliseconds. */
  at: v.number(),
  /** `asked` by a person; `migration`: before a newer Avocet changed the database; `restore`: what a restored copy replaced. */
  reason: v.picklist(['asked', 'migration', 'restore']),
});
export type Backup = v.InferOutput<typeof backupSchema>;

/** What a copy holds, found by opening it and checking every page. */
export const backupCheckSchema = v.object({
  name: v.string(),
  version: v.number(),
  runs: v.number(),
  experiments: v.number(),
  /** Runs of now that it does not have: their files stay, their records are in the copy made before restoring. */
  lost: v.number(),
  /** Runs it has whose files are gone. */
  withoutFiles: v.number(),
});
export type BackupCheck = v.InferOutput<typeof backupCheckSchema>;
