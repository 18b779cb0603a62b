/** The facets beside the runs table: how many of the matched runs are in which state, of which dataset, model, experiment and tag. */
import type { RunsPage } from '#contract/view.ts';
import type { Database } from './database.ts';
import type { Piece } from './runs-values.ts';

/** Matched runs that have all of these in common. */
export interface MatchedGroup {
  readonly dataset: string;
  readonly configuration: string;
  readonly state: string;
  readonly model: string;
  readonly experimentId: string;
  readonly count: number;
  /** Number of the newest run among them, which knows what they are called. */
  readonly newest: number;
}

interface Facet {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

export function facetsOf(database: Database, matched: readonly MatchedGroup[], where: Piece): RunsPage['facets'] {
  const tags = database.all<{ value: string; count: number }>(
    `SELECT t.name AS value, count(*) AS count FROM tag t CROSS JOIN run r ON r.number = t.run WHERE ${where.sql} GROUP BY t.name ORDER BY count DESC, t.name`,
    where.values,
  );
  return {
    state: counted(matched, 'state', (state) => state),
    dataset: labelled(database, matched, 'dataset', datasetNames),
    model: labelled(database, matched, 'model', 'SELECT r.number, r.model_title AS name FROM run r'),
    experiment: labelled(
      database,
      matched,
      'experimentId',
      'SELECT r.number, e.name FROM run r JOIN experiment e ON e.id = r.experiment_id',
    ),
    tag: tags.map((tag) => ({ ...tag, label: tag.value })),
  };
}

const datasetNames = 'SELECT r.number, coalesce(d.name, r.dataset_name) AS name FROM run r LEFT JOIN dataset d ON d.id = r.dataset';
type Field = 'state' | 'dataset' | 'model' | 'experimentId';

/** Counts by a field, named by the newest run of each value. */
function labelled(database: Database, matched: readonly MatchedGroup[], field: Field, names: string): Facet[] {
  const newest = new Map<string, number>();
  for (const group of matched) newest.set(group[field], Math.max(group.newest, newest.get(group[field]) ?? 0));
  const rows = database.all<{ number: number; name: string }>(`${names} WHERE r.number IN (SELECT value FROM json_each(?))`, [
    JSON.stringify([...newest.values()]),
  ]);
  const byNumber = new Map(rows.map(({ number, name }) => [number, name]));
  return counted(matched, field, (value) => byNumber.get(newest.get(value) ?? 0) ?? value);
}

function counted(matched: readonly MatchedGroup[], field: Field, label: (value: string) => string): Facet[] {
  const counts = new Map<string, number>();
  for (const group of matched) counts.set(group[field], (counts.get(group[field]) ?? 0) + group.count);
  return [...counts]
    .map(([value, count]) => ({ value, label: label(value), count }))
    .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
}
