import * as v from 'valibot';
import {
  agreementSchema,
  datasetSummarySchema,
  distributionsSchema,
  fingerprintSchema,
  graphSummarySchema,
  knowledgeSummarySchema,
  modalityHealthSchema,
  recipeStepSchema,
  splitCheckSchema,
  type DatasetDetail,
  type DatasetSummary,
} from '#contract/dataset.ts';
import { defaultSegments } from '#contract/segments.ts';
import { madeSplitSchema } from '#contract/split-rule.ts';
import type { Remarks } from './remarks.ts';

/** The layout this program writes and reads. A folder of a later format is refused in words. */
export const manifestFormat = 'avocet-dataset/1';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** manifest.json of a dataset folder: everything but the arrays themselves. */
export const manifestSchema = v.object({
  format: v.literal(manifestFormat),
  id: v.string(),
  name: v.string(),
  about: v.string(),
  source: v.picklist(['mmrec-folder', 'log', 'demo']),
  createdAt: v.number(),
  seed: v.optional(v.number()),
  /** The rule that made the split, and the dataset whose rows it split. */
  split: v.optional(madeSplitSchema),
  parent: v.optional(v.string()),
  users: v.pipe(count, v.minValue(1)),
  items: v.pipe(count, v.minValue(1)),
  rows: v.object({ train: count, validation: count, test: count }),
  hasTimes: v.boolean(),
  modalities: v.array(v.object({ ...modalityHealthSchema.entries, hash: v.string() })),
  graphs: v.array(v.object({ ...graphSummarySchema.entries, hash: v.string() })),
  knowledge: v.optional(v.object({ ...knowledgeSummarySchema.entries, hash: v.string() })),
  fingerprint: fingerprintSchema,
  itemTable: v.object({ titled: count, described: count, pictured: count, samplePictures: v.array(count) }),
  checks: v.array(splitCheckSchema),
  distributions: distributionsSchema,
  agreement: v.array(agreementSchema),
  recipe: v.array(recipeStepSchema),
  choices: v.record(v.string(), v.string()),
  /** Files that were read, as they were. */
  files: v.array(v.object({ name: v.string(), bytes: count, hash: v.string() })),
  /** Arrays and tables of this folder with their size; opening checks the size, verifying the hash. */
  arrays: v.array(v.object({ file: v.string(), bytes: count, hash: v.string() })),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;
export type ManifestDraft = Omit<Manifest, 'format' | 'arrays' | 'id' | 'createdAt'>;

/** What a card shows. */
export function summaryOf(manifest: Manifest, remarks?: Remarks): DatasetSummary {
  const { train, validation, test } = manifest.rows;
  const interactions = train + validation + test;
  return v.parse(datasetSummarySchema, {
    id: manifest.id,
    name: manifest.name,
    about: manifest.about,
    source: manifest.source,
    createdAt: manifest.createdAt,
    users: manifest.users,
    items: manifest.items,
    interactions,
    train,
    validation,
    test,
    density: interactions / (manifest.users * manifest.items),
    modalities: manifest.modalities.map(({ name, width, sourceType, covered, missing }) => ({ name, width, sourceType, covered, missing })),
    graphs: manifest.graphs.map((graph) => graph.name),
    ...(manifest.knowledge === undefined ? {} : { knowledge: manifest.knowledge }),
    fingerprint: manifest.fingerprint,
    bytes: manifest.arrays.reduce((sum, array) => sum + array.bytes, 0),
    titled: manifest.itemTable.titled,
    pictured: manifest.itemTable.pictured,
    samplePictures: manifest.itemTable.samplePictures,
    hasTimes: manifest.hasTimes,
    notes:
      manifest.checks.filter((check) => check.state !== 'ok').length +
      manifest.modalities.filter((modality) => modality.missing > 0).length,
    ...(manifest.split === undefined ? {} : { split: manifest.split }),
    ...(manifest.parent === undefined ? {} : { parent: manifest.parent }),
    ...(remarks?.archivedAt === undefined ? {} : { archivedAt: remarks.archivedAt }),
  });
}

/** What the detail page shows. */
export function detailOf(manifest: Manifest, folder: string, remarks?: Remarks): DatasetDetail {
  return {
    summary: summaryOf(manifest, remarks),
    folder,
    health: manifest.modalities,
    graphs: manifest.graphs,
    checks: manifest.checks,
    distributions: manifest.distributions,
    agreement: manifest.agreement,
    recipe: manifest.recipe,
    choices: manifest.choices,
    files: manifest.files,
    ...(manifest.seed === undefined ? {} : { seed: manifest.seed }),
    segments: remarks?.segments ?? defaultSegments,
    ...(remarks?.licence === undefined ? {} : { licence: remarks.licence }),
  };
}
