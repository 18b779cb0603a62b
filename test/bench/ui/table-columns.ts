/** A runs table as wide as the goals ask for: 210 columns of run by run, with every reading of every metric and 120 settings. */
import { cutOffs, metricNames } from '#contract/run.ts';
import { runFields } from '#contract/runs-fields.ts';
import { emptyView, viewToLink } from '#renderer/state/view-state.ts';

const wide = 210;
const metrics = ['val', 'last', 'min', 'max', 'test'].flatMap((reading) =>
  metricNames.slice(0, 4).flatMap((name) => cutOffs.map((k) => `${reading}.${name}@${k}`)),
);
const settings = Array.from({ length: 120 }, (_, at) => `p${String(at + 1).padStart(3, '0')}`);
const own = Object.keys(runFields).filter((name) => !['n', 'id', 'name'].includes(name));

/** Keys of 210 columns. */
export const wideColumns: readonly string[] = [...metrics, ...settings, ...own].slice(0, wide);

/** Address of the table with all of them, nothing collapsed and nothing folded away. */
export const wideTable = `#/runs?table=${viewToLink({ ...emptyView, collapse: false, fold: false, columns: wideColumns.map((key) => ({ key })) })}`;
