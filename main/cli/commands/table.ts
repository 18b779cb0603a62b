import { stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import { metricKeys } from '#contract/run.ts';
import { arrangements, exportFormats, partWords, type ExportRequest } from '#contract/table.ts';
import { systemWords } from '#studio/system-words.ts';
import { oneOf, text, texts, UsageError, whole, type Command } from '../command.ts';
import { unknownKey } from '#studio/nearest.ts';
import { columnOptionHelp, columnOptionsOf } from '../column-options.ts';
import { testOptionHelp, testOptionsOf } from '../test-options.ts';
import { findExperiment } from './experiments.ts';

export const table: Command = {
  name: 'table',
  summary: 'the pivot table: validation until the selection is frozen, then test; labelled',
  usage:
    '[--experiment E]… [--rows model] [--columns dataset] [--metrics recall@20,ndcg@20] [--baseline MODEL [--stars]] [--format csv|latex|markdown|json|xlsx|parquet]',
  positionals: { least: 0, most: 0 },
  options: {
    experiment: { type: 'string', multiple: true, value: 'E', help: 'id or name; all finished runs where none is given' },
    rows: { type: 'string', value: 'R', help: 'model (the winner on validation) or configuration' },
    columns: { type: 'string', value: 'C', help: 'dataset' },
    metrics: { type: 'string', value: 'M,…', help: 'such as recall@20,ndcg@20' },
    format: {
      type: 'string',
      value: 'F',
      help: 'csv, latex, markdown (default), json, which is what --json prints, or a file: xlsx, parquet',
    },
    ...columnOptionHelp,
    part: { type: 'string', value: 'P', help: 'auto (default), validation or test' },
    baseline: { type: 'string', value: 'MODEL', help: 'adds the gain over this model' },
    stars: { type: 'boolean', help: 'tests every row against --baseline: * better, \u2020 worse' },
    ...testOptionHelp,
    decimals: { type: 'string', value: 'N', help: 'decimals shown (default 4)' },
    scope: { type: 'string', value: 'S', help: 'LaTeX: fragment (default) or file' },
    arrange: { type: 'string', value: 'A', help: 'LaTeX: whole (default), stacked in panels one under another, or turned on its side' },
    units: { type: 'boolean', help: 'CSV: a row of units below the header' },
    output: { type: 'string', value: 'FILE', help: 'write here instead of stdout' },
  },
  async run(context) {
    const { values } = context;
    const rows = oneOf(values, 'rows', ['model', 'configuration']);
    const columns = columnOptionsOf(values);
    const part = oneOf(values, 'part', ['auto', 'validation', 'test']);
    const output = text(values, 'output');
    const asked = oneOf(values, 'format', exportFormats);
    if (context.isJson && asked !== undefined && asked !== 'json' && output === undefined)
      throw new UsageError(`--json prints the table as JSON and --format ${asked} does not: leave one out, or give --output FILE`);
    const format = asked ?? 'markdown';
    if ((format === 'xlsx' || format === 'parquet') && output === undefined)
      throw new UsageError(`--format ${format} is a file and no text: give --output FILE`);
    const units = values['units'] === true;
    if (units && format !== 'csv') throw new UsageError('--units is a row of --format csv');
    const scope = oneOf(values, 'scope', ['fragment', 'file']);
    const arrange = oneOf(values, 'arrange', arrangements);
    oneOf(values, 'columns', ['dataset']);
    const decimals = whole(values, 'decimals', 2);
    const metrics = text(values, 'metrics')
      ?.split(',')
      .map((entry) => entry.trim());
    if (metrics?.some((entry) => entry === '') === true)
      throw new UsageError('--metrics must be names with commas between, such as recall@20,ndcg@20');
    for (const metric of metrics ?? [])
      if (!metricKeys.includes(metric.toLowerCase())) throw new UsageError(unknownKey(metric, metricKeys, 'metrics'));
    const baseline = text(values, 'baseline');
    const tests = testOptionsOf(values);
    const stars = values['stars'] === true;
    if (stars && baseline === undefined) throw new UsageError('--stars needs --baseline: what the rows are tested against');
    const idle = Object.keys(testOptionHelp).find((key) => values[key] !== undefined);
    if (!stars && idle !== undefined) throw new UsageError(`--${idle} belongs to tests: add --stars`);
    const link = await context.link({ resume: false });

    // A configuration has a key of its own, which only its table knows.
    if (baseline !== undefined && rows !== 'configuration') {
      const ids = (await link.call('models.list', {})).models.map((card) => card.id);
      if (!ids.includes(baseline)) throw new UsageError(unknownKey(baseline, ids, 'models'));
    }
    const experiments = await Promise.all(texts(values, 'experiment').map(async (given) => (await findExperiment(link, given)).id));
    const table: ExportRequest['table'] = {
      scope: { experiments },
      ...(rows === undefined ? {} : { rows }),
      ...columns,
      ...(part === undefined ? {} : { part }),
      ...(metrics === undefined ? {} : { metrics }),
      ...(baseline === undefined ? {} : { baseline }),
      ...(stars ? { tests } : {}),
    };
    const request: ExportRequest = {
      table,
      options: {
        format,
        gain: baseline !== undefined,
        ...(decimals === undefined ? {} : { decimals }),
        ...(scope === undefined ? {} : { scope }),
        ...(arrange === undefined ? {} : { arrange }),
        units,
      },
    };
    const preview = await link.call('exports.preview', request);
    if (baseline !== undefined && !preview.table.rows.some((row) => row.key === baseline || row.model === baseline))
      throw new UsageError(
        unknownKey(
          baseline,
          preview.table.rows.map((row) => row.key),
          'rows',
        ),
      );
    context.note(partWords(preview.table));
    for (const line of [...preview.table.comparable.reasons, ...preview.table.comparable.warnings, ...preview.table.notes])
      context.note(line);
    const { fit } = preview;
    if (fit !== undefined && fit.points < fit.least) {
      const others = [...new Set(fit.better.map((other) => other.arrange))].filter((other) => other !== arrange);
      const fewer = fit.isTall ? 'fewer rows or metrics' : 'fewer metrics';
      context.note(
        `Numbers come out at about ${fit.points.toFixed(1)} pt: too small to read in print. Try ${others.length === 0 ? fewer : `--arrange ${others.join(' or ')}, or ${fewer}`}.`,
      );
    }
    if (output !== undefined && (await isPlain(output))) await link.call('exports.save', { request, path: resolve(output) });
    else if (output !== undefined) await writeTable(output, preview.source ?? (await link.call('exports.file', request)).content);
    else if (!context.isJson) context.write(preview.source ?? '');
    return { json: { table: preview.table } };
  },
};

/** A file, or a place for one: the studio writes it whole and remembers it (Export, Saved exports). Pipes and devices are written to as they are. */
function isPlain(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => true,
  );
}

export async function writeTable(path: string, source: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, source);
  } catch (error) {
    throw new ProblemError({
      kind: 'disk',
      code: 'export.write',
      message: `The file could not be written: ${systemWords(error)}`,
      where: path,
      fix: 'Choose a folder that exists and can be written, with free space.',
    });
  }
}
