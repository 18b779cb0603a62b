/** The groups that rows of the runs table stand in: what they are called, and what all their finished runs come to. */
import type { RunsCell } from '#contract/runs-table.ts';
import type { RunsPage } from '#contract/view.ts';
import type { Database } from './database.ts';
import { columnSql, isAveraged, ordering, type ParsedRunsQuery } from './runs-conditions.ts';
import type { Piece } from './runs-values.ts';

type Group = NonNullable<RunsPage['groups']>[number];
type Stored = Readonly<Record<string, string | number | null>>;

const keysOf = (query: ParsedRunsQuery) => query.group.map((_field, index) => `g${index}`);
const valuesIn = (query: ParsedRunsQuery, row: Stored) => keysOf(query).map((key) => row[key] ?? null);

/** In the order in which their rows stand. */
export function groupsOf(database: Database, query: ParsedRunsQuery, where: Piece): Group[] {
  const { select } = ordering({ ...query, sort: [] });
  const keys = keysOf(query).join(', ');
  const order = keysOf(query)
    .flatMap((key) => [`${key} IS NULL`, key])
    .join(', ');
  const by = query.collapse ? 'GROUP BY r.dataset, r.configuration' : 'GROUP BY r.number';
  const line = `SELECT count(*) AS runs, sum(r.state IN ('preparing', 'running')) AS running, sum(r.state = 'failed') AS failed${select.sql} FROM run r WHERE ${where.sql} ${by}`;
  const groups = database.all<Stored>(
    `WITH line AS MATERIALIZED (${line}) SELECT ${keys}, count(*) AS rows, sum(runs) AS runs, sum(running) AS running, sum(failed) AS failed FROM line GROUP BY ${keys} ORDER BY ${order}`,
    [...select.values, ...where.values],
  );
  const cells = new Map<string, Record<string, RunsCell>>(groups.map((row) => [JSON.stringify(valuesIn(query, row)), {}]));
  for (const column of query.columns.filter(isAveraged)) {
    for (const row of meansOf(database, query, where, column)) {
      const n = row['n'] as number;
      const sd = row['sd'] as number | null;
      const mean = row['mean'] as number | null;
      const own = cells.get(JSON.stringify(valuesIn(query, row)));
      if (own !== undefined && mean !== null) own[column] = { value: mean, n, ...(sd === null ? {} : { sd }) };
    }
  }
  return groups.map((row) => ({
    values: valuesIn(query, row),
    rows: Number(row['rows']),
    runs: Number(row['runs']),
    running: Number(row['running']),
    failed: Number(row['failed']),
    cells: cells.get(JSON.stringify(valuesIn(query, row)))!,
  }));
}

/** Mean and sample standard deviation over the finished runs of each group, in two passes: the short formula loses digits. */
function meansOf(database: Database, query: ParsedRunsQuery, where: Piece, column: string): Stored[] {
  const groups = query.group.map((field) => columnSql(field, query.reading));
  const value = columnSql(column, query.reading);
  const keys = keysOf(query).join(', ');
  const isSame = keysOf(query)
    .map((key) => `own.${key} IS middle.${key}`)
    .join(' AND ');
  return database.all<Stored>(
    `WITH own AS MATERIALIZED (
       SELECT ${groups.map(({ sql }, index) => `${sql} AS g${index}`).join(', ')}, ${value.sql} AS value
       FROM run r WHERE ${where.sql} AND r.state = 'finished'
     ), middle AS MATERIALIZED (SELECT ${keys}, count(value) AS n, avg(value) AS mean FROM own GROUP BY ${keys})
     SELECT ${keysOf(query)
       .map((key) => `middle.${key} AS ${key}`)
       .join(', ')}, max(middle.n) AS n, max(middle.mean) AS mean,
       CASE WHEN max(middle.n) > 1 THEN sqrt(sum((own.value - middle.mean) * (own.value - middle.mean)) / (max(middle.n) - 1)) END AS sd
     FROM own JOIN middle ON ${isSame} GROUP BY ${keysOf(query)
       .map((key) => `middle.${key}`)
       .join(', ')}`,
    [...groups.flatMap(({ values }) => values), ...value.values, ...where.values],
  );
}
