import type { DatasetSummary } from '#contract/dataset.ts';
import { addTo } from '#contract/grouped.ts';

/**
 * Which version each dataset is: those that are splits of one another's rows are numbered in the order they were made. A dataset whose parent
 * is gone begins a family of its own.
 */
export function versionsOf(
  summaries: readonly DatasetSummary[],
): ReadonlyMap<string, { readonly version: number; readonly versions: number }> {
  const byId = new Map(summaries.map((summary) => [summary.id, summary]));
  const families = new Map<string, DatasetSummary[]>();
  for (const summary of summaries) {
    let first = summary;
    const seen = new Set<string>();
    while (first.parent !== undefined && !seen.has(first.id)) {
      seen.add(first.id);
      const parent = byId.get(first.parent);
      if (parent === undefined) break;
      first = parent;
    }
    addTo(families, first.id, summary);
  }
  const versions = new Map<string, { readonly version: number; readonly versions: number }>();
  for (const family of families.values()) {
    if (family.length < 2) continue;
    family.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    family.forEach(({ id }, at) => versions.set(id, { version: at + 1, versions: family.length }));
  }
  return versions;
}
