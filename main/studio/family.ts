/** The family of a run as people see it: each with what it changed against its parent. */
import type { Relative } from '#contract/lineage.ts';
import { settingsOf } from '#store/new-run.ts';
import type { Store } from '#store/store.ts';
import { remembered } from './remembered.ts';
import { withSentence } from './sentence.ts';

/** The run, its ancestors and all that descend from the first of them; alone where it is cloned from and into nothing. */
export function familyOf(store: Store, id: string): Relative[] {
  const kin = store.lineage.family(id);
  const settings = remembered((run: string) => namedSettings(store, run));
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
      changes: each.parent === null ? [] : changesOf(settings(each.parent), settings(each.id)),
      expectation: each.expectation,
      outcome: each.outcome,
    };
  });
}

type NamedSettings = Readonly<Record<string, string | number | boolean>>;

function namedSettings(store: Store, id: string): NamedSettings | undefined {
  const config = store.runs.config(id);
  if (config === undefined) return undefined;
  const { dataset, model, seed, device } = config;
  return { dataset, model, ...settingsOf(config), seed, device };
}

/** Settings with other values; a setting that one of them lacks is told by an empty value. */
function changesOf(before: NamedSettings | undefined, after: NamedSettings | undefined): Relative['changes'] {
  if (before === undefined || after === undefined) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .map((key) => ({ key, from: String(before[key] ?? ''), to: String(after[key] ?? '') }));
}
