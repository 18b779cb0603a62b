/** Where on the person's own disks runs came from, as their configurations say. */
import type { Database } from './database.ts';

/** True for the log of an imported run (with or without the line in it), the folder of a command, and a result file that was read. */
export function isPlaceOfRuns(database: Database, path: string): boolean {
  const log = "SELECT 1 AS found FROM imported WHERE source = ? OR rtrim(source, '0123456789') = ? || ':' LIMIT 1";
  const own = `SELECT 1 AS found FROM run
    WHERE json_extract(config, '$.external.folder') = ?
      OR EXISTS (SELECT 1 FROM json_each(config, '$.external.files') WHERE json_extract(value, '$.path') = ?) LIMIT 1`;
  return [log, own].some((query) => database.get(query, [path, path]) !== undefined);
}
