import { basename } from 'node:path';
import type { FeatureAttachment } from '#contract/dataset-import.ts';
import { readWhole, type FileRecord } from './file-stream.ts';
import type { DatasetWriter } from './dataset-writer.ts';
import { readNpy, toIntegers } from './formats/npy.ts';
import { dataError } from './issue-log.ts';
import { readModality, type ModalityReading } from './modality-reader.ts';

export interface AttachedFeatures {
  readonly health: ModalityReading['health'];
  readonly missing: Uint8Array;
  /** Rows in the feature file, used or not. */
  readonly rowsInFile: number;
  readonly records: readonly FileRecord[];
}

const largestIdFile = 512 * 1024 * 1024;

/**
 * Writes the features of one attachment in the order of `itemIds` (raw ids by dense id), matched by raw id. Items without a row,
 * and rows with NaN, follow the attachment's stated rule; zero rows stay. Throws `features.*` and `npy.*`.
 */
export async function attachFeatures(
  attachment: FeatureAttachment,
  itemIds: readonly string[],
  writer: DatasetWriter,
  signal: AbortSignal | undefined,
): Promise<AttachedFeatures> {
  const { ids, record } = await readIds(attachment.ids, signal);
  const denseOf = new Map(itemIds.map((id, dense) => [id, dense]));
  const lineOf = new Map<string, number>();
  const itemOfRow = Int32Array.from(ids, (id, row) => {
    const earlier = lineOf.get(id);
    if (earlier !== undefined) {
      throw dataError({
        code: 'features.repeated-id',
        message: `The id ${id.slice(0, 60)} is there twice, first on line ${earlier + 1}.`,
        where: `${basename(attachment.ids)}:${row + 1}`,
        fix: 'Keep one row per item.',
      });
    }
    lineOf.set(id, row);
    return denseOf.get(id) ?? -1;
  });
  if (itemOfRow.every((item) => item < 0)) {
    throw dataError({
      code: 'features.no-match',
      message: `None of the ${ids.length.toLocaleString('en')} ids is an item of the log (the first is “${(ids[0] ?? '').slice(0, 60)}”).`,
      where: basename(attachment.ids),
      fix: 'The id file must name items as the log does.',
    });
  }
  const reading = await readModality({
    path: attachment.file,
    name: attachment.name,
    items: itemIds.length,
    itemOfRow,
    fill: () => ({ nan: attachment.missing, zero: 'kept' }),
    writer,
    signal,
  });
  return { health: reading.health, missing: reading.missing, rowsInFile: ids.length, records: [record, reading.record] };
}

/** Raw ids in row order: an integer `.npy`, or text with one id per line (of a table the first column; a header line is passed over). */
async function readIds(path: string, signal: AbortSignal | undefined): Promise<{ ids: string[]; record: FileRecord }> {
  const file = basename(path);
  const { bytes, record } = await readWhole(path, largestIdFile, { signal });
  if (path.endsWith('.npy')) {
    const { header, values } = readNpy(bytes, file);
    if (header.shape.length !== 1)
      throw dataError({
        code: 'features.ids-shape',
        message: `The ids have the shape [${header.shape.join(', ')}]; one dimension is needed.`,
        where: file,
        fix: 'Save one id per row.',
      });
    return { ids: Array.from(toIntegers(values, header.type, file), String), record };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw dataError({
      code: 'features.ids-encoding',
      message: 'The id file is not UTF-8 text.',
      where: file,
      fix: 'Save it as UTF-8, or as integers in a .npy file.',
    });
  }
  const lines = text.split(/\r?\n/);
  if (lines[lines.length - 1] === '') lines.pop();
  const cells = lines.map((line) =>
    line
      .split(/[\t,;]/)[0]!
      .trim()
      .replace(/^"(.*)"$/, '$1'),
  );
  if (/^(item_?id|id|asin|parent_asin|iid)$/i.test(cells[0] ?? '')) cells.shift();
  const empty = cells.indexOf('');
  if (empty >= 0)
    throw dataError({
      code: 'features.empty-id',
      message: 'The line names no item.',
      where: `${file}:${empty + 1}`,
      fix: 'Every row of the features needs an id.',
    });
  return { ids: cells, record };
}
