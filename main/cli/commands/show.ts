import { duration } from '#contract/amounts.ts';
import { logToolTitles } from '#contract/log-import.ts';
import { cutOffs, metricNames, type MetricValues, type RunDetail } from '#contract/run.ts';
import type { Command } from '../command.ts';
import { report, type RunReport } from '../run-report.ts';
import { columns, problemLines } from '../words.ts';

export const show: Command = {
  name: 'show',
  summary: 'one run, whole: values, settings, device, stages, files, provenance and the command that repeats it',
  usage: 'RUN',
  positionals: { least: 1, most: 1 },
  options: {},
  async run(context) {
    const link = await context.link({ resume: false });
    const detail = await link.call('runs.get', { id: context.positionals[0]! });
    const { summary, config, stages, attempts, provenance, artifacts, folder, command } = detail;
    const short = report(summary);
    for (const line of linesOf(detail, short)) context.print(line);
    const { hyper, budget, protocol, evaluation, itemGraph, preset, source } = config;
    return {
      json: {
        run: {
          ...short,
          experimentName: summary.experimentName,
          stopReason: summary.stopReason ?? null,
          settings:
            config.imported !== undefined
              ? config.hyper
              : {
                  preset: preset ?? null,
                  hyper,
                  budget,
                  protocol,
                  ...(evaluation === undefined ? {} : { evaluation }),
                  itemGraph,
                  ...(source === undefined ? {} : { source }),
                },
          differences: summary.differences,
          tags: summary.tags,
          note: summary.note,
          createdAt: summary.createdAt,
          stages,
          attempts,
          provenance: provenance ?? null,
          artifacts,
          folder,
          command,
          imported: config.imported ?? null,
          logged: detail.logged ?? null,
          family: detail.family ?? [],
          verifications: detail.verifications ?? [],
        },
      },
    };
  },
};

function linesOf(detail: RunDetail, short: RunReport): string[] {
  const { summary, config, stages, attempts, provenance, artifacts, folder, command } = detail;
  const pairs = (rows: readonly (readonly [string, unknown])[]): string[] => {
    const told = rows.filter(([, value]) => value !== undefined && value !== '');
    const width = Math.max(0, ...told.map(([name]) => name.length));
    return told.map(([name, value]) => `  ${name.padEnd(width)}  ${String(value)}`);
  };
  const part = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', title, ...lines]);
  if (config.imported !== undefined) {
    const { tool, name, source, hash, remarks } = config.imported;
    return [
      summary.sentence,
      ...part(
        'Run',
        pairs([
          ['id', summary.id],
          ['imported from', logToolTitles[tool]],
          ['its name', name],
          ['read from', source],
          ['content', hash],
          ['remarks', remarks.join('; ')],
          ['tags', summary.tags.join(', ')],
          ['note', summary.note],
        ]),
      ),
      ...part('Values of its own evaluator', valueLines(short)),
      ...part('Metrics under its own names', pairs(Object.entries(detail.logged ?? {}))),
      ...part('Settings', pairs(Object.entries(config.hyper))),
    ];
  }
  const times = attempts.length;
  const epochs = summary.bestEpoch === undefined ? `${summary.epochs}` : `${summary.epochs}, best ${summary.bestEpoch}`;
  return [
    summary.sentence,
    ...part('Run', [
      ...pairs([
        ['id', summary.id],
        ['experiment', summary.experimentName],
        ['state', summary.stopReason === undefined ? summary.state : `${summary.state} (${summary.stopReason})`],
        ['epochs', epochs],
        ['time', `${duration(summary.elapsedSeconds)}${times > 1 ? ` in ${times} attempts` : ''}`],
        ['device', `${summary.device}, ${threadsWords(short.threads)}`],
        ['training steps', summary.compile],
        ['peak memory', summary.peakMemoryBytes === undefined ? undefined : `${(summary.peakMemoryBytes / 2 ** 20).toFixed(0)} MB`],
        ['tags', summary.tags.join(', ')],
        ['note', summary.note],
        ['folder', folder],
      ]),
      ...(summary.problem === undefined ? [] : problemLines(summary.problem).map((line) => `  ${line}`)),
    ]),
    ...part('Values', valueLines(short)),
    ...part(`Settings${config.preset === undefined ? '' : ` (preset ${config.preset})`}`, [
      ...pairs(
        Object.entries({ ...config.hyper, ...config.budget, protocol: config.protocol, ...config.evaluation, itemGraph: config.itemGraph }),
      ),
    ]),
    ...part(
      'Stages',
      columns(
        ['  stage', 'model', 'state', 'epochs', 'time'],
        stages.map((stage) => [`  ${stage.id}`, stage.model, stage.state, String(stage.epochs), duration(stage.seconds)]),
      ),
    ),
    ...part(
      'Files',
      artifacts.map(({ file, bytes, sha256 }) => `  ${file}  ${bytes} bytes  ${sha256}`),
    ),
    ...part('Provenance', provenance === undefined ? [] : pairs(flat(provenance))),
    ...part('Lineage', lineageLines(detail)),
    ...part('Again', [`  ${command}`]),
  ];
}

