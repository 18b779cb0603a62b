/**
 * Runs that a word of the search is about, without regard to case and accents. SQLite knows the case of ASCII alone: what people have written with
 * other letters is compared here, and is little beside the runs.
 */
import { searchable } from '#contract/searched-text.ts';
import type { Database } from './database.ts';
import type { Piece } from './runs-values.ts';

/** Texts of a person: where they stand, and which runs theirs are. */
const texts = [
  { table: 'run', text: 'note', id: 'number', of: 'r.number' },
  { table: 'tag', text: 'name', id: 'run', of: 'r.number' },
  { table: 'dataset', text: 'name', id: 'id', of: 'r.dataset' },
  { table: 'experiment', text: 'name', id: 'id', of: 'r.experiment_id' },
] as const;

export function wordPiece(database: Database, word: string): Piece {
  const wanted = searchable(word);
  const parts: Piece[] = texts.map(({ table, text, id, of }) => {
    const others = database
      .plain<{ id: string | number; text: string }>(
        `SELECT x.${id} AS id, x.${text} AS text FROM ${table} x WHERE x.${text} <> '' AND length(x.${text}) <> length(CAST(x.${text} AS BLOB))`,
      )
      .filter((row) => searchable(row.text).includes(wanted));
    return {
      sql: `${of} IN (SELECT x.${id} FROM ${table} x WHERE x.${text} <> '' AND instr(lower(x.${text}), ?) UNION ALL SELECT value FROM json_each(?))`,
      values: [wanted, JSON.stringify(others.map((row) => row.id))],
    };
  });
  // Runs of earlier versions have their own words in lower case with their accents.
  const own = [...new Set([wanted, word.toLowerCase()])];
  parts.push({ sql: `r.number IN (SELECT f.number FROM run f WHERE ${own.map(() => 'instr(f.search, ?)').join(' OR ')})`, values: own });
  parts.push({ sql: 'instr(r.state, ?)', values: [wanted] });
  return { sql: `(${parts.map(({ sql }) => sql).join(' OR ')})`, values: parts.flatMap(({ values }) => values) };
}
