import { stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ModalityHealth } from '#contract/dataset.ts';
import { arrayNames } from './dataset-folder.ts';
import type { DatasetWriter } from './dataset-writer.ts';
import { diskError, readThrough, type FileRecord, type ReadOptions } from './file-stream.ts';
import { longestHeader, parseNpyHeader, type NpyHeader } from './formats/npy.ts';
import { joinedBytes, RowScan, type FillAsked, type FillRules } from './row-scan.ts';
import { dataError } from './issue-log.ts';

/**
 * Reads one feature file once, block by block: checks every value, hashes, and (when importing) writes float32 rows, so that a
 * 4096-d float64 file of any size needs the memory of a few blocks.
 */
export interface ModalityRequest extends ReadOptions {
  readonly path: string;
  readonly name: string;
  readonly items: number;
  /** Item of each row of the file, −1 for rows of no item; absent where row r is item r. Items without a row are missing. */
  readonly itemOfRow?: Int32Array;
  /** What happens to rows without features. Asked once the counts are known. */
  readonly fill: (found: FillAsked) => FillRules;
  readonly writer?: DatasetWriter | undefined;
}

export interface ModalityReading {
  readonly health: ModalityHealth & { readonly hash: string };
  readonly record: FileRecord;
  /** 1 where the row held NaN or only zeros. */
  readonly missing: Uint8Array;
}

/** Throws ProblemError `npy.*` or `features.*` naming file, row and column. */
export async function readModality(request: ModalityRequest): Promise<ModalityReading> {
  const file = basename(request.path);
  let size: number;
  try {
    size = (await stat(request.path)).size;
  } catch (error) {
    throw diskError(error, request.path);
  }
  let scan: RowScan | undefined;
  let handle: FileHandle | undefined;
  const output = arrayNames.features(request.name);
  try {
    let head: Uint8Array = new Uint8Array(0);
    const begin = async (bytes: Uint8Array): Promise<void> => {
      const header = parseNpyHeader(bytes, size, file);
      checkShape(header, file, request);
      handle = await request.writer?.openStream(output);
      scan = new RowScan(header, file, request, handle);
      await scan.push(bytes.subarray(header.dataStart));
    };
    const record = await readThrough(
      request.path,
      async (chunk) => {
        if (scan !== undefined) return scan.push(chunk);
        head = joinedBytes(head, chunk);
        if (head.length >= Math.min(size, longestHeader + 12)) await begin(head);
      },
      request,
    );
    if (scan === undefined) await begin(head);
    const { reading, missing } = await scan!.finish(request.fill);
    if (handle !== undefined) {
      await request.writer!.finishStream(output, handle);
      handle = undefined;
      await request.writer!.write(arrayNames.missing(request.name), missing);
    }
    return { health: reading, record, missing };
  } finally {
    await handle?.close();
  }
}

function checkShape(header: NpyHeader, file: string, request: ModalityRequest): void {
  if (header.type === 'object')
    throw dataError({
      code: 'npy.object',
      message: 'The file holds pickled Python objects, not numbers.',
      where: file,
      fix: 'Save the features as float32.',
    });
  if (!header.type.startsWith('float'))
    throw dataError({
      code: 'features.type',
      message: `The features are ${header.type}; float16, float32 or float64 is needed.`,
      where: file,
      fix: 'Save array.astype("float32").',
    });
  const [rows, width] = header.shape;
  if (header.shape.length !== 2 || width === undefined || width === 0 || rows === undefined) {
    throw dataError({
      code: 'features.shape',
      message: `The features have the shape [${header.shape.join(', ')}]; [items, width] is needed.`,
      where: file,
      fix: 'Save one row of features per item.',
    });
  }
  if (request.itemOfRow !== undefined) {
    if (rows === request.itemOfRow.length) return;
    throw dataError({
      code: 'features.id-count',
      message: `The features have ${rows.toLocaleString('en')} rows; the id file names ${request.itemOfRow.length.toLocaleString('en')}.`,
      where: file,
      values: { rows, ids: request.itemOfRow.length },
      fix: 'Line r of the id file names the item of row r: both need the same length.',
    });
  }
  if (rows !== request.items) {
    throw dataError({
      code: 'features.row-count',
      message: `The features have ${rows.toLocaleString('en')} rows; the dataset has ${request.items.toLocaleString('en')} items.`,
      where: file,
      values: { rows, items: request.items },
      fix: 'Row r holds the features of item r: give every item its row, also items without features (NaN or zeros).',
    });
  }
}
