import { basename } from 'node:path';
import type { ItemTableMapping } from '#contract/dataset-import.ts';
import type { Picture } from '#contract/dataset.ts';
import type { FileRecord, ReadOptions } from '../file-stream.ts';
import { dataError, type IssueLog } from '../issue-log.ts';
import { detectTable, readTable } from '../table-reader.ts';

/** One row of an item table. `rawId` is the id the table's key column holds; `otherId` a second one, such as an ASIN. */
export interface ItemRow {
  readonly rawId: string;
  readonly otherId?: string;
  readonly title?: string;
  readonly description?: string;
  readonly picture?: Picture;
  /** Brand and categories, for models that make a knowledge graph of them. */
  readonly facts?: readonly { readonly relation: 'brand' | 'category'; readonly value: string }[];
}

/** Columns of an item table that tell of an item what others may share. */
const factColumns = {
  brand: ['brand', 'brand_name', 'manufacturer'],
  category: ['category', 'categories', 'main_category', 'genre', 'genres'],
} as const;

const guesses = {
  id: ['itemid', 'item_id', 'id', 'asin', 'parent_asin', 'movieid'],
  other: ['asin', 'parent_asin', 'raw_id', 'sku'],
  title: ['title', 'name'],
  description: ['description', 'desc', 'text'],
  picture: ['imurl', 'image', 'picture', 'image_path', 'image_url', 'img', 'path', 'url'],
} as const;

/** Columns of an item table by their usual names; `id` is undefined where none is known. */
function guessItemColumns(columns: readonly string[]): {
  id?: string;
  other?: string;
  title?: string;
  description?: string;
  picture?: string;
} {
  const find = (names: readonly string[], except?: string): string | undefined => {
    for (const name of names) {
      const column = columns.find((candidate) => candidate.toLowerCase() === name && candidate !== except);
      if (column !== undefined) return column;
    }
    return undefined;
  };
  const id = find(guesses.id);
  const other = find(guesses.other, id);
  const title = find(guesses.title);
  const description = find(guesses.description);
  const picture = find(guesses.picture);
  return {
    ...(id === undefined ? {} : { id }),
    ...(other === undefined ? {} : { other }),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(picture === undefined ? {} : { picture }),
  };
}

export interface ItemTableRequest extends ReadOptions {
  readonly path: string;
  readonly issues: IssueLog;
  readonly encoding?: 'utf-8' | 'latin-1';
  readonly mapping?: Omit<ItemTableMapping, 'file'>;
}

/** All rows of an item table (CSV, TSV or JSON lines). A missing id column is thrown; bad rows and repeated ids go to `issues`. */
export async function readItemTable(
  request: ItemTableRequest,
): Promise<{ rows: Map<string, ItemRow>; record: FileRecord; columns: readonly string[] }> {
  const { path, issues } = request;
  const file = basename(path);
  const detected = await detectTable(path);
  const format = { ...detected, header: true, encoding: request.encoding ?? 'utf-8' };
  const rows = new Map<string, ItemRow>();
  let columns: readonly string[] = [];
  let at = { id: -1, other: -1, title: -1, description: -1, picture: -1 };
  let factsAt: { relation: 'brand' | 'category'; index: number }[] = [];
  const record = await readTable(
    path,
    format,
    {
      names(names) {
        columns = names;
        const chosen = request.mapping ?? guessItemColumns(names);
        const index = (name: string | undefined): number => (name === undefined ? -1 : names.indexOf(name));
        at = {
          id: index(chosen.id),
          other: 'other' in chosen ? index(chosen.other) : index(guessItemColumns(names).other),
          title: index(chosen.title),
          description: index(chosen.description),
          picture: index(chosen.picture),
        };
        if (at.other === at.id) at.other = -1;
        factsAt = (['brand', 'category'] as const).flatMap((relation) => {
          const index = names.findIndex((name) => (factColumns[relation] as readonly string[]).includes(name.toLowerCase()));
          return index < 0 ? [] : [{ relation, index }];
        });
        if (at.id < 0) {
          throw dataError({
            code: 'items.missing-column',
            message: `The item table has no id column; its columns are ${names.slice(0, 8).join(', ')}.`,
            where: `${file}:1`,
            fix: 'Name the column with the item id itemID.',
          });
        }
      },
      row(fields, line) {
        const rawId = fields[at.id]!.trim();
        if (rawId === '')
          return issues.block({
            code: 'items.no-id',
            message: 'The row has no item id.',
            where: `${file}:${line}`,
            fix: 'Fill the id or remove the row.',
          });
        if (rows.has(rawId))
          return issues.block({
            code: 'items.repeated-id',
            message: `The item ${rawId.slice(0, 60)} is there twice.`,
            where: `${file}:${line}`,
            fix: 'Keep one row per item.',
          });
        const cell = (index: number): string => (index < 0 ? '' : fields[index]!.trim());
        const picture = pictureOf(cell(at.picture));
        // Several categories stand in one cell, "Books|Novels".
        const facts = factsAt.flatMap(({ relation, index }) =>
          cell(index)
            .split(/[|;]/)
            .map((value) => ({ relation, value: value.trim() }))
            .filter(({ value }) => value !== ''),
        );
        rows.set(rawId, {
          rawId,
          ...(cell(at.other) === '' ? {} : { otherId: cell(at.other) }),
          ...(cell(at.title) === '' ? {} : { title: cell(at.title) }),
          ...(cell(at.description) === '' ? {} : { description: cell(at.description) }),
          ...(picture === undefined ? {} : { picture }),
          ...(facts.length === 0 ? {} : { facts }),
        });
      },
      badRow(message, line, code) {
        issues.block({
          code: `items.${code}`,
          message,
          where: `${file}:${line}`,
          fix: 'Correct the row; a tab or comma inside a text needs quotes around it.',
        });
      },
    },
    request,
  );
  return { rows, record, columns };
}

/** A picture column holds an address, an absolute path, or a path beside the table. Paths that climb out of the folder are left out. */
function pictureOf(cell: string): Picture | undefined {
  if (cell === '') return undefined;
  if (/^https?:\/\//i.test(cell)) return { at: 'url', location: cell };
  if (cell.split(/[\\/]/).includes('..')) return undefined;
  return { at: 'file', location: cell };
}
