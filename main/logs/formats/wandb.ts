/**
 * What Weights & Biases exports: the runs table as CSV (a row a run), a panel as CSV (Step, and "run - metric" columns with __MIN and __MAX
 * beside them), and the folder of a run with config.yaml, wandb-summary.json and its history as CSV or JSON lines with _step. The binary
 * .wandb files are not read.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { addTo } from '#contract/grouped.ts';
import {
  type LogFile,
  type LogFormat,
  type LogPlace,
  type LogUnit,
  type RawMetric,
  type RawRun,
  type RawValue,
  unitsOf,
} from '../log-format.ts';
import { csvRows, headerOf, numberIn } from '../parts/csv-rows.ts';
import { damaged } from '../parts/damaged.ts';
import { textHead } from '../parts/file-head.ts';
import { SeriesBook } from '../parts/log-text.ts';
import { parameterOf } from '../parts/mlflow-run.ts';
import { sharedReading } from '../parts/shared-reading.ts';
import { readMetricName } from '../metric-names.ts';

const exportAgain = 'Export the run again from Weights & Biases.';
const panelSteps = new Set([
  'Step',
  'epoch',
  'Relative Time (Process)',
  'Relative Time (Wall)',
  'Wall Time',
  '_step',
  'trainer/global_step',
]);
/** Of these, those that count steps. */
const stepColumns: readonly (string | undefined)[] = ['Step', '_step', 'trainer/global_step'];
const panelColumn = /^(.+) - (.+?)(?:__(?:MIN|MAX))?$/;
/** Columns of the runs table that are about the run, not set or measured. */
const about = new Set([
  'Name',
  'State',
  'Notes',
  'User',
  'Tags',
  'Created',
  'Runtime',
  'Sweep',
  'ID',
  'End Time',
  'Group',
  'Job Type',
  'Hostname',
  'Commit',
  'GPU Type',
  'Github',
]);

