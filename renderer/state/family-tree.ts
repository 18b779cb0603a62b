/** A family of runs as the lines of a tree. Pure. */
import type { Relative } from '#contract/lineage.ts';

export interface Branch {
  readonly run: Relative;
  /** Generations below the first. */
  readonly depth: number;
  /** Against the value of its parent, where both have one. */
  readonly gain: number | undefined;
}

/** Every run after its parent, and after the earlier ones' descendants. A run whose parent is gone starts a tree of its own. */
export function familyTree(family: readonly Relative[]): readonly Branch[] {
  const byId = new Map(family.map((run) => [run.id, run]));
  const children = new Map<string, Relative[]>();
  for (const run of family) {
    const parent = run.parent !== undefined && byId.has(run.parent) ? run.parent : '';
    children.set(parent, [...(children.get(parent) ?? []), run]);
  }
  const branches: Branch[] = [];
  const add = (run: Relative, depth: number): void => {
    const before = run.parent === undefined ? undefined : byId.get(run.parent)?.value;
    branches.push({ run, depth, gain: before === undefined || run.value === undefined ? undefined : run.value - before });
    for (const child of children.get(run.id) ?? []) add(child, depth + 1);
  };
  for (const root of children.get('') ?? []) add(root, 0);
  return branches;
}

/** What a run changed against its parent: "ii_k 5 → 10, seed 1 → 2". */
export function changeWords({ changes, origin }: Relative): string {
  if (origin === 'reproduction') return 'nothing changed';
  return changes.map(({ key, from, to }) => `${key} ${from === '' ? 'none' : from} → ${to === '' ? 'none' : to}`).join(', ');
}
