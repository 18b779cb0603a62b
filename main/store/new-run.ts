/** How a planned run enters the store: its row, its configuration with the settings that tables filter by, and its stages. */
import { evaluationDifferences } from '#contract/evaluation.ts';
import { searchable } from '#contract/searched-text.ts';
import type { Origin } from '#contract/lineage.ts';
import type { LaneId } from '#contract/lane.ts';
import type { Estimate, RunConfig } from '#contract/run.ts';
import type { Database } from './database.ts';

export interface NewRun {
  readonly id: string;
  readonly experimentId: string;
  readonly datasetName: string;
  readonly dataHash: string;
  readonly modelTitle: string;
  readonly inferred: boolean;
  readonly configuration: string;
  readonly config: RunConfig;
  readonly differences: readonly { readonly key: string; readonly value: string }[];
  readonly createdAt: number;
  readonly estimate: Estimate | undefined;
  readonly testShown: boolean;
  readonly parentId?: string;
  readonly origin?: Origin;
  readonly archivedAt?: number;
  readonly pin?: LaneId | undefined;
  /** In order, the training itself last. */
  readonly stages: readonly { readonly id: string; readonly model: string; readonly key: string }[];
}

/** Settings of a configuration that tables filter and sort by; everything but dataset, seed, device and threads. */
export function settingsOf(config: RunConfig): Record<string, string | number | boolean> {
  const settings: Record<string, string | number | boolean> = { ...config.hyper, protocol: config.protocol, itemGraph: config.itemGraph };
  for (const { key, value } of evaluationDifferences(config.evaluation)) settings[key] = value;
  for (const [key, value] of Object.entries(config.budget)) if (value !== undefined) settings[key] = value;
  if (config.preset !== undefined) settings['preset'] = config.preset;
  return settings;
}

/** Puts a run at the end of the queue. */
export function insertRun(database: Database, run: NewRun): void {
  const { config, stages, estimate, differences, ...rest } = run;
  database.transaction(() => {
    putConfiguration(database, run.configuration, config.model, settingsOf(config));
    const position = database.get<{ last: number | null }>('SELECT max(queue_position) AS last FROM run')?.last ?? 0;
    database.insert('run', {
      ...rest,
      state: 'queued',
      dataset: config.dataset,
      model: config.model,
      seed: config.seed,
      device: config.device,
      threads: config.threads,
      config: JSON.stringify(config),
      differences: JSON.stringify(differences),
      estimatedSeconds: estimate?.seconds,
      estimatedLow: estimate?.low,
      estimatedHigh: estimate?.high,
      estimateBasis: estimate?.basis,
      queuePosition: position + 1,
      search: searchText(run),
    });
    for (const [index, stage] of stages.entries()) database.insert('stage', { runId: run.id, position: index, ...stage, state: 'waiting' });
  });
}

/** Stores the settings of a configuration once; a purged run leaves them, and they are the same again. */
export function putConfiguration(
  database: Database,
  hash: string,
  model: string,
  settings: Readonly<Record<string, string | number | boolean>>,
): void {
  if (database.get('SELECT 1 AS found FROM configuration WHERE hash = ?', [hash]) !== undefined) return;
  database.insert('configuration', { hash, model });
  for (const [key, value] of Object.entries(settings)) {
    database.insert('setting', {
      configuration: hash,
      key,
      number: typeof value === 'number' ? value : undefined,
      text: String(value),
    });
  }
}

/** Text that the search box looks through, without case and accents; notes and tags are looked up live. */
function searchText(run: NewRun): string {
  const settings = Object.entries(settingsOf(run.config)).map(([key, value]) => `${key} ${String(value)}`);
  const words = [
    run.id,
    run.modelTitle,
    run.config.model,
    'on',
    run.datasetName,
    run.config.dataset,
    `seed ${run.config.seed}`,
    run.config.device,
    ...settings,
  ];
  return searchable(words.join(' '));
}
