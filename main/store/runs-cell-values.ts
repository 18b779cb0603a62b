/**
 * Values of some runs in several columns at once: metrics, readings and settings come as they lie in their tables, one scan for all columns
 * of a kind, and whatever else is asked for as SQL over `run r`.
 */
import { addTo } from '#contract/grouped.ts';
import type { Reading } from '#contract/runs-table.ts';
import type { Database } from './database.ts';
import { columnSql } from './runs-conditions.ts';
import { shownTest, type Piece, type Value } from './runs-values.ts';

/** Values of one column by place of the run, undefined where a run has none. */
export type ColumnValues = readonly (Value | undefined)[];

/** Of more runs than this, columns of SQL are read in one statement for so many of them; of fewer one by one, since statements are kept. */
const manyRuns = 200;
const together = 60;

/** The runs asked about: `configurations[place]` is the hash of the run `numbers[place]`. */
export interface AskedRuns {
  readonly numbers: readonly number[];
  readonly configurations: readonly string[];
}

interface Asked {
  /** Place among the columns. */
  readonly at: number;
  readonly piece: Piece;
}

/** One answer a column, in their order. */
export function valuesOfRuns(database: Database, runs: AskedRuns, columns: readonly string[], reading: Reading): ColumnValues[] {
  const asked = columns.map((column, at): Asked => ({ at, piece: columnSql(column, reading) }));
  const found = columns.map(() => new Array<Value | undefined>(runs.numbers.length).fill(undefined));
  const places = new Map(runs.numbers.map((number, place) => [number, place]));
  const others: Asked[] = [];
  /** By statement: the columns of each key. */
  const tables = new Map<string, Map<string, number[]>>();
  for (const each of asked) {
    const table = tableOf(each.piece);
    if (table === undefined) others.push(each);
    else {
      if (!tables.has(table)) tables.set(table, new Map());
      addTo(tables.get(table)!, each.piece.from!.key, each.at);
    }
  }
  const placesOf = new Map<string, number[]>();
  if (tables.has(settingRows)) for (const [place, hash] of runs.configurations.entries()) addTo(placesOf, hash, place);
  const numbers = JSON.stringify(runs.numbers);
  for (const [sql, columnsOf] of tables) {
    const isSetting = sql === settingRows;
    const of = isSetting ? JSON.stringify([...placesOf.keys()]) : numbers;
    for (const { n, k, v } of database.plain<{ n: number | string; k: string; v: Value }>(sql, [of, JSON.stringify([...columnsOf.keys()])]))
      for (const at of columnsOf.get(k)!) {
        if (!isSetting) found[at]![places.get(n as number)!] = v;
        else for (const place of placesOf.get(n as string)!) found[at]![place] = v;
      }
  }
  const step = runs.numbers.length > manyRuns ? together : 1;
  for (let from = 0; from < others.length; from += step) {
    const part = others.slice(from, from + step);
    const sql = `SELECT r.number AS n, ${part.map(({ piece }, index) => `${piece.sql} AS v${index}`).join(', ')} FROM run r WHERE r.number IN (SELECT value FROM json_each(?))`;
    const names = part.map(({ at }, index) => ({ values: found[at]!, name: `v${index}` }));
    for (const row of database.plain<Record<string, Value | null>>(sql, [...part.flatMap(({ piece }) => piece.values), numbers])) {
      const place = places.get(row['n'] as number)!;
      for (const { values, name } of names) values[place] = row[name] ?? undefined;
    }
  }
  return found;
}

const settingRows =
  'SELECT x.configuration AS n, x.key AS k, coalesce(x.number, x.text) AS v FROM setting x WHERE x.configuration IN (SELECT value FROM json_each(?)) AND x.key IN (SELECT value FROM json_each(?))';

/** The statement that reads a piece for runs (or configurations) and keys given as JSON, where its values lie in a table by key. */
function tableOf({ from }: Piece): string | undefined {
  if (from === undefined) return undefined;
  const asked = 'm.run IN (SELECT value FROM json_each(?)) AND m.key IN (SELECT value FROM json_each(?))';
  switch (from.kind) {
    case 'metric':
      return `SELECT m.run AS n, m.key AS k, m.value AS v FROM metric m WHERE ${asked} AND m.part = '${from.part}'${from.part === 'test' ? ` AND ${shownTest}` : ''}`;
    case 'reading':
      return `SELECT m.run AS n, m.key AS k, m.${from.of} AS v FROM reading m WHERE ${asked}`;
    case 'setting':
      return from.as === 'stored' ? settingRows : undefined;
  }
}
