import { extname, resolve } from 'node:path';
import { duration } from '#contract/amounts.ts';
import type { Link } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import { sheetFormats } from '#contract/runs-table.ts';
import { text, texts, UsageError, whole, type Command, type Context, type Outcome } from '../command.ts';
import { report, stateWord } from '../run-report.ts';
import { columns } from '../words.ts';

export const runs: Command = {
  name: 'runs',
  summary: 'past and present runs, newest first',
  usage: '[--filter EXPRESSION]… [--limit N] [--output FILE.csv|.xlsx|.parquet [--columns A,B] [--collapse] [--units]]',
  positionals: { least: 0, most: 0 },
  options: {
    filter: {
      type: 'string',
      multiple: true,
      value: 'EXPRESSION',
      help: 'model=egra, state=finished, val.recall@20>0.1, ii_k=10, or a word to search',
    },
    limit: { type: 'string', value: 'N', help: 'at most this many (default 1000)' },
    output: { type: 'string', value: 'FILE', help: 'everything matched as a .csv, .xlsx or .parquet file, values of papers last' },
    columns: { type: 'string', value: 'A,B', help: 'with --output: these fields, formulas after = (default: all there are)' },
    collapse: { type: 'boolean', help: 'with --output: one row a configuration, seeds averaged' },
    units: { type: 'boolean', help: 'with --output FILE.csv: a row of units below the header' },
  },
  async run(context) {
    const filters = texts(context.values, 'filter');
    const filter = filters.length > 1 ? filters.map((text) => `(${text})`).join(' and ') : (filters[0] ?? '');
    const limit = whole(context.values, 'limit', 1) ?? 1000;
    const output = text(context.values, 'output');
    if (output === undefined && ['columns', 'collapse', 'units'].some((key) => context.values[key] !== undefined))
      throw new UsageError('--columns, --collapse and --units are for --output FILE');
    const link = await context.link({ resume: false });
    if (output !== undefined) return exported(context, link, { output, filter });
    const page = await orWrongUse(() => link.call('runs.page', { filter, collapse: false, limit: Math.min(limit, 1000) }));
    const all = page.rows.flatMap((row) => row.runs);
    const rows = all.map((run) => [
      run.id,
      stateWord(run),
      run.modelTitle,
      run.datasetName,
      run.imported === undefined ? String(run.seed) : '',
      run.differences.map((entry) => `${entry.key}=${entry.value}`).join(' '),
      run.validation?.['recall@20']?.toFixed(4) ?? '',
      run.bestEpoch === undefined ? '' : `${run.bestEpoch} of ${run.epochs}`,
      run.imported !== undefined && run.elapsedSeconds === 0 ? '' : duration(run.elapsedSeconds),
      run.experimentName,
    ]);
    for (const line of columns(['id', 'state', 'model', 'dataset', 'seed', 'settings', 'val. R@20', 'best', 'time', 'experiment'], rows))
      context.print(line);
    if (page.totalRuns > all.length) context.note(`${all.length} of ${page.totalRuns} runs shown; --limit shows more`);
    return {
      json: {
        runs: all.map((run) => ({
          ...report(run),
          experimentName: run.experimentName,
          differences: run.differences,
          tags: run.tags,
          createdAt: run.createdAt,
        })),
        total: page.totalRuns,
      },
    };
  },
};

/** Writes all that is matched into a file, its form told by the extension. */
async function exported(
  context: Context,
  link: Link,
  { output, filter }: { readonly output: string; readonly filter: string },
): Promise<Outcome> {
  const format = sheetFormats.find((known) => extname(output).toLowerCase() === `.${known}`);
  if (format === undefined) throw new UsageError(`--output ends in .csv, .xlsx or .parquet, found "${output}"`);
  const units = context.values['units'] === true;
  if (units && format !== 'csv') throw new UsageError('--units is a row of a .csv file');
  const asked = text(context.values, 'columns');
  const columns = asked?.split(',').map((column) => column.trim()) ?? (await link.call('runs.fields', {})).fields.map(({ name }) => name);
  const saved = await orWrongUse(() =>
    link.call('runs.exportTo', {
      query: { filter, collapse: context.values['collapse'] === true },
      columns,
      format,
      units,
      path: resolve(output),
    }),
  );
  context.print(`${saved.rows} rows${saved.reported === 0 ? '' : ` and ${saved.reported} of papers`} in ${saved.path}`);
  return { json: { saved } };
}

/** A filter that cannot be read, or that names a field no run has, is wrong use and not a failure of the studio. */
async function orWrongUse<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFilter = error instanceof ProblemError && ['runs.filter', 'runs.unknown-field'].includes(error.problem.code);
    if (isFilter) throw new UsageError(`--filter: ${error.message}. ${error.problem.fix ?? ''}`);
    throw error;
  }
}
