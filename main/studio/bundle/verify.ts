/** A bundle checked from the file alone: checksums, metrics from values per user, tables from metrics of runs. Nothing in it is run or unpacked to disk. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { strFromU8, unzipSync } from 'fflate';
import * as v from 'valibot';
import type { Verification } from '#contract/bundle.ts';
import { ProblemError } from '#contract/problem.ts';
import { metricKeys } from '#contract/run.ts';
import { tableColumns, tableSchema, type TableCell } from '#contract/table.ts';
import { aggregate } from '#stats/aggregate.ts';
import { readMatrix } from '../artifact-files.ts';
import { systemWords } from '../system-words.ts';
import { manifestName, manifestSchema, runMetricsSchema, runPath, type Manifest } from './manifest.ts';

/** Two orders of adding up doubles differ in the last digits. */
const tolerance = 1e-9;
/** More than this is no bundle of ours: the check holds what it unpacks in memory. */
const mostBytes = 4e9;

type Files = Readonly<Record<string, Uint8Array>>;
type Metrics = v.InferOutput<typeof runMetricsSchema>;

/** @throws ProblemError where the file cannot be read or is no bundle; what is wrong inside is in `problems`. */
export async function verifyBundle(path: string): Promise<Verification> {
  const files = unpack(await fileBytes(path), path);
  const manifest = manifestOf(files, path);
  const problems: Verification['problems'] = [];
  const report = (where: string, text: string) => void problems.push({ where, text });
  checkSums(files, manifest, report);
  const runs = new Map<string, Metrics>();
  let metrics = 0;
  for (const id of manifest.runs) {
    const found = parsed(files, runPath(id, 'metrics.json'), runMetricsSchema, report);
    if (found === undefined) continue;
    runs.set(id, found);
    for (const part of ['validation', 'test'] as const) metrics += checkMetrics(files, id, part, found[part], report);
  }
  let cells = 0;
  for (const name of manifest.tables) {
    const table = parsed(files, name, v.object({ table: tableSchema }), report)?.table;
    if (table === undefined) continue;
    const columns = tableColumns(table);
    for (const [row, line] of table.cells.entries())
      for (const [column, cell] of line.entries()) {
        const metric = columns[column]?.metric.key ?? '';
        const title = `${name}, row ${row + 1} (${table.rows[row]?.title ?? 'without a name'}), ${metric}`;
        cells += checkCell(cell, runs, table.part, metric, (text) => report(title, text));
      }
  }
  const { title, createdAt, program } = manifest;
  return { path, title, createdAt, program, files: manifest.files.length, runs: manifest.runs.length, metrics, cells, problems };
}

type Report = (where: string, text: string) => void;

function checkSums(files: Files, manifest: Manifest, report: Report): void {
  const known = new Set([manifestName, ...manifest.files.map(({ path }) => path)]);
  for (const path of Object.keys(files)) if (!known.has(path) && !path.endsWith('/')) report(path, 'is not in the manifest');
  for (const { path, sha256 } of manifest.files) {
    const content = files[path];
    if (content === undefined) report(path, 'is in the manifest and not in the bundle');
    else if (createHash('sha256').update(content).digest('hex') !== sha256)
      report(path, 'was changed: its SHA-256 is not that of the manifest');
  }
}

/** Means over users of what is kept per user; how many were compared. */
function checkMetrics(files: Files, id: string, part: 'validation' | 'test', told: Metrics['test'], report: Report): number {
  const path = runPath(id, `per-user-${part}.npy`);
  const content = files[path];
  if (told === undefined || content === undefined) return 0;
  let matrix;
  try {
    matrix = readMatrix(content, path);
  } catch (error) {
    report(path, error instanceof Error ? error.message : String(error));
    return 0;
  }
  const { rows, columns, values } = matrix;
  let checked = 0;
  for (const [index, key] of metricKeys.entries()) {
    const value = told[key];
    if (value === undefined || index + 1 >= columns) continue;
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += values[row * columns + 1 + index]!;
    checked++;
    if (!agree(sum / rows, value)) report(path, `the mean of ${key} over ${rows} users is ${sum / rows}, the run says ${value}`);
  }
  return checked;
}

function checkCell(
  cell: TableCell,
  runs: ReadonlyMap<string, Metrics>,
  part: 'validation' | 'test',
  metric: string,
  report: (text: string) => void,
): number {
  if (cell.mean === undefined) return 0;
  const values = cell.runIds.flatMap((id) => runs.get(id)?.[part]?.[metric] ?? []);
  const made = aggregate(values);
  if (made === undefined || made.n !== cell.n) report(`has ${cell.n} runs in the table, ${values.length} with a value in the bundle`);
  else if (!agree(made.mean, cell.mean)) report(`the mean of its runs is ${made.mean}, the table says ${cell.mean}`);
  else if (made.sd !== undefined && !agree(made.sd, cell.sd ?? Number.NaN))
    report(`the standard deviation of its runs is ${made.sd}, the table says ${cell.sd ?? 'nothing'}`);
  return 1;
}

function agree(one: number, other: number): boolean {
  return Math.abs(one - other) <= tolerance * Math.max(1, Math.abs(one));
}

function parsed<T extends v.GenericSchema>(files: Files, path: string, schema: T, report: Report): v.InferOutput<T> | undefined {
  const content = files[path];
  // Missing files are told once, by the manifest.
  if (content === undefined) return undefined;
  try {
    return v.parse(schema, JSON.parse(strFromU8(content)));
  } catch (error) {
    report(path, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function fileBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw notOurs(path, systemWords(error));
  }
}

function unpack(bytes: Uint8Array, path: string): Files {
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ originalSize }) => {
        total += originalSize;
        if (total > mostBytes) throw new RangeError('it unpacks to more than 4 GB');
        return true;
      },
    });
  } catch (error) {
    throw notOurs(path, error instanceof Error ? error.message : String(error));
  }
}

function manifestOf(files: Files, path: string): Manifest {
  const content = files[manifestName];
  if (content === undefined) throw notOurs(path, `it has no ${manifestName}`);
  try {
    return v.parse(manifestSchema, JSON.parse(strFromU8(content)));
  } catch (error) {
    throw notOurs(path, `its ${manifestName} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function notOurs(path: string, reason: string): ProblemError {
  return new ProblemError({
    kind: 'data',
    code: 'bundle.unreadable',
    message: `The bundle cannot be read: ${reason}`,
    where: path,
    fix: 'Give the path of a .zip that Avocet saved, whole.',
  });
}
