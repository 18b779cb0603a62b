import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { defaultSegments, segmentsSchema, type Segments } from '#contract/segments.ts';
import { diskError } from './file-stream.ts';

/*
 * What a person says about a dataset: segments, where it may be used, whether it is archived. It lies in the folder of the dataset and goes
 * with it, but is no part of the data: no hash, fingerprint or run depends on it.
 */

const file = 'remarks.json';

const remarksSchema = v.object({
  segments: v.optional(segmentsSchema, defaultSegments),
  licence: v.optional(v.string()),
  archivedAt: v.optional(v.number()),
});
export type Remarks = v.InferOutput<typeof remarksSchema>;

/** What was said about a dataset; what nobody said is as it is for every dataset. A torn file counts as nothing said. */
export async function readRemarks(folder: string): Promise<Remarks> {
  try {
    const parsed = v.safeParse(remarksSchema, JSON.parse(await readFile(join(folder, file), 'utf8')));
    if (parsed.success) return parsed.output;
  } catch {
    // Nothing was said yet.
  }
  return { segments: defaultSegments };
}

/** Changes what is given and keeps the rest; an empty licence note and `archivedAt: null` take them back. */
export async function changeRemarks(
  folder: string,
  change: {
    readonly segments?: Segments | undefined;
    readonly licence?: string | undefined;
    readonly archivedAt?: number | null | undefined;
  },
): Promise<Remarks> {
  const before = await readRemarks(folder);
  const licence = change.licence === undefined ? before.licence : change.licence.trim();
  const archivedAt = change.archivedAt === undefined ? before.archivedAt : (change.archivedAt ?? undefined);
  const next: Remarks = {
    segments: change.segments ?? before.segments,
    ...(licence === undefined || licence === '' ? {} : { licence }),
    ...(archivedAt === undefined ? {} : { archivedAt }),
  };
  const aside = join(folder, `.${file}.${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(aside, `${JSON.stringify(next)}\n`);
    await rename(aside, join(folder, file));
  } catch (error) {
    await rm(aside, { force: true });
    throw diskError(error, join(folder, file));
  }
  return next;
}
