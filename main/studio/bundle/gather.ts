/**
 * The files of a bundle: what is needed to repeat what a comparison shows and to check its numbers. Not the data (its fingerprints), not weights
 * (their checksums). Masked test values stay masked, since everything comes from where the screens have it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { patchArtifact } from '#contract/external.ts';
import { exportOptionsSchema, tableRequestSchema, type ExportOptions, type Table, type TableRequest } from '#contract/table.ts';
import { ProblemError } from '#contract/problem.ts';
import { readRemarks } from '#data/remarks.ts';
import { formats } from '#export/formats.ts';
import * as v from 'valibot';
import { readLines } from '../console-log.ts';
import { redact } from '../diagnostics/redact.ts';
import { privateHere } from '../diagnostics/report.ts';
import { isOwn, type ComparedRun, type ComparisonSource } from '../compared-run.ts';
import type { StudioCore } from '../core.ts';
import { buildTable } from '../table.ts';
import { runPath } from './manifest.ts';
import { bareProblem, isOwnCode, isNamedByCode, ownLines } from './mask.ts';

export interface BundleEntry {
  readonly path: string;
  readonly content: Uint8Array;
}

export interface Gathered {
  readonly title: string;
  readonly runs: readonly ComparedRun[];
  /** Paths of the tables that {@link Gathered.entries} yields. */
  readonly tables: readonly string[];
  readonly omitted: readonly { path: string; bytes: number; sha256: string }[];
  /** One file after the other, read when asked for. */
  entries(): AsyncGenerator<BundleEntry, void, void>;
}

/**
 * Whether a file of a run goes into a bundle: what its metrics are means of, and of what is the person's own the source of a model or the
 * changes of a command's repository, without which no recipe makes them again. Checkpoints, lists and vectors are large, and made by the
 * recipe.
 */
export const isBundled = (artifact: string): boolean =>
  artifact.startsWith('per-user-') || artifact.startsWith('source ') || artifact === patchArtifact;

/** What may hold test values: those of users, and changed files of a repository, which may be results of earlier runs. */
const tellsTest = (artifact: string): boolean => artifact === 'per-user-test' || artifact === patchArtifact;

const metrics = ['recall@10', 'recall@20', 'ndcg@10', 'ndcg@20'];

/** @throws ProblemError `table.empty` where no run of the scope has finished. */
export function gather(core: StudioCore, source: ComparisonSource, scope: NonNullable<TableRequest['scope']>): Gathered {
  const tables = new Map<string, Table>();
  for (const rows of ['model', 'configuration'] as const)
    tables.set(`tables/${rows}s`, buildTable(source, v.parse(tableRequestSchema, { scope, rows, metrics })));
  const runs = source.runs(v.parse(tableRequestSchema.entries.scope, scope)).filter(isOwn);
  const { store } = core;
  const kept = (run: ComparedRun) =>
    store.runs.artifacts(run.summary.id).filter(({ name }) => isBundled(name) && !(tellsTest(name) && run.summary.test.state !== 'shown'));
  return {
    title: [...tables.values()][0]!.title,
    runs,
    tables: [...tables.keys()].map((path) => `${path}.json`),
    omitted: runs.flatMap(({ summary }) =>
      store.runs
        .artifacts(summary.id)
        .filter(({ name }) => !isBundled(name))
        .map(({ file, bytes, sha256 }) => ({ path: runPath(summary.id, file), bytes, sha256 })),
    ),
    async *entries() {
      for (const [path, table] of tables) yield* tableEntries(path, table);
      for (const id of new Set(runs.map(({ summary }) => summary.experimentId))) {
        const { name, question, note, createdAt, protocol, request, selection } = store.experiments.get(id)!;
        yield json(`experiments/${id}.json`, { id, name, question, note, createdAt, protocol, request, selection: selection ?? null });
      }
      for (const id of new Set(runs.map(({ summary }) => summary.dataset))) {
        const dataset = store.datasets.get(id);
        if (dataset === undefined) continue;
        const { licence } = await readRemarks(dataset.folder);
        yield json(`datasets/${id}.json`, { ...dataset.summary, ...(licence === undefined ? {} : { licence }) });
      }
      for (const run of runs) yield* runEntries(core, run, kept(run));
    },
  };
}

