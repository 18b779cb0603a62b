import { existsSync, mkdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { about } from '#contract/amounts.ts';
import type { DatasetSummary } from '#contract/dataset.ts';
import type { Link } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import { budgetSchema } from '#contract/run.ts';
import { comparableSet, type ReproducedRow } from '#studio/reproduction/comparable-set.ts';
import { readReferences, type Reference } from '#studio/reproduction/references.ts';
import { reportCsv, reportMarkdown } from '#studio/reproduction/report-text.ts';
import { reproductionReport, selectionWords, type ReproductionReport } from '#studio/reproduction/report.ts';
import { holdsFiles } from '#studio/reproduction/same-folder.ts';
import { systemWords } from '#studio/system-words.ts';
import { threadsRemark } from '#studio/threads.ts';
import { required, text, texts, UsageError, whole, type Command, type Context, type Values } from '../command.ts';
import { unknownKey } from '#studio/nearest.ts';
import { seeds, trainingOptions, trainingRequest } from '../experiment-options.ts';
import { outcomesOf, planRows, startRows, type PlannedRow, type StartedRow } from '../reproduction-runs.ts';
import { follow, report as runReport } from '../run-report.ts';
import { estimateText, problemLines } from '../words.ts';
import { importFolder } from './import.ts';
import { writeTable } from './table.ts';

const { epochs, device, threads } = trainingOptions;

export const reproduce: Command = {
  name: 'reproduce',
  summary:
    'trains the models that can be compared with published values, selected on validation, and writes a table of both; goes on where it was ended',
  usage: '--dataset FOLDER [--models M,…] [--seeds A,B,C] [--epochs N] [--jobs N] [--published FILE]… [--dry-run]',
  positionals: { least: 0, most: 0 },
  ownFolder: 'reproduce',
  options: {
    dataset: { type: 'string', value: 'FOLDER', help: 'a dataset folder in the MMRec layout; imported once' },
    models: { type: 'string', value: 'M,\u2026', help: `of ${comparableSet.map(({ id }) => id).join(', ')} (default all)` },
    seeds: { type: 'string', value: 'A,B', help: 'seeds, replicates of each other (default 1,2,3)' },
    epochs,
    jobs: { type: 'string', value: 'N', help: 'runs at once' },
    device,
    threads,
    published: {
      type: 'string',
      multiple: true,
      value: 'FILE',
      help: 'printed values (default: published-numbers.csv and peer-results.csv beside the dataset folder)',
    },
    output: { type: 'string', value: 'DIR', help: 'where the table is written (default: the data folder)' },
    'dry-run': { type: 'boolean', help: 'prints what would be trained, with its estimated time, and trains nothing' },
  },
  async run(context) {
    const { values } = context;
    const folder = resolve(required(values, 'dataset'));
    const rows = chosenRows(values);
    const training = { ...trainingRequest(values), seeds: seeds(values, [1, 2, 3]) };
    const jobs = whole(values, 'jobs', 1);
    const isDry = values['dry-run'] === true;
    if (!(await isFolder(folder))) throw new UsageError(`--dataset must be a folder, found "${folder}"`);
    const { files, references } = await printedValues(texts(values, 'published'), folder);

    const link = await context.link({ resume: !isDry });
    if (jobs !== undefined) await link.call('queue.concurrency', { runs: jobs });
    const dataset = await importedDataset(context, link, folder);
    const planned = await planRows(link, rows, dataset, training);
    if (isDry || !context.isJson) describePlan(context, planned, isDry);
    if (isDry) return { json: { dataset: dataset.id, home: context.home, plan: planned.map(planJson) } };

    context.note(selectionWords);
    const remark = threadsRemark(training.device ?? 'wasm', training.threads ?? 0);
    if (remark !== undefined) context.note(remark);
    const { models: cards } = await link.call('models.list', {});
    const place = join(resolve(text(values, 'output') ?? context.home), `reproduce-${dataset.id}`);
    mkdirSync(dirname(place), { recursive: true });
    const limit = v.parse(budgetSchema, training.budget ?? {}).epochs;
    // From here on an interrupt has something to pause.
    const interruption = context.interruptible();
    const started = await startRows(link, planned);
    const tell = async (): Promise<ReproductionReport> => {
      const outcomes = await outcomesOf(await context.link({ resume: true }), started);
      const told = reproductionReport({ dataset, cards, outcomes, references, files, epochs: limit, seeds: training.seeds });
      await writeTable(`${place}.md`, reportMarkdown(told));
      await writeTable(`${place}.csv`, reportCsv(told));
      return told;
    };
    await tell();
    // One after the other: each run that ends renews the table, so that whoever ends the command has it as it stands.
    let telling: Promise<unknown> = Promise.resolve();
    const onEnded = () => (telling = telling.then(tell).catch(() => undefined));
    const runs = await follow(context, link, idsOf(started), {
      interruption,
      isOwn: () => true,
      again: 'the same command, which trains no finished run again',
      onEnded,
    });
    await telling;
    const told = await tell();
    for (const { problem } of runs) if (problem !== undefined) for (const line of problemLines(problem)) context.note(line);
    context.write(reportMarkdown(told));
    context.note(`Written: ${place}.md and ${place}.csv`);
    return {
      json: { home: context.home, report: told, files: [`${place}.md`, `${place}.csv`], runs: runs.map(runReport) },
      exitCode: runs.some(({ state }) => state === 'failed') ? 1 : 0,
    };
  },
};

function idsOf(started: readonly StartedRow[]): string[] {
  return [...new Set(started.flatMap(({ runIds }) => runIds))];
}

/** Rows by their own name, or by a model's for all of it. */
function chosenRows(values: Values): readonly ReproducedRow[] {
  const asked = text(values, 'models')
    ?.split(',')
    .map((entry) => entry.trim());
  if (asked === undefined) return comparableSet;
  const known = comparableSet.map(({ id }) => id);
  for (const name of asked)
    if (!comparableSet.some(({ id, model }) => id === name || model === name))
      throw new UsageError(unknownKey(name, known, 'models that reproduce trains'));
  return comparableSet.filter(({ id, model }) => asked.includes(id) || asked.includes(model));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The files given, else those of the usual names beside the dataset folder, as far as they are there. */
async function printedValues(given: readonly string[], folder: string): Promise<{ files: string[]; references: Reference[] }> {
  const usual = ['published-numbers.csv', 'peer-results.csv'].map((name) => join(dirname(folder), name)).filter((path) => existsSync(path));
  const paths = given.length === 0 ? usual : given.map((path) => resolve(path));
  const references: Reference[] = [];
  for (const path of paths) {
    const content = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new ProblemError({
        kind: 'data',
        code: 'reproduce.unreadable',
        message: `The printed values cannot be read: ${systemWords(error)}`,
        where: path,
        fix: 'Give the path of a CSV file with --published.',
      });
    });
    references.push(...readReferences(content, basename(path)));
  }
  return { files: paths.map((path) => basename(path)), references };
}

