/** Settings of several configurations side by side, and what they reached on validation. */
import type { External } from '#contract/external.ts';
import type { ConfigDiff } from '#contract/table.ts';
import { aggregate } from '#stats/aggregate.ts';
import { evaluationOf } from './comparability.ts';
import { configurations, isOwn, replicates, type ComparedRun } from './compared-run.ts';
import { differencesText } from './configurations.ts';
import { describeMetric } from './metric-names.ts';
import { values } from './table-layout.ts';
import { missingReason } from './table.ts';

/** What is read beside settings; more stands in the table. */
const shownMetrics = ['recall@20', 'ndcg@20'] as const;

/** What a model of one's own was computed by; its files belong to one seed. */
function ofOnesOwn(external: External | undefined): Readonly<Record<string, string>> {
  if (external === undefined) return {};
  return external.kind === 'command' ? { command: external.command, folder: external.folder } : { results: external.form };
}

/** All settings side by side, differing keys first, and what each reached. Replicates differ in nothing but the seed, so a configuration is one column. */
export function configDiff(runs: readonly ComparedRun[]): ConfigDiff {
  const columns = [...replicates(runs).values()].map((group) => {
    const { hyper, budget, seed: _seed, imported, evaluation: _evaluation, external, ...rest } = group[0]!.config;
    const seeds = group.map((run) => run.config.seed).sort((a, b) => a - b);
    // Of an imported run the settings of its log are known, a seed where it names one among them, and nothing of what a run here is given.
    const own =
      imported === undefined
        ? Object.entries({ ...rest, ...ofOnesOwn(external), ...evaluationOf(group[0]!), ...budget, seed: seeds.join(', ') })
        : [['imported from', imported.source] as const];
    return { group, values: new Map([...own, ...Object.entries(hyper)].map(([key, value]) => [key, String(value)] as const)) };
  });
  const keys = [...new Set(columns.flatMap((column) => [...column.values.keys()]))];
  const rows = keys.map((key) => {
    const values = columns.map((column) => column.values.get(key) ?? '');
    return { key, values, differs: new Set(values).size > 1 };
  });
  return {
    runs: columns.map(({ group }) => {
      const { summary } = group[0]!;
      const settings = differencesText(summary.differences);
      const seeds = group.length > 1 ? `, ${group.length} seeds` : summary.imported === undefined ? `, seed ${summary.seed}` : '';
      return {
        id: summary.id,
        runIds: group.map((run) => run.summary.id),
        title: `${summary.modelTitle}${settings === '' ? '' : ` (${settings})`} on ${summary.datasetName}${seeds}`,
      };
    }),
    metrics: shownMetrics.map((key) => {
      const { label, better } = describeMetric(key);
      return { key, label, better, values: columns.map(({ group }) => reached(group, key)) };
    }),
    rows: [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)],
  };
}

/** Mean over the finished seeds of one configuration, or why there is none. */
function reached(group: readonly ComparedRun[], metric: string): ConfigDiff['metrics'][number]['values'][number] {
  // Another evaluator computed what an imported run reached.
  if (!group.every(isOwn)) return { n: 0, missing: 'imported' };
  const [entry] = configurations(group);
  const result = entry && aggregate(values(entry, metric, 'validation'));
  if (result !== undefined) return { ...result };
  return { n: 0, missing: entry === undefined ? 'not run' : missingReason(entry, 'validation') };
}
