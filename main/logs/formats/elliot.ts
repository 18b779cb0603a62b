/**
 * Performance tables of Elliot (results/…/performance/rec_cutoff_20_relthreshold_0_….tsv): a row a configuration, its name "Model_key=value_…",
 * its columns the test metrics at the cut-off in the file's name.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { unitsOf, type LogFile, type LogFormat, type LogUnit, type RawValue } from '../log-format.ts';
import { csvRows, headerOf, numberIn } from '../parts/csv-rows.ts';
import { textHead } from '../parts/file-head.ts';
import { parameterOf } from '../parts/mlflow-run.ts';

const table = /^rec_cutoff_(\d+)_.*\.tsv$/i;

export const elliot: LogFormat = {
  tool: 'elliot',
  find: async (place) => {
    const units: LogUnit[] = [];
    for (const file of place.files) {
      const cutOff = table.exec(basename(file.relative))?.[1];
      if (cutOff === undefined || headerOf((await textHead(file)) ?? '', '\t')[0]?.toLowerCase() !== 'model') continue;
      units.push(...(await unitsOf(file, () => rowsOf(file, cutOff))));
    }
    return { units };
  },
};

async function rowsOf(file: LogFile, cutOff: string): Promise<LogUnit[]> {
  const { columns, rows } = csvRows(await readFile(file.path, 'utf8'), file.path, '\t');
  return rows.map(({ line, fields }) => ({
    label: `${file.relative}:${line}`,
    weight: file.bytes / rows.length,
    read: () => {
      const name = fields[0] ?? '';
      const [model = name, ...pairs] = name.split(/_(?=[A-Za-z]\w*?=)/);
      const settings: Record<string, RawValue> = {};
      for (const pair of pairs) {
        const [key = '', value = ''] = pair.split(/=(.*)/s);
        settings[key] = parameterOf(value);
      }
      const stated: Record<string, number> = {};
      for (const [at, column] of columns.entries()) {
        const value = at === 0 ? undefined : numberIn(fields[at]);
        if (value !== undefined) stated[`test/${column}@${cutOff}`] = value;
      }
      return Promise.resolve({
        name,
        source: `${file.path}:${line}`,
        model,
        settings,
        metrics: [],
        stated,
        remarks: ['The table holds no curves'],
      });
    },
  }));
}