export const wandb: LogFormat = {
  tool: 'wandb',
  find: async (place) => {
    const units: LogUnit[] = [];
    const folders = new Map<string, LogFile[]>();
    const panels = new Map<string, LogFile[]>();
    for (const file of place.files) {
      const name = basename(file.relative);
      const folder = dirname(file.relative);
      if (name === 'wandb-summary.json' || (name === 'config.yaml' && /^(?:_wandb|wandb_version):/m.test((await textHead(file)) ?? '')))
        addTo(folders, folder, file);
      else if (/\.jsonl$/i.test(name) && /^\s*\{[^\n]*"_step"/.test((await textHead(file)) ?? '')) addTo(folders, folder, file);
      else if (/\.csv$/i.test(name)) {
        const columns = headerOf((await textHead(file)) ?? '');
        if (columns.includes('_step')) addTo(folders, folder, file);
        else if (columns.includes('Name') && columns.includes('State') && (columns.includes('Created') || columns.includes('Runtime')))
          units.push(...(await unitsOf(file, () => tableUnits(file))));
        else if (panelSteps.has(columns[0] ?? '') && columns.slice(1).some((column) => panelColumn.test(column)))
          addTo(panels, folder, file);
      }
    }
    for (const [folder, files] of folders)
      units.push({
        label: folder === '.' ? place.root : folder,
        weight: files.reduce((sum, { bytes }) => sum + bytes, 0),
        read: () => runOfFolder(place, folder, files),
      });
    for (const files of panels.values()) units.push(...(await panelUnits(files)));
    return { units };
  },
};

async function tableUnits(file: LogFile): Promise<LogUnit[]> {
  const { columns, rows } = csvRows(await readFile(file.path, 'utf8'), file.path);
  return rows.map(({ line, fields }) => ({
    label: `${file.relative}:${line}`,
    weight: file.bytes / rows.length,
    read: () => {
      const of = (column: string) => fields[columns.indexOf(column)]?.trim() ?? '';
      const settings: Record<string, RawValue> = {};
      const stated: Record<string, number> = {};
      for (const [at, column] of columns.entries()) {
        const field = fields[at] ?? '';
        if (about.has(column) || field === '') continue;
        const number = numberIn(field);
        if (number !== undefined && isMeasured(column)) stated[column] = number;
        else settings[column] = parameterOf(field);
      }
      const created = Date.parse(of('Created'));
      return Promise.resolve({
        name: of('Name') || of('ID') || `row ${line}`,
        source: `${file.path}:${line}`,
        ...endOf(of('State')),
        ...(Number.isNaN(created) ? {} : { startedAt: created }),
        settings,
        metrics: [],
        stated,
        ...(of('Notes') === '' || of('Notes') === '-' ? {} : { note: of('Notes') }),
        tags: of('Tags')
          .split(',')
          .map((tag) => tag.trim())
          .filter((tag) => tag !== ''),
      });
    },
  }));
}

/** The table does not say which columns were set and which were measured; names of metrics, losses and parts are measured. */
const isMeasured = (column: string) => {
  const { part, key, metric } = readMetricName(column);
  if (key === 'learning-rate') return false;
  return metric !== undefined || key === 'loss' || part !== 'other' || column.includes('@') || /loss|acc|auc|mrr|hit|ndcg/i.test(column);
};

function endOf(state: string): Pick<RawRun, 'state' | 'remarks'> {
  if (state === 'finished') return { state };
  return {
    state: state === 'failed' || state === 'crashed' ? 'failed' : 'stopped',
    remarks: [`W&B says of its end: ${state === '' ? 'nothing' : state}`],
  };
}

/** Several panels of the same runs lie beside each other: what they have of a run is one run. */
async function panelUnits(files: readonly LogFile[]): Promise<LogUnit[]> {
  const names = new Set<string>();
  for (const file of files)
    for (const column of headerOf((await textHead(file)) ?? '').slice(1)) {
      const name = panelColumn.exec(column)?.[1];
      if (name !== undefined) names.add(name);
    }
  const books = sharedReading(names.size, () => panelBooks(files));
  const seriesOf = async (name: string): Promise<readonly RawMetric[]> => {
    const found = (await books()).get(name);
    const metrics = found?.book.metrics ?? [];
    return found?.hasNoSteps === true ? metrics.map((metric) => ({ ...metric, hasNoSteps: true })) : metrics;
  };
  return [...names].map((name) => ({
    label: name,
    weight: files.reduce((sum, { bytes }) => sum + bytes, 0) / names.size,
    read: async () => ({
      name,
      source: dirname(files[0]!.path),
      settings: {},
      metrics: await seriesOf(name),
      remarks: ['Panels hold no settings of a run'],
    }),
  }));
}

/** `hasNoSteps`: one of its panels is over times or epochs. */
interface PanelBook {
  readonly book: SeriesBook;
  readonly hasNoSteps: boolean;
}

/** The series of each run that the panels name. @throws ProblemError logs.damaged */
async function panelBooks(files: readonly LogFile[]): Promise<ReadonlyMap<string, PanelBook>> {
  const books = new Map<string, PanelBook>();
  for (const file of files) {
    const { columns, rows } = csvRows(await readFile(file.path, 'utf8'), file.path);
    for (const [at, column] of columns.entries()) {
      const [, run, metric = ''] = panelColumn.exec(column) ?? [];
      if (at === 0 || run === undefined || /__(?:MIN|MAX)$/.test(column)) continue;
      const { book, hasNoSteps } = books.get(run) ?? { book: new SeriesBook(), hasNoSteps: false };
      books.set(run, { book, hasNoSteps: hasNoSteps || !stepColumns.includes(columns[0]) });
      for (const { fields } of rows) {
        const [step, value] = [numberIn(fields[0]), numberIn(fields[at])];
        if (step !== undefined && value !== undefined) book.add(metric, step, value);
      }
    }
  }
  return books;
}

async function runOfFolder(place: LogPlace, folder: string, files: readonly LogFile[]): Promise<RawRun> {
  const book = new SeriesBook();
  let settings: Record<string, RawValue> = {};
  const stated: Record<string, number> = {};
  const times: number[] = [];
  for (const file of files) {
    const name = basename(file.relative);
    if (name === 'config.yaml')
      settings = settingsOf(await read(file, (text) => parse(text, { schema: 'core', logLevel: 'error' }) as unknown));
    else if (name === 'wandb-summary.json') {
      for (const [key, value] of Object.entries(flat(await read(file, (text) => JSON.parse(text) as unknown))))
        if (!key.startsWith('_') && typeof value === 'number') stated[key] = value;
    } else for (const row of await history(file)) addRow(row, book, times);
  }
  // wandb/run-20261121_101112-1a2b3c4d/files
  const own = folder === '.' ? place.root : join(place.root, folder);
  const name = basename(basename(own) === 'files' ? dirname(own) : own);
  return {
    name,
    source: own,
    ...(times.length === 0 ? {} : { startedAt: times[0]! * 1000, endedAt: times[times.length - 1]! * 1000 }),
    settings,
    metrics: book.metrics,
    stated: book.metrics.length === 0 ? stated : notInSeries(stated, book.metrics),
    remarks: book.metrics.length === 0 ? ['No history was exported: there are last values and no curves'] : [],
  };
}

/** The summary holds the last value of every series: of those the series speaks. */
const notInSeries = (stated: Readonly<Record<string, number>>, metrics: readonly RawMetric[]) =>
  Object.fromEntries(Object.entries(stated).filter(([key]) => !metrics.some(({ name }) => name === key)));

function addRow(row: Readonly<Record<string, unknown>>, book: SeriesBook, times: number[]): void {
  const step = row['_step'];
  if (typeof step !== 'number') return;
  if (typeof row['_timestamp'] === 'number') times.push(row['_timestamp']);
  for (const [key, value] of Object.entries(flat(row)))
    if (key !== '' && !key.startsWith('_') && typeof value === 'number') book.add(key, step, value);
}

async function history(file: LogFile): Promise<Record<string, unknown>[]> {
  const text = await readFile(file.path, 'utf8');
  if (/\.csv$/i.test(file.path)) {
    const { columns, rows } = csvRows(text, file.path);
    return rows.map(({ fields }) => Object.fromEntries(columns.map((column, at) => [column, numberIn(fields[at])])));
  }
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      throw damaged(`${file.path}:${index + 1}`, 'The line is no JSON', exportAgain);
    }
  });
}

