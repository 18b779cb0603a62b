/** The facets beside the runs table: how many of the matched runs are in which state, of which dataset, model, experiment and tag. */
import type { RunsPage } from '#contract/view.ts';
import type { Database } from './database.ts';
import type { Coded, RunColumns } from './runs-columns.ts';

interface Facet {
  readonly value: string;
  readonly label: string;
  readonly count: number;
  readonly begunAt?: number;
}

/** How many of the runs that match stand under each state, dataset, model, experiment and tag. `matches`: 1 at the place of each such run. */
export function facetsOf(database: Database, columns: RunColumns, matches: Uint8Array): RunsPage['facets'] {
  const { base } = columns;
  const { state, dataset, model, experiment } = base.coded;
  const named = (field: Coded, names: string) => labelled(database, base.numbers, field, matches, names);
  return {
    state: named(state, ''),
    dataset: named(dataset, 'SELECT r.number, coalesce(d.name, r.dataset_name) AS name FROM run r LEFT JOIN dataset d ON d.id = r.dataset'),
    model: named(model, 'SELECT r.number, r.model_title AS name FROM run r'),
    experiment: withNames(database, named(experiment, '')),
    tag: tagsOf(database, columns, matches),
  };
}

/** Counts of each value; called by what the newest run of each is called, or by themselves without `names`. */
function labelled(database: Database, numbers: Int32Array, { codes, values }: Coded, matches: Uint8Array, names: string): Facet[] {
  const counts = new Int32Array(values.length);
  const newest = new Int32Array(values.length);
  for (let place = 0; place < matches.length; place++) {
    if (matches[place] === 0) continue;
    counts[codes[place]!]!++;
    newest[codes[place]!] = numbers[place]!;
  }
  const found = values.flatMap((value, code) => (counts[code] === 0 ? [] : [{ value, count: counts[code]!, newest: newest[code]! }]));
  const rows =
    names === ''
      ? []
      : database.all<{ number: number; name: string }>(`${names} WHERE r.number IN (SELECT value FROM json_each(?))`, [
          JSON.stringify(found.map((facet) => facet.newest)),
        ]);
  const byNumber = new Map(rows.map(({ number, name }) => [number, name]));
  return sorted(found.map(({ value, count, newest: run }) => ({ value, label: byNumber.get(run) ?? value, count })));
}

/** Experiments may be many, and their runs lie far apart. Those of one name are told apart by when they were begun. */
function withNames(database: Database, facets: readonly Facet[]): Facet[] {
  const rows = database.plain<{ id: string; name: string; createdAt: number }>('SELECT id, name, created_at AS createdAt FROM experiment');
  const byId = new Map(rows.map((row) => [row.id, row]));
  const alike = new Map<string, number>();
  for (const { value } of facets) {
    const name = byId.get(value)?.name;
    if (name !== undefined) alike.set(name, (alike.get(name) ?? 0) + 1);
  }
  return sorted(
    facets.map((facet) => {
      const row = byId.get(facet.value);
      if (row === undefined) return facet;
      return { ...facet, label: row.name, ...((alike.get(row.name) ?? 0) > 1 ? { begunAt: row.createdAt } : {}) };
    }),
  );
}

function tagsOf(database: Database, columns: RunColumns, matches: Uint8Array): Facet[] {
  const counts = new Map<string, number>();
  for (const { run, name } of database.plain<{ run: number; name: string }>('SELECT run, name FROM tag')) {
    const place = columns.base.place(run);
    if (place !== undefined && matches[place] === 1) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return sorted([...counts].map(([value, count]) => ({ value, label: value, count })));
}

const sorted = (facets: readonly Facet[]): Facet[] =>
  [...facets].sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
