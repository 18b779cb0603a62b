import { grouped } from '#contract/grouped.ts';
import type { Router } from '#contract/link.ts';
import type { StatisticsEvent } from '#contract/statistics.ts';
import type { OwnSource } from '#contract/own-model.ts';
import type { SourceVersion } from '#contract/table.ts';
import type { ComparedRun, ComparisonSource } from './compared-run.ts';
import { configDiff } from './config-diff.ts';
import { buildCurves } from './curves.ts';
import { parametersOf } from './parameters.ts';
import { ProblemError } from '#contract/problem.ts';
import { profileOf, runSegments, type ProfileNeeds } from './profile.ts';
import { statisticsOf, tableOf, type StatisticsNeeds, type StatisticsQuestion } from './statistics.ts';

/** Procedures `compare.*`. */
export function comparisonProcedures(
  source: ComparisonSource,
  needs: StatisticsNeeds & { readonly ownSource: OwnSourceOf },
): Pick<Router, `compare.${'table' | 'curves' | 'configs' | 'sources' | 'statistics' | 'profile' | 'parameters'}` | 'runs.segments'> {
  return {
    'compare.table': (request) => tableOf(needs, request),
    'compare.statistics': (question, signal) => statisticsEvents(needs, question, signal),
    'compare.parameters': (request) => parametersOf(source, request),
    'compare.profile': (request) => profileOf(needs, request),
    'runs.segments': ({ id }) => segmentsOfRun(source, needs, id),
    'compare.curves': ({ scope, metric }) => buildCurves(source, scope, metric),
    'compare.configs': (scope) => configDiff(source.runs(scope)),
    'compare.sources': (scope) => ({ versions: sourceVersions(source.runs(scope), needs.ownSource) }),
  };
}

function segmentsOfRun(source: ComparisonSource, needs: ProfileNeeds, id: string): ReturnType<typeof runSegments> {
  const run = source.runs({ experiments: [], runs: [id] }).find(({ summary }) => summary.id === id);
  const datasetFolder = run === undefined ? undefined : needs.datasetFolder(run.summary.dataset);
  if (run === undefined || datasetFolder === undefined)
    throw new ProblemError({
      kind: 'data',
      code: 'segments.no-dataset',
      message: `Segments need the run ${id} and its dataset; ${run === undefined ? 'the run' : 'the dataset'} is not here`,
      values: { id },
    });
  return runSegments(needs, { id, part: run.summary.test.state === 'shown' ? 'test' : 'validation', datasetFolder });
}

/** The source kept with a run; undefined where it has none, or where what is kept is not what it was planned with. */
export type OwnSourceOf = (run: ComparedRun) => OwnSource | undefined;

/** Each version of a source once, in order of first appearance, with how many runs trained it. */
export function sourceVersions(runs: readonly ComparedRun[], ownSource: OwnSourceOf): SourceVersion[] {
  const ofOwn = runs.filter(({ config }) => config.source !== undefined);
  return [...grouped(ofOwn, ({ config }) => config.source!)].flatMap(([hash, own]) => {
    // Each keeps a copy in its folder; the first that can be read is enough.
    for (const run of own) {
      const kept = ownSource(run);
      if (kept !== undefined) return [{ hash, title: own[0]!.summary.modelTitle, runs: own.length, files: [...kept.files] }];
    }
    return [];
  });
}

/** Progress while the worker tests, the newest alone where the reader is slow, then the statistics. */
async function* statisticsEvents(
  needs: StatisticsNeeds,
  question: StatisticsQuestion,
  signal: AbortSignal,
): AsyncGenerator<StatisticsEvent, void, void> {
  let newest: number | undefined;
  let wake: (() => void) | undefined;
  const left = new AbortController();
  const cancel = () => left.abort();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  let isOver = false;
  const work = statisticsOf(
    needs,
    question,
    (fraction) => {
      newest = fraction;
      wake?.();
    },
    left.signal,
  ).finally(() => {
    isOver = true;
    wake?.();
  });
  // Awaited below; until then a failure is not one that nobody heard.
  work.catch(() => undefined);
  try {
    while (!isOver) {
      if (newest === undefined) await new Promise<void>((resolve) => (wake = resolve));
      if (newest === undefined) continue;
      const fraction = newest;
      newest = undefined;
      yield { type: 'progress', fraction };
    }
    yield { type: 'done', statistics: await work };
  } finally {
    signal.removeEventListener('abort', cancel);
    if (!isOver) left.abort();
  }
}
