/** The family of a run as people see it: each with what it changed against its parent. */
import type { Relative } from '#contract/lineage.ts';
import { settingsOf } from '#store/runs.ts';
import type { Store } from '#store/store.ts';
import { withSentence } from './sentence.ts';

/** The run, its ancestors and all that descend from the first of them; alone where it is cloned from and into nothing. */
export function familyOf(store: Store, id: string): Relative[] {
  const kin = store.lineage.family(id);
  const runs = new Map(store.runs.summaries(kin.map((each) => each.id)).map((run) => [run.id, run]));
  return kin.map((each): Relative => {
    const run = runs.get(each.id);
    const value = run?.validation?.['recall@20'];
    return {
      id: each.id,
      ...(each.parent === null ? {} : { parent: each.parent }),
      ...(each.origin === null ? {} : { origin: each.origin }),
      ...(run === undefined
        ? {}
        : { sentence: withSentence(run).sentence, title: `${run.modelTitle} on ${run.datasetName}, seed ${run.seed}`, state: run.state }),
      ...(value === undefined ? {} : { value }),
      trashed: each.trashed,
      changes: each.parent === null ? [] : changesOf(store, each.parent, each.id),
      expectation: each.expectation,
      outcome: each.outcome,
    };
  });
}

/** Settings with other values; a setting that one of them lacks is told by an empty value. */
function changesOf(store: Store, from: string, to: string): Relative['changes'] {
  const [before, after] = [from, to].map((id) => {
    const config = store.runs.config(id);
    if (config === undefined) return undefined;
    const { dataset, model, seed, device } = config;
    return { dataset, model, ...settingsOf(config), seed, device } as Record<string, string | number | boolean>;
  });
  if (before === undefined || after === undefined) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .map((key) => ({ key, from: String(before[key] ?? ''), to: String(after[key] ?? '') }));
}
