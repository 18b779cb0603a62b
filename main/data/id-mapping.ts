import { join } from 'node:path';
import { readWhole, type FileRecord, type ReadOptions } from './file-stream.ts';
import type { FolderContents } from './folder-contents.ts';
import type { IssueLog } from './issue-log.ts';

/** Ids of the source beside the dense ones of an MMRec folder. */
export interface IdMapping {
  readonly byRaw: ReadonlyMap<string, number>;
  readonly byDense: ReadonlyMap<number, string>;
  /** Absent where the folder has no such file. */
  readonly record?: FileRecord;
}

/** What a dense id is called: its id in the source, else its number, marked as such ("#5") where another one has that number for its id. */
export function nameOf({ byRaw, byDense }: IdMapping, id: number): string {
  const number = String(id);
  return byDense.get(id) ?? (byRaw.has(number) ? `#${number}` : number);
}

/** i_id_mapping.csv and u_id_mapping.csv: raw id and dense id, separated by tabs in spite of the name, with a header; may be empty. */
export async function readIdMapping(
  contents: FolderContents,
  of: 'item' | 'user',
  count: number,
  issues: IssueLog,
  options: ReadOptions,
): Promise<IdMapping> {
  const byRaw = new Map<string, number>();
  const byDense = new Map<number, string>();
  const file = of === 'item' ? contents.itemMapping : contents.userMapping;
  if (file === undefined) return { byRaw, byDense };
  const { bytes, record } = await readWhole(join(contents.folder, file), 256 * 1024 * 1024, options);
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  const header = (lines[0] ?? '').split('\t');
  const dense = header.findIndex((name) => name.toLowerCase() === `${of}id`);
  if (dense < 0 || header.length < 2) {
    issues.note({
      code: 'mapping.empty',
      message:
        of === 'item'
          ? 'The file maps no ids (its header lacks itemID); items keep their number as name.'
          : 'The file maps no ids (its header lacks userID); users keep their number as name.',
      where: file,
    });
    return { byRaw, byDense, record };
  }
  const raw = dense === 0 ? 1 : 0;
  lines.slice(1).forEach((line, index) => {
    if (line === '') return;
    const cells = line.split('\t');
    const said = cells[dense] ?? '';
    // An empty cell is no 0.
    const id = /^\s*\d+\s*$/.test(said) ? Number(said) : Number.NaN;
    if (!(id < count)) {
      const found = said.slice(0, 40);
      issues.note({
        code: 'mapping.id',
        message:
          of === 'item'
            ? `“${found}” is not an item of the dataset; the line is left out.`
            : `“${found}” is not a user of the dataset; the line is left out.`,
        where: `${file}:${index + 2}`,
      });
      return;
    }
    const name = cells[raw] ?? '';
    if (name === '') return;
    byRaw.set(name, id);
    byDense.set(id, name);
  });
  return { byRaw, byDense, record };
}
