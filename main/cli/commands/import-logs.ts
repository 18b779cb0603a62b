import { resolve } from 'node:path';
import process from 'node:process';
import { duration } from '#contract/amounts.ts';
import { logToolTitles, type FoundRun } from '#contract/log-import.ts';
import { text, type Command, type Context } from '../command.ts';
import { columns, problemLines } from '../words.ts';

export const importLogs: Command = {
  name: 'import-logs',
  summary:
    'runs of other tools: TensorBoard, MLflow, Weights & Biases exports, logs of MMRec, RecBole and Elliot; again brings what is missing',
  usage: 'PATH [--dataset NAME] [--dry-run]',
  positionals: { least: 1, most: 1 },
  options: {
    dataset: { type: 'string', value: 'NAME', help: 'list the runs under this dataset (a label: nothing proves the split)' },
    'dry-run': { type: 'boolean', help: 'says what is there and imports nothing' },
  },
  async run(context) {
    // npm runs scripts in the project's own folder.
    const path = resolve(process.env['INIT_CWD'] ?? process.cwd(), context.positionals[0] ?? '');
    const dataset = text(context.values, 'dataset');
    const link = await context.link({ resume: false });
    if (context.values['dry-run'] === true) return preview(context, path);
    for await (const event of link.stream('logs.import', { path, ...(dataset === undefined ? {} : { dataset }) })) {
      if (event.type === 'progress') context.progress(progressLine('importing', event));
      else if (event.type === 'skipped') for (const line of problemLines(event.problem)) context.note(line);
      else {
        const { imported, known, skipped } = event;
        context.print(
          `${imported} ${imported === 1 ? 'run' : 'runs'} imported${known === 0 ? '' : `, ${known} here already`}${skipped === 0 ? '' : `, ${skipped} left out`}`,
        );
        return { json: { imported, known, skipped, experiments: event.experiments } };
      }
    }
    return { json: { imported: 0, known: 0, skipped: 0, experiments: [] } };
  },
};

async function preview(context: Context, path: string) {
  const link = await context.link({ resume: false });
  const runs: FoundRun[] = [];
  const skipped: unknown[] = [];
  for await (const event of link.stream('logs.inspect', { path })) {
    if (event.type === 'progress') context.progress(progressLine('reading', event));
    else if (event.type === 'runs') runs.push(...event.runs);
    else if (event.type === 'skipped') {
      skipped.push(event.problem);
      for (const line of problemLines(event.problem)) context.note(line);
    }
  }
  const rows = runs.map((run) => [
    logToolTitles[run.tool],
    run.name,
    run.model ?? '',
    run.dataset ?? '',
    String(Object.keys(run.settings).length),
    String(run.metrics.length),
    String(run.metrics.reduce((sum, { points }) => sum + points, 0)),
    run.known === undefined ? 'new' : `here as ${run.known.runId}${run.known.trashed ? ', in the trash' : ''}`,
  ]);
  for (const line of columns(['tool', 'run', 'model', 'dataset', 'settings', 'metrics', 'points', ''], rows)) context.print(line);
  return { json: { runs, skipped } };
}

function progressLine(
  doing: string,
  event: { done: number; of: number; secondsLeft?: number | undefined; place?: string | undefined },
): string {
  const left = event.secondsLeft === undefined ? '' : `, ${duration(event.secondsLeft)} left`;
  return `${doing} ${event.done} of ${event.of} runs${left}${event.place === undefined ? '' : `: ${event.place}`}`;
}
