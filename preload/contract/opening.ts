/**
 * What a person drops on the window or opens: told apart by its layout, never by where it came from. And the way in for files that lie on
 * the machine of the browser, where the studio runs on another: they are sent in pieces into the data folder first.
 */
import * as v from 'valibot';
import { experimentRequestSchema } from './experiment.ts';
import { logTools } from './log-import.ts';

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** What the worker finds by looking at files. More than one: the layout fits several, the person says which. */
const layoutSchema = v.variant('kind', [
  /** A dataset folder, or a log of interactions. */
  v.object({ kind: v.literal('dataset'), path, layout: v.picklist(['folder', 'log']) }),
  /** Runs of other tools. */
  v.object({ kind: v.literal('logs'), path, tools: v.array(v.picklist(logTools)), runs: v.number() }),
  /** A reproducibility bundle. */
  v.object({ kind: v.literal('bundle'), path }),
  /** Results of a model that was trained elsewhere. */
  v.object({
    kind: v.literal('external'),
    form: v.picklist(['vectors', 'lists']),
    files: v.array(v.object({ role: v.picklist(['users', 'items', 'lists']), path })),
  }),
  /** A table of printed values. */
  v.object({ kind: v.literal('reported'), path }),
]);
export type Layout = v.InferOutput<typeof layoutSchema>;
export const layoutsSchema = v.object({ found: v.pipe(v.array(layoutSchema), v.minLength(1)) });

const [dataset, logs, bundle, external, reported] = layoutSchema.options;
export const openedSchema = v.variant('kind', [
  dataset,
  logs,
  bundle,
  external,
  v.object({ ...reported.entries, text: v.string() }),
  /** An experiment or sweep file, read into what the form takes. */
  v.object({ kind: v.literal('experiment'), path, request: experimentRequestSchema }),
]);
export type Opened = v.InferOutput<typeof openedSchema>;

/** A folder or file of the person's own that was opened. */
export const recentFileSchema = v.object({
  path,
  kind: v.picklist(['dataset', 'logs', 'external', 'reported', 'bundle', 'experiment']),
  /** UTC milliseconds. */
  openedAt: v.number(),
});
export type RecentFile = v.InferOutput<typeof recentFileSchema>;
export const listedRecentSchema = v.object({ ...recentFileSchema.entries, isThere: v.boolean() });
export type ListedRecent = v.InferOutput<typeof listedRecentSchema>;
export const pathsSchema = v.object({ paths: v.pipe(v.array(path), v.maxLength(1000)) });

/** Whole paths on the machine of the studio. */
export const openRequestSchema = v.object({ paths: v.pipe(v.array(path), v.minLength(1), v.maxLength(1000)) });

/** Bytes in one piece: small beside the link's bound on messages, large enough that a gigabyte is some hundred calls. */
export const pieceBytes = 4 * 1024 * 1024;

/** A path of what was dropped, with forward slashes: "baby/image_feat.npy". */
const relativePath = v.pipe(
  v.string(),
  v.maxLength(1000),
  v.check(
    (written) =>
      !written.includes('\0') &&
      !written.includes('\\') &&
      !/^[A-Za-z]:/.test(written) &&
      written.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.length <= 255),
    'must stay inside the folder of what is sent',
  ),
);

export const uploadFilesSchema = v.object({
  files: v.pipe(
    v.array(v.object({ path: relativePath, bytes: v.pipe(v.number(), v.integer(), v.minValue(0)) })),
    v.minLength(1),
    v.maxLength(100_000),
  ),
});
export type UploadFiles = v.InferOutput<typeof uploadFilesSchema>;

/** A piece of a file; pieces of a file come in their order. */
export const uploadPieceSchema = v.object({ id: v.string(), path: relativePath, content: v.instance(Uint8Array) });