async function read(file: LogFile, parser: (text: string) => unknown): Promise<unknown> {
  try {
    return parser(await readFile(file.path, 'utf8'));
  } catch (error) {
    throw damaged(
      file.path,
      `The file cannot be read: ${error instanceof Error ? error.message.split('\n')[0]! : String(error)}`,
      exportAgain,
    );
  }
}

/** config.yaml keeps each setting as { desc, value }; newer exports keep the value alone. */
function settingsOf(config: unknown): Record<string, RawValue> {
  const settings: Record<string, RawValue> = {};
  if (typeof config !== 'object' || config === null) return settings;
  for (const [key, entry] of Object.entries(config)) {
    if (key === '_wandb' || key === 'wandb_version') continue;
    const value: unknown = typeof entry === 'object' && entry !== null && 'value' in entry ? entry.value : entry;
    for (const [name, part] of Object.entries(flat({ [key]: value })))
      if (part !== null && part !== undefined) settings[name] = plain(part);
  }
  return settings;
}

const plain = (value: unknown): RawValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : JSON.stringify(value);

/** Names inside names joined by dots. */
function flat(value: unknown, prefix = '', depth = 0): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {};
  const found: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) {
    const isObject = typeof part === 'object' && part !== null && !Array.isArray(part);
    if (isObject && depth < 8) Object.assign(found, flat(part, `${prefix}${key}.`, depth + 1));
    else found[`${prefix}${key}`] = part;
  }
  return found;
}
