/**
 * Tables and figures that were saved as files, remembered with what they were made of, so that a file whose data changed since is known and
 * can be written again; figures by the page, which draws them. What was saved lies in the data folder's preferences; the files are the person's own and are never looked into.
 */
import { createHash, randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { toProblem } from '#contract/problem.ts';
import {
  savedExportSchema,
  type ExportState,
  type ListedExport,
  type SavedExport,
  type SavedFigure,
  type SavedTableEntry,
} from '#contract/saved-exports.ts';
import type { Table } from '#contract/table.ts';
import type { PreferenceTable } from '#store/preferences.ts';
import { canonical } from './identity.ts';

const key = 'exports.saved';
/** The oldest are forgotten beyond this. */
const mostKept = 200;

type Request = SavedTableEntry['request'];

export interface SavedExportNeeds {
  readonly preferences: PreferenceTable;
  /** The table of a request as it is now, without the day it was made on. */
  readonly table: (request: Request['table']) => Promise<Table>;
  /** Writes a table as its options say, whole or not at all; returns the bytes. */
  readonly write: (table: Table, options: Request['options'], path: string) => Promise<number>;
}

/** What the file shows: the table and how it is written. The day of the export is no data. */
export function fingerprintOf({ made: _made, ...table }: Table, options: Request['options']): string {
  return createHash('sha256').update(canonical({ table, options })).digest('hex');
}

export class SavedExports {
  readonly #needs: SavedExportNeeds;

  constructor(needs: SavedExportNeeds) {
    this.#needs = needs;
  }

  /** A file was written: the same path again takes the place of what was remembered. */
  remember(request: Request, path: string, table: Table, now: number): void {
    this.#put({ ...fileAt(path, now), title: table.title, request, fingerprint: fingerprintOf(table, request.options) });
  }

  /** The page wrote a file: a figure is remembered as a table is; anything else takes the place of what was remembered there. */
  rememberFigure(figure: SavedFigure | undefined, path: string, now: number): void {
    if (figure !== undefined) this.#put({ ...fileAt(path, now), ...figure });
    else this.forget(this.#kept().flatMap((entry) => (entry.path === path ? [entry.id] : [])));
  }

  #put(entry: SavedExport): void {
    const others = this.#kept().filter(({ path }) => path !== entry.path);
    this.#needs.preferences.set(key, [entry, ...others].slice(0, mostKept));
  }

  /** Newest first, each with what became of its data and its folder. */
  async list(): Promise<ListedExport[]> {
    const listed: ListedExport[] = [];
    // One after the other: a table with stars asks a worker.
    for (const entry of this.#kept()) listed.push((await this.#look(entry)).listed);
    return listed;
  }

  /** Writes the tables again whose data changed, each whole or not at all; what cannot be written says why and the others go on. */
  async writeChanged(now: number): Promise<{ written: { path: string; bytes: number }[]; failed: ListedExport[] }> {
    const written: { path: string; bytes: number }[] = [];
    const failed: ListedExport[] = [];
    for (const entry of this.#kept()) {
      if (!('request' in entry)) continue;
      const { listed, table } = await this.#look(entry);
      const isForgotten = !this.#kept().some(({ id }) => id === entry.id);
      if (listed.state === 'current' || isForgotten) continue;
      if (table === undefined) {
        failed.push(listed);
        continue;
      }
      try {
        written.push({ path: entry.path, bytes: await this.#needs.write(table, entry.request.options, entry.path) });
        this.#replace({ ...entry, title: table.title, fingerprint: fingerprintOf(table, entry.request.options), savedAt: now });
      } catch (error) {
        failed.push({ ...listed, problem: toProblem(error) });
      }
    }
    return { written, failed };
  }

  /** The files stay where they are. */
  forget(ids: readonly string[]): void {
    this.#needs.preferences.set(
      key,
      this.#kept().filter(({ id }) => !ids.includes(id)),
    );
  }

  /** An entry with what became of it, and its table as it is now where it makes one and could be written. */
  async #look(entry: SavedExport): Promise<{ readonly listed: ListedExport; readonly table?: Table }> {
    const { id, title, path, savedAt, fingerprint } = entry;
    const { format } = 'request' in entry ? entry.request.options : entry.paper;
    const listed = (state: ExportState) => ({ id, title, path, savedAt, format, state });
    const isFolder = await stat(dirname(path)).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!('request' in entry)) {
      const { recipe, paper } = entry;
      return { listed: { ...listed(isFolder ? 'undrawn' : 'no-folder'), figure: { title, recipe, paper, fingerprint } } };
    }
    if (!isFolder) return { listed: listed('no-folder') };
    const { request } = entry;
    try {
      const table = await this.#needs.table(request.table);
      return { listed: listed(fingerprintOf(table, request.options) === fingerprint ? 'current' : 'changed'), table };
    } catch (error) {
      return { listed: { ...listed('no-data'), problem: toProblem(error) } };
    }
  }

  #replace(entry: SavedExport): void {
    this.#needs.preferences.set(
      key,
      this.#kept().map((other) => (other.id === entry.id ? entry : other)),
    );
  }

  #kept(): SavedExport[] {
    return keptIn(this.#needs.preferences);
  }
}

const fileAt = (path: string, now: number) => ({ id: randomUUID().slice(0, 8), path, savedAt: now });

/** An entry that can no longer be read is left out. */
function keptIn(preferences: PreferenceTable): SavedExport[] {
  const stored = v.safeParse(v.array(v.unknown()), preferences.get(key) ?? []);
  if (!stored.success) return [];
  return stored.output.flatMap((entry) => {
    const parsed = v.safeParse(savedExportSchema, entry);
    return parsed.success ? [parsed.output] : [];
  });
}

/** Where tables and figures were saved as files. */
export function savedPaths(preferences: PreferenceTable): string[] {
  return keptIn(preferences).map(({ path }) => path);
}
