import { arrayNames } from './dataset-folder.ts';
import type { DatasetWriter } from './dataset-writer.ts';
import type { Dataset } from './dataset.ts';
import { fingerprintOf } from './fingerprint.ts';
import { itemLines, type StoredItem } from './stored-items.ts';
import type { Knowledge } from './knowledge.ts';
import type { ManifestDraft } from './manifest.ts';
import { agreementOf, distributionsOf } from './statistics.ts';

export interface FinishedParts {
  readonly name: string;
  readonly about: string;
  readonly source: ManifestDraft['source'];
  readonly seed?: number;
  readonly madeBy?: NonNullable<ManifestDraft['split']>;
  readonly parent?: string;
  readonly split: Pick<Dataset, 'users' | 'items' | 'train' | 'validation' | 'test'>;
  readonly fileHash?: string;
  readonly modalities: readonly ManifestDraft['modalities'][number][];
  readonly graphs: readonly ManifestDraft['graphs'][number][];
  /** One per item; an empty list means items are known by number alone. */
  readonly items: readonly StoredItem[];
  /** Ids of the users in the source; absent where they are the inner numbers. */
  readonly userIds?: readonly string[];
  readonly knowledge?: Knowledge;
  /** Known already, where the same features were looked at before. */
  readonly agreement?: ManifestDraft['agreement'];
  readonly checks: readonly ManifestDraft['checks'][number][];
  readonly files: readonly ManifestDraft['files'][number][];
  readonly choices: Readonly<Record<string, string>>;
  readonly recipe: readonly ManifestDraft['recipe'][number][];
}

/** The last step of every import: item table, fingerprints, distributions and agreement, gathered into a manifest draft. */
export async function finishDataset(parts: FinishedParts, writer: DatasetWriter): Promise<ManifestDraft> {
  const { split } = parts;
  const items = parts.items.length > 0 ? parts.items : Array.from({ length: split.items }, (_, id) => ({ rawId: String(id) }));
  await writer.write(arrayNames.itemTable, itemLines(items));
  if (parts.userIds !== undefined) await writer.write(arrayNames.userIds, `${JSON.stringify(parts.userIds)}\n`);
  return {
    name: parts.name,
    about: parts.about,
    source: parts.source,
    ...(parts.seed === undefined ? {} : { seed: parts.seed }),
    ...(parts.madeBy === undefined ? {} : { split: parts.madeBy }),
    ...(parts.parent === undefined ? {} : { parent: parts.parent }),
    users: split.users,
    items: split.items,
    rows: { train: split.train.users.length, validation: split.validation.users.length, test: split.test.users.length },
    hasTimes: split.train.times !== undefined,
    modalities: [...parts.modalities],
    graphs: [...parts.graphs],
    ...(parts.knowledge === undefined ? {} : { knowledge: describedKnowledge(parts.knowledge) }),
    fingerprint: { ...(parts.fileHash === undefined ? {} : { fileHash: parts.fileHash }), ...fingerprintOf(split) },
    itemTable: {
      titled: items.reduce((sum, item) => sum + ('title' in item && item.title !== undefined ? 1 : 0), 0),
      described: items.reduce((sum, item) => sum + ('description' in item && item.description !== undefined ? 1 : 0), 0),
      pictured: items.reduce((sum, item) => sum + ('picture' in item && item.picture !== undefined ? 1 : 0), 0),
      samplePictures: samplePictures(items),
    },
    checks: [...parts.checks],
    distributions: distributionsOf(split),
    agreement: parts.agreement ?? (await agreements(parts.modalities, writer)),
    recipe: [...parts.recipe],
    choices: { ...parts.choices },
    files: [...parts.files],
  };
}

async function agreements(modalities: FinishedParts['modalities'], writer: DatasetWriter): Promise<ManifestDraft['agreement']> {
  const found: ManifestDraft['agreement'] = [];
  for (let a = 0; a < modalities.length; a++) {
    for (let b = a + 1; b < modalities.length; b++) {
      found.push(agreementOf(await writer.readModality(modalities[a]!), await writer.readModality(modalities[b]!)));
    }
  }
  return found;
}

/** What a manifest says of a knowledge graph whose triples are arrays of the folder. */
function describedKnowledge({ entities, relations, heads, origin, hash }: Knowledge): NonNullable<ManifestDraft['knowledge']> {
  return { entities, relations: [...relations], triples: heads.length, origin, hash };
}

/** Eight items with a picture, evenly spread over the table. */
function samplePictures(items: readonly StoredItem[]): number[] {
  const pictured: number[] = [];
  items.forEach((item, id) => {
    if (item.picture !== undefined) pictured.push(id);
  });
  const count = Math.min(8, pictured.length);
  return Array.from({ length: count }, (_, s) => pictured[Math.floor((s * pictured.length) / count)]!);
}
