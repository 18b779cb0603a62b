/**
 * The file store of MLflow (mlruns/EXPERIMENT/RUN): meta.yaml, and in the folders metrics, params and tags a file for each name. A line of
 * a metric is "time value step". YAML is read as plain data by a library that knows no tags which do anything.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { addTo } from '#contract/grouped.ts';
import { unitsOf, type LogFile, type LogFormat, type LogPlace, type LogUnit, type RawMetric, type RawRun } from '../log-format.ts';
import { damaged } from '../parts/damaged.ts';
import { metricOf, rawRun, type LoggedPoint } from '../parts/mlflow-run.ts';

const metaName = /(?:^|\/)meta\.yaml$/;
const largestMeta = 1_000_000;
const copyAnew = 'Copy the run anew from where MLflow keeps it.';

export const mlflowFiles: LogFormat = {
  tool: 'mlflow',
  find: async (place) => {
    const units: LogUnit[] = [];
    const names = new Map<string, string>();
    const metas = place.files.filter(({ relative, bytes }) => metaName.test(relative) && bytes < largestMeta);
    // A run's folder alone holds files in these folders beside its meta.yaml.
    const contents = contentsOf(place, new Set(metas.map(({ relative }) => dirname(relative))));
    const runOf = async (meta: LogFile): Promise<LogUnit[]> => {
      const folder = dirname(meta.relative);
      const text = await readFile(meta.path, 'utf8');
      if (/^run_(?:id|uuid):/m.test(text)) {
        const files = contents.get(folder) ?? [];
        return [
          {
            label: folder === '.' ? place.root : folder,
            weight: files.reduce((sum, { bytes }) => sum + bytes, 0),
            read: () => readRun(place, meta, files, names.get(dirname(folder))),
          },
        ];
      }
      if (/^experiment_id:/m.test(text)) names.set(folder, String(metaOf(meta, text)['name'] ?? ''));
      return [];
    };
    for (const meta of metas) units.push(...(await unitsOf(meta, () => runOf(meta))));
    return { units };
  },
};

/** Files by the run folder they lie in. */
function contentsOf(place: LogPlace, folders: ReadonlySet<string>): ReadonlyMap<string, readonly LogFile[]> {
  const found = new Map<string, LogFile[]>();
  for (const file of place.files) {
    for (let folder = dirname(file.relative); ; folder = dirname(folder)) {
      if (folders.has(folder) && file.relative !== (folder === '.' ? 'meta.yaml' : `${folder}/meta.yaml`)) {
        addTo(found, folder, file);
        break;
      }
      if (folder === '.') break;
    }
  }
  return found;
}

async function readRun(place: LogPlace, meta: LogFile, files: readonly LogFile[], experiment: string | undefined): Promise<RawRun> {
  const about = metaOf(meta, await readFile(meta.path, 'utf8'));
  const folder = dirname(meta.relative);
  const params = new Map<string, string>();
  const tags = new Map<string, string>();
  const metrics: RawMetric[] = [];
  for (const file of files) {
    const inside = folder === '.' ? file.relative : file.relative.slice(folder.length + 1);
    const [, kind = '', name = ''] = /^(metrics|params|tags)\/(.+)$/.exec(inside) ?? [];
    if (kind === '') continue;
    const text = await readFile(file.path, 'utf8');
    if (kind === 'metrics') metrics.push(metricOf(name, pointsOf(file, text)));
    else (kind === 'params' ? params : tags).set(name, text);
  }
  return rawRun({
    id: String(about['run_id'] ?? about['run_uuid']),
    name: String(about['run_name'] ?? ''),
    experiment,
    source: join(place.root, folder === '.' ? '' : folder),
    where: meta.path,
    stage: about['lifecycle_stage'],
    status: about['status'],
    start: about['start_time'],
    end: about['end_time'],
    params,
    tags,
    metrics,
  });
}

/** @throws ProblemError logs.damaged with the file */
function metaOf({ path }: LogFile, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parse(text, { schema: 'core', logLevel: 'error' });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw damaged(path, `meta.yaml cannot be read: ${error instanceof Error ? error.message.split('\n')[0]! : String(error)}`, copyAnew);
  }
  throw damaged(path, 'meta.yaml holds no names and values', copyAnew);
}

function pointsOf({ path }: LogFile, text: string): LoggedPoint[] {
  return text.split('\n').flatMap((line, index): LoggedPoint[] => {
    if (line.trim() === '') return [];
    const [time = '', value = '', step = '0'] = line.trim().split(/\s+/);
    const number = /^[+-]?(?:nan|inf(?:inity)?)$/i.test(value) ? Number.NaN : Number(value);
    if (
      value === '' ||
      (Number.isNaN(number) && !/nan|inf/i.test(value)) ||
      !Number.isFinite(Number(time)) ||
      !Number.isInteger(Number(step))
    )
      throw damaged(`${path}:${index + 1}`, `"${line.slice(0, 60)}" is no time, value and step`, copyAnew);
    return [{ time: Number(time), value: number, step: Number(step) }];
  });
}