/** Where it comes from, what came of it, and what verifying it found. */
function lineageLines({ summary, family = [], verifications = [] }: RunDetail): string[] {
  const self = family.find(({ id }) => id === summary.id);
  const words = ({ origin, changes }: (typeof family)[number]) =>
    [origin, ...changes.map(({ key, from, to }) => `${key} ${from} → ${to}`)].join(', ');
  return [
    ...(self?.parent === undefined ? [] : [`  from ${self.parent} (${words(self)})`]),
    ...family.filter(({ parent }) => parent === summary.id).map((child) => `  to ${child.id} (${words(child)})`),
    ...(self === undefined || self.expectation === '' ? [] : [`  expected  ${self.expectation}`]),
    ...(self === undefined || self.outcome === '' ? [] : [`  came out  ${self.outcome}`]),
    ...verifications.map(
      ({ at, how, values, files }) =>
        `  ${how === 'evaluation' ? 'verified' : 'reproduced'} on ${new Date(at).toISOString()}: ${values.equal} of ${values.of} values and ${files.equal} of ${files.of} files equal`,
    ),
  ];
}

function threadsWords(threads: number | null): string {
  if (threads === null) return 'its share of the machine’s threads';
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

/** Metrics by cut-off, validation and, where it is shown, test. */
function valueLines({ validation, test }: RunReport): string[] {
  const shown = test !== null && !isMasked(test) ? test : undefined;
  const parts: [string, MetricValues][] = [
    ...(validation === null ? [] : [['validation', validation] as [string, MetricValues]]),
    ...(shown === undefined ? [] : [['test', shown] as [string, MetricValues]]),
  ];
  const rows = parts.flatMap(([name, values]) =>
    metricNames
      .filter((metric) => cutOffs.some((k) => values[`${metric}@${k}`] !== undefined))
      .map((metric) => [`  ${name}`, metric, ...cutOffs.map((k) => values[`${metric}@${k}`]?.toFixed(4) ?? '')]),
  );
  const table = rows.length === 0 ? [] : columns(['  part', 'metric', ...cutOffs.map((k) => `@${k}`)], rows);
  return test !== null && isMasked(test) ? [...table, `  test: ${test.masked}`] : table;
}

function isMasked(test: NonNullable<RunReport['test']>): test is { readonly masked: string } {
  return typeof test['masked'] === 'string';
}

/** Records inside a record as "libraries.tfjs"; lists in one line, empty ones left out. */
function flat(record: object): [string, unknown][] {
  return Object.entries(record).flatMap(([key, value]): [string, unknown][] => {
    if (Array.isArray(value)) return [[key, value.join('; ')]];
    if (typeof value !== 'object' || value === null) return [[key, value]];
    return Object.entries(value as object).map(([inner, entry]) => [`${key}.${inner}`, entry]);
  });
}
