/** Procedures of what is around the runs: settings, storage, diagnostics, devices and their meters. */
import * as v from 'valibot';
import { metersSchema } from './meter.ts';
import { problemSchema } from './problem.ts';
import { call, done, nothing, stream } from './procedure.ts';
import { speedsSchema } from './speed.ts';
import {
  backupCheckSchema,
  backupNameSchema,
  backupSchema,
  freedSchema,
  moveEventSchema,
  storageSchema,
  trashItemSchema,
  trashPlanSchema,
  trashRuleSchema,
} from './storage.ts';
import { probeSchema, settingsSchema } from './view.ts';

export const systemProcedures = {
  /** Opens the data folder anew, in safe mode or as usual; runs at work go on from their checkpoints. */
  'studio.restart': call(v.object({ safe: v.boolean() }), done),

  'settings.get': call(nothing, settingsSchema),
  'settings.set': call(v.partial(settingsSchema), settingsSchema),
  /** Settings now and after each change, whichever window made it. */
  'settings.watch': stream(nothing, settingsSchema),
  /** Back to what a first start has. */
  'settings.reset': call(v.object({ keys: v.array(v.keyof(settingsSchema)) }), settingsSchema),
  /** Counts every file of the data folder. */
  'storage.sizes': call(nothing, storageSchema),
  /** What a rule would delete from the trash. */
  'storage.trash': call(trashRuleSchema, trashPlanSchema),
  /** Deletes these for good where they still lie in the trash. */
  'storage.purge': call(v.object({ items: v.array(trashItemSchema) }), freedSchema),
  /** Deletes what can be made again; refused while runs are at work. */
  'storage.clearCaches': call(nothing, v.object({ bytes: v.number(), files: v.number() })),
  /** Copies the data folder to an empty place, compares, and uses it from then on. Leaving the stream before that leaves the folder as it was. */
  'storage.move': stream(v.object({ path: v.pipe(v.string(), v.maxLength(4096)) }), moveEventSchema),
  /** The folder that data were moved away from, while a copy of them is still in it. `failed`: why the last move ended where it began. */
  'storage.former': call(nothing, v.object({ folder: v.optional(v.string()), failed: v.optional(problemSchema) })),
  'storage.removeFormer': call(nothing, v.object({ bytes: v.number(), files: v.number() })),
  'backups.list': call(nothing, v.object({ backups: v.array(backupSchema) })),
  'backups.make': call(nothing, backupSchema),
  'backups.remove': call(v.object({ name: backupNameSchema }), backupSchema),
  'backups.check': call(v.object({ name: backupNameSchema }), backupCheckSchema),
  /** Puts a copy in the place of the database, which is copied first. The studio opens the folder anew; the queue is held. */
  'backups.restore': call(v.object({ name: backupNameSchema }), done),
  /** What may help whoever helps, without names, folders, addresses and keys. */
  'diagnostics.report': call(nothing, v.object({ text: v.string() })),
  /** An unexpected error of a page, kept only where Settings allow it. */
  'diagnostics.crash': call(v.object({ text: v.pipe(v.string(), v.maxLength(20_000)) }), v.object({ isKept: v.boolean() })),
  'diagnostics.crashes': call(nothing, v.object({ text: v.string() })),
  'diagnostics.forgetCrashes': call(nothing, done),
  'devices.probe': call(nothing, v.object({ devices: v.array(probeSchema) })),
  /** What was measured here, and what new experiments start with. */
  'devices.speeds': call(nothing, speedsSchema),
  'devices.watch': stream(nothing, speedsSchema),
  /** Measures every device anew, in the background, as soon as nothing else is at work. */
  'devices.measure': call(nothing, done),
  /** Leaves what is being measured; what was measured before stays. */
  'devices.cancel': call(nothing, done),
  /** Graphics processors and the processes of live runs; the driver is asked while this is followed or a run is at work. */
  'meters.watch': stream(nothing, metersSchema),
} as const;
