/** What can be asked of the person's own files and folders, and how files of a browser's machine are sent. */
import * as v from 'valibot';
import { listedRecentSchema, openedSchema, openRequestSchema, pathsSchema, uploadFilesSchema, uploadPieceSchema } from './opening.ts';
import { call, done, id, nothing, stream } from './procedure.ts';

export const openingProcedures = {
  /** What files or a folder are; likeliest first where the layout fits several. */
  'files.recognise': call(openRequestSchema, v.object({ found: v.pipe(v.array(openedSchema), v.minLength(1)) })),
  /** What was opened before, newest first, now and after each change; whether each is still there is looked at anew. */
  'files.recent': stream(nothing, v.object({ files: v.array(listedRecentSchema) })),
  /** Takes them off that list; the files stay. */
  'files.forget': call(pathsSchema, done),
  /** Puts those back that were taken off it since the start; no other path. */
  'files.restore': call(pathsSchema, done),
  /** Whether the studio itself read or wrote there: what was opened, what runs came from, and files that tables were saved as (`written`). */
  'files.known': call(v.object({ path: v.string() }), v.object({ known: v.boolean(), written: v.boolean() })),
  /** Files of the machine of the browser, sent piece by piece; `end` says where they lie then. */
  'uploads.begin': call(uploadFilesSchema, id),
  'uploads.piece': call(uploadPieceSchema, done),
  'uploads.end': call(id, v.object({ path: v.string() })),
  'uploads.discard': call(id, done),
} as const;