/** The dataset that was imported from exactly these files, else a new one of the folder's name. */
async function importedDataset(context: Context, link: Link, folder: string): Promise<DatasetSummary> {
  const { datasets } = await link.call('datasets.list', {});
  for (const { id, source } of datasets) {
    if (source !== 'mmrec-folder') continue;
    const { detail } = await link.call('datasets.get', { id });
    if (await holdsFiles(folder, detail.files)) return detail.summary;
  }
  const taken = new Set(datasets.flatMap(({ id, name }) => [id, name.toLowerCase()]));
  let name = basename(folder);
  for (let at = 2; taken.has(name.toLowerCase()); at++) name = `${basename(folder)} ${at}`;
  return importFolder(context, link, { folder, name, answers: {} });
}

function describePlan(context: Context, planned: readonly PlannedRow[], isDry: boolean): void {
  const say = isDry ? context.print : context.note;
  for (const { row, plan, impossible } of planned) {
    if (impossible !== undefined) say(`${row.id}: not on this dataset: ${impossible}`);
    else
      say(
        `${row.id}: ${plan.runs} to train, ${plan.known} finished, ${plan.underway} begun, ${plan.runs === 0 ? 'nothing to start' : estimateText(plan.time)}`,
      );
  }
  const open = planned.filter(({ plan, impossible }) => impossible === undefined && plan.runs > 0);
  const isKnown = open.every(({ plan }) => plan.time.basis !== 'estimating');
  const total = open.reduce((sum, { plan }) => sum + plan.time.seconds, 0);
  const runs = open.reduce((sum, { plan }) => sum + plan.runs, 0);
  say(runs === 0 ? 'In all no new runs' : `In all ${runs} runs to train, ${isKnown ? about(total) : 'estimating'}`);
}

function planJson({ row, plan, impossible }: PlannedRow) {
  const { runs, known, underway, time } = plan;
  return { row: row.id, model: row.model, runs, known, underway, time, ...(impossible === undefined ? {} : { impossible }) };
}
