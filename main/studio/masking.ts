/**
 * Who may see test values (protocol.md S1). An experiment with one configuration per dataset has nothing to select and shows them;
 * any other shows its winners' once its selection is frozen. The store keeps the answer per run and never hands out the rest.
 */
import type { Store } from '#store/store.ts';
import { isSearch } from './search/studies.ts';

/** True where nothing is selected: every dataset has one configuration. */
export function hasNothingToSelect(cells: readonly { readonly dataset: string; readonly configuration: string }[]): boolean {
  const configurations = new Map<string, string>();
  for (const { dataset, configuration } of cells) {
    const first = configurations.get(dataset);
    if (first === undefined) configurations.set(dataset, configuration);
    else if (first !== configuration) return false;
  }
  return true;
}

/** Whether an experiment has nothing to select. A search chooses among trials, also while it has proposed but one. */
export function selectsNothing(store: Store, experimentId: string): boolean {
  const search = store.experiments.get(experimentId)?.request.search;
  return (search === undefined || !isSearch(search)) && hasNothingToSelect(store.experiments.cells(experimentId));
}

/**
 * Settles a run after the experiments around it changed: shown where it won a frozen selection, or where none of the experiments
 * that contain it selects. A run that a sweep takes up again is hidden again, else the sweep could be read before it is frozen.
 */
export function settleMask(store: Store, runId: string): void {
  const isShown = store.experiments.isWinner(runId) || store.experiments.containing(runId).every((id) => selectsNothing(store, id));
  if (isShown !== store.runs.isTestShown(runId)) store.runs.showTest(runId, isShown);
}
