/** What comparisons and exports read, from the store; test values are masked before they come here. */
import { join } from 'node:path';
import type { ModelCard } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import { mainStage } from '#contract/run.ts';
import { stepsOf } from '#contract/steps.ts';
import { keptSource } from '#data/own-source.ts';
import type { Store } from '#store/store.ts';
import type { ComparedExperiment, ComparedRun, ComparisonSource } from './compared-run.ts';
import type { OwnSourceOf } from './comparisons.ts';
import type { HomeFolders } from './home-folders.ts';
import { checkFields } from './runs-fields.ts';
import type { RunView } from './run-view.ts';
import type { ProfileNeeds } from './profile.ts';
import type { PerUserFile } from './statistics-plan.ts';

/** How an experiment's configurations came about and whether all of it has a result. */
export type Audit = (experimentId: string) => Pick<ComparedExperiment, 'search' | 'incomplete' | 'choosesNothing' | 'trashed'>;

type Scope = Parameters<ComparisonSource['runs']>[0];

/** A screen asks for its table, tests, curves and profile of the same runs in one breath; after so long of silence they are let go. */
const keptMs = 10_000;

export function comparisonSource(store: Store, view: RunView, cards: readonly ModelCard[], audit: Audit = () => ({})): ComparisonSource {
  let kept: { readonly of: string; readonly runs: readonly ComparedRun[] } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    runs: (scope) => {
      const of = `${store.pages.version} ${JSON.stringify(scope)}`;
      if (kept?.of !== of) kept = { of, runs: runsIn(store, view, cards, scope) };
      clearTimeout(timer);
      timer = setTimeout(() => (kept = undefined), keptMs);
      timer.unref();
      return kept.runs;
    },
    series: (runId, key) => store.series.of(runId, [key]).find((series) => series.stage === mainStage),
    experiment: (id) => {
      const found = store.experiments.get(id);
      if (found === undefined) return undefined;
      const { name, frozenAt, selection } = found;
      return { id, name, frozen: frozenAt !== undefined, ...(selection === undefined ? {} : { selection }), ...audit(id) };
    },
    modelTitle: (id) => cards.find((card) => card.id === id)?.title ?? store.runs.modelTitle(id) ?? id,
    formula: (key, runs) => {
      checkFields({ filter: '', where: [], sort: [], group: [], columns: [key] }, store, cards);
      return store.pages
        .cells(
          runs.map(({ summary }) => [summary.id]),
          [key],
          'best',
        )
        .map((cells) => cells[key]?.value);
    },
    shownUnselected: (places) => store.experiments.shownUnselected(places),
    reported: () => store.reported.list(),
  };
}

function runsIn(store: Store, view: RunView, cards: readonly ModelCard[], scope: Scope): ComparedRun[] {
  // Imported runs stand in a comparison only where they were asked for, and there without a rank or a test.
  const asked = new Set(scope.runs);
  const rows = store.runs.inScope(scope).filter((row) => row.imported === undefined || asked.has(row.id));
  const records = store.runs.records(rows.map((row) => row.id));
  const datasets = new Map(store.datasets.list().map(({ summary }) => [summary.id, summary]));
  const trained = new Map(cards.map((card) => [card.id, card.trained]));
  return view.summaries(rows).map((summary) => {
    const record = records.get(summary.id)!;
    const dataset = datasets.get(summary.dataset);
    // A dataset that holds other rows by now says nothing about a run on the earlier ones.
    const holds = dataset?.fingerprint.splitHash === record.splitHash;
    const isTrained = trained.get(summary.model) ?? true;
    const steps = stepsOf(record.config, { trainRows: holds ? dataset?.train : undefined, isTrained });
    const facts = { summary, ...record, steps, ...(isTrained ? {} : { isUntrained: true as const }) };
    if (dataset === undefined) return facts;
    const { fingerprint, split, train, validation, test } = dataset;
    const isSame = split !== undefined && holds;
    return {
      ...facts,
      graphShape: fingerprint.graphShape,
      ...(isSame ? { madeSplit: { rule: split.rule, train, validation, test } } : {}),
    };
  });
}

/** Where files of a run lie that a comparison reads. What is about test is given only where test may be seen. */
export function comparedFiles(
  store: Store,
  folders: HomeFolders,
): { perUserFile: PerUserFile; ownSource: OwnSourceOf } & Pick<ProfileNeeds, 'file' | 'datasetFolder'> {
  const file: ProfileNeeds['file'] = (runId, name, part) => {
    if (part === 'test' && !store.runs.isTestShown(runId)) return undefined;
    const artifact = store.runs.artifacts(runId).find((candidate) => candidate.name === name);
    return artifact === undefined ? undefined : join(folders.run(runId), artifact.file);
  };
  return {
    file,
    perUserFile: (runId, part) => file(runId, `per-user-${part}`, part),
    datasetFolder: (id) => store.datasets.get(id)?.folder,
    ownSource: ({ summary, config }) => {
      if (config.source === undefined) return undefined;
      try {
        return keptSource(folders.run(summary.id), config.model, config.source);
      } catch (error) {
        // Another run of the same source may have kept it.
        if (error instanceof ProblemError) return undefined;
        throw error;
      }
    },
  };
}
