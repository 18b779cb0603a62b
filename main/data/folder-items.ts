import { isAbsolute, join } from 'node:path';
import type { Answers } from './answers.ts';
import type { FileRecord, ReadOptions } from './file-stream.ts';
import type { FolderContents } from './folder-contents.ts';
import { readItemTable, type ItemRow } from './formats/items.ts';
import { nameOf, readIdMapping } from './id-mapping.ts';
import type { IssueLog } from './issue-log.ts';
import type { StoredItem } from './stored-items.ts';
import type { NamedTriple } from './knowledge.ts';
import { detectTable } from './table-reader.ts';

export interface FolderItems {
  /** One entry per dense item id. */
  readonly items: readonly StoredItem[];
  /** Brand and categories of items, as triples of a knowledge graph. */
  readonly facts: readonly NamedTriple[];
  /** Dense ids of raw ones. */
  readonly byRaw: ReadonlyMap<string, number>;
  /** The table's name where there is one, and how many of its rows belong to an item. */
  readonly file?: string;
  readonly matched: number;
  readonly records: readonly FileRecord[];
}

/**
 * Titles, descriptions and pictures of an MMRec folder's items. The table's key is the dense id, or a raw id that
 * i_id_mapping.csv translates. Without a table every item is known by its id alone.
 */
export async function readFolderItems(
  contents: FolderContents,
  items: number,
  issues: IssueLog,
  answers: Answers,
  options: ReadOptions,
): Promise<FolderItems> {
  const records: FileRecord[] = [];
  const rawIds = await readIdMapping(contents, 'item', items, issues, options);
  if (rawIds.record !== undefined) records.push(rawIds.record);
  const result: StoredItem[] = Array.from({ length: items }, (_, id) => ({ rawId: nameOf(rawIds, id) }));
  const { byRaw } = rawIds;
  if (contents.itemTable === undefined) return { items: result, facts: [], byRaw, matched: 0, records };
  const path = join(contents.folder, contents.itemTable);
  const encoding = await askForEncoding(path, contents.itemTable, answers);
  const table = await readItemTable({ path, issues, encoding, ...options });
  records.push(table.record);
  const facts: NamedTriple[] = [];
  let matched = 0;
  let outside = 0;
  for (const row of table.rows.values()) {
    const id = /^\d+$/.test(row.rawId) ? Number(row.rawId) : rawIds.byRaw.get(row.rawId);
    if (id === undefined || id >= items) {
      outside++;
      if (id !== undefined) {
        issues.block({
          code: 'items.id-out-of-range',
          message: `item ${row.rawId} is out of range (the dataset has ${items.toLocaleString('en')} items).`,
          where: contents.itemTable,
          fix: 'Remove the row, or check that the table belongs to this dataset.',
        });
      }
      continue;
    }
    result[id] = stored(row, result[id]!.rawId, contents.folder);
    for (const { relation, value } of row.facts ?? []) facts.push({ head: id, relation, tail: `${relation} ${value}` });
    matched++;
  }
  if (matched === 0 && table.rows.size > 0) {
    issues.block({
      code: 'items.no-match',
      message: `None of the ${outside.toLocaleString('en')} rows of the item table belongs to an item of the dataset.`,
      where: contents.itemTable,
      fix: 'The id column must hold item ids from 0, or raw ids that i_id_mapping.csv lists.',
    });
  }
  return { items: result, facts, byRaw, file: contents.itemTable, matched, records };
}

/** Asks whether a text that is not UTF-8 is Latin-1. */
export async function askForEncoding(path: string, file: string, answers: Answers): Promise<'utf-8' | 'latin-1'> {
  const { encoding } = await detectTable(path);
  if (encoding === 'utf-8') return 'utf-8';
  answers.decide({
    id: `encoding:${file}`,
    text: `${file} is not UTF-8; it reads as Latin-1`,
    count: 1,
    where: file,
    options: [
      { value: 'latin-1', label: 'Read it as Latin-1', refuses: false },
      { value: 'refuse', label: 'Refuse the file', refuses: true },
    ],
    default: 'latin-1',
  });
  return 'latin-1';
}

function stored(row: ItemRow, known: string, folder: string): StoredItem {
  const picture =
    row.picture?.at === 'file' && !isAbsolute(row.picture.location)
      ? { at: 'file' as const, location: join(folder, row.picture.location) }
      : row.picture;
  return {
    rawId: row.otherId ?? (/^\d+$/.test(row.rawId) ? known : row.rawId),
    ...(row.title === undefined ? {} : { title: row.title }),
    ...(row.description === undefined ? {} : { description: row.description }),
    ...(picture === undefined ? {} : { picture }),
  };
}
