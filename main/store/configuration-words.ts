/** What configurations are called beside each other: their model, and the few settings in which those of one model differ. */
import type { ConfigurationWords } from '#contract/runs-table.ts';
import { grouped } from '#contract/grouped.ts';
import type { Database } from './database.ts';
import type { RunRow } from './run-rows.ts';

/** More of them nobody reads in a heading. */
const most = 4;

interface Named {
  readonly hash: string;
  readonly title: string;
  readonly differences: ReadonlyMap<string, string>;
}

/** By hash; each configuration given by the number of one of its runs. */
export function configurationWords(database: Database, numbers: readonly number[]): Record<string, ConfigurationWords> {
  const named = database
    .all<{ hash: string; title: string; differences: string }>(
      'SELECT configuration AS hash, model_title AS title, differences FROM run WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number',
      [JSON.stringify(numbers)],
    )
    .map(({ differences, ...run }): Named => {
      const entries = JSON.parse(differences) as RunRow['differences'];
      return { ...run, differences: new Map(entries.map(({ key, value }) => [key, value])) };
    });
  return Object.fromEntries(
    [...grouped(named, ({ title }) => title).values()].flatMap((same) => {
      const keys = differing(same);
      // What one run has beside its preset, another has as its preset says: that stands among its settings.
      const stored = storedOf(database, keys.length === 0 ? [] : same.map(({ hash }) => hash), keys);
      return same.map(({ hash, title, differences }) => {
        const settings = keys.flatMap((key) => {
          const value = differences.get(key) ?? stored.get(`${hash}\n${key}`);
          return value === undefined ? [] : [{ key, value }];
        });
        return [hash, { title, settings }] as const;
      });
    }),
  );
}

function differing(of: readonly Named[]): string[] {
  const keys = [...new Set(of.flatMap(({ differences }) => [...differences.keys()]))];
  return keys.filter((key) => new Set(of.map(({ differences }) => differences.get(key))).size > 1).slice(0, most);
}

function storedOf(database: Database, hashes: readonly string[], keys: readonly string[]): ReadonlyMap<string, string> {
  const rows = database.all<{ hash: string; key: string; text: string }>(
    'SELECT configuration AS hash, key, text FROM setting WHERE configuration IN (SELECT value FROM json_each(?)) AND key IN (SELECT value FROM json_each(?))',
    [JSON.stringify(hashes), JSON.stringify(keys)],
  );
  return new Map(rows.map(({ hash, key, text }) => [`${hash}\n${key}`, text]));
}