function* tableEntries(path: string, table: Table): Generator<BundleEntry, void, void> {
  const options = (format: ExportOptions['format']) => v.parse(exportOptionsSchema, { format, scope: 'file' });
  yield text(`${path}.json`, formats.json.write(table, options('json')));
  yield text(`${path}.csv`, formats.csv.write(table, options('csv')));
  yield text(`${path}.tex`, formats.latex.write(table, options('latex')));
}

async function* runEntries(
  core: StudioCore,
  { summary, config }: ComparedRun,
  files: readonly { readonly name: string; readonly file: string; readonly sha256: string }[],
): AsyncGenerator<BundleEntry, void, void> {
  const { id } = summary;
  const { command, provenance, stages, attempts } = core.view.detail(id);
  const { state, stopReason, epochs, bestEpoch, elapsedSeconds, sentence } = summary;
  const showsTest = summary.test.state === 'shown';
  const hidesWords = !showsTest && isOwnCode(config);
  const problem = summary.problem !== undefined && hidesWords ? bareProblem(summary.problem) : summary.problem;
  yield json(runPath(id, 'config.json'), config);
  yield text(runPath(id, 'command.txt'), `${command}\n`);
  yield json(runPath(id, 'record.json'), {
    state,
    stopReason,
    problem,
    epochs,
    bestEpoch,
    elapsedSeconds,
    // Of a run that failed it quotes why.
    ...(hidesWords && summary.problem !== undefined ? {} : { sentence }),
    stages,
    attempts,
    provenance,
  });
  yield json(runPath(id, 'metrics.json'), {
    ...(summary.validation === undefined ? {} : { validation: summary.validation }),
    ...(summary.test.state === 'shown' ? { test: summary.test.values } : {}),
  });
  yield text(runPath(id, 'series.csv'), seriesCsv(core.store.series.of(id).filter(({ key }) => !hidesWords || !isNamedByCode(key))));
  yield text(runPath(id, 'log.txt'), logText(core, id, showsTest));
  for (const { name, file } of files) yield { path: runPath(id, file), content: await stored(join(core.folders.run(id), file), name) };
}

/**
 * What the run said, line by line. Names and folders of the machine are taken out, since bundles are handed on; while test is masked so is
 * what programs printed.
 */
function logText(core: StudioCore, id: string, showsTest: boolean): string {
  const all = readLines(core.folders.run(id), Infinity).lines;
  const { lines, leftOut } = showsTest ? { lines: all, leftOut: 0 } : ownLines(all);
  const whole = lines.map((line) => `${new Date(line.at).toISOString()} ${line.level} ${line.text}\n`).join('');
  const note =
    leftOut === 0 ? '' : `# Left out while test is masked: what Avocet did not write itself, ${leftOut} of ${all.length} lines\n`;
  return redact(`${whole}${note}`, privateHere(core.folders.home));
}

async function stored(path: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ProblemError({
      kind: 'disk',
      code: 'bundle.unreadable',
      message: `A file of a run cannot be read (${name}): ${error instanceof Error ? error.message : String(error)}`,
      where: path,
      fix: 'Leave the run out of the comparison, or run it again.',
    });
  }
}

function seriesCsv(all: readonly { stage: string; key: string; epochs: Int32Array; values: Float64Array }[]): string {
  const lines = ['stage,key,epoch,value'];
  for (const { stage, key, epochs, values } of all)
    for (const [index, epoch] of epochs.entries()) lines.push(`${stage},${key},${epoch},${values[index]!}`);
  return `${lines.join('\r\n')}\r\n`;
}

function json(path: string, value: unknown): BundleEntry {
  return text(path, `${JSON.stringify(value, null, 2)}\n`);
}

function text(path: string, content: string): BundleEntry {
  return { path, content: Buffer.from(content, 'utf8') };
}
