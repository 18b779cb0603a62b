/** What comparisons and exports read, from the store; test values are masked before they come here. */
import type { ModelCard } from '#contract/model-card.ts';
import type { Store } from '#store/store.ts';
import type { ComparisonSource } from './compared-run.ts';
import type { RunView } from './run-view.ts';

export function comparisonSource(store: Store, view: RunView, cards: readonly ModelCard[]): ComparisonSource {
  return {
    runs: (scope) =>
      view.summaries(store.runs.inScope(scope)).map((summary) => {
        const sequenceHash = store.runs.sequenceHash(summary.id);
        return {
          summary,
          config: store.runs.config(summary.id)!,
          splitHash: store.runs.splitHash(summary.id),
          ...(sequenceHash === undefined ? {} : { sequenceHash }),
        };
      }),
    series: (runId, key) => store.series.of(runId, [key]).find((series) => series.stage === 'train'),
    experiment: (id) => {
      const found = store.experiments.get(id);
      return found === undefined ? undefined : { id, name: found.name, frozen: found.frozenAt !== undefined };
    },
    modelTitle: (id) => cards.find((card) => card.id === id)?.title ?? store.runs.modelTitle(id) ?? id,
  };
}
