/** What is looked at: one run or two over the same data, opened, with the part whose held-out items may be shown. */
import { ProblemError } from '#contract/problem.ts';
import type { Artifact } from '#contract/run.ts';
import type { UserTable } from '#data/user-table.ts';
import type { ItemTable } from '#data/item-table.ts';
import type { RunRow } from '#store/run-rows.ts';
import type { StudioCore } from '../core.ts';
import { RunLists, type Part } from './run-lists.ts';

export interface Inspection {
  readonly runs: readonly RunLists[];
  readonly users: UserTable;
  readonly items: ItemTable;
  readonly part: Part;
  /** Why test items are not shown; absent where they may be. */
  readonly masked?: string;
  readonly parts: readonly Part[];
}

interface Asked {
  readonly a: string;
  readonly b?: string | undefined;
  readonly part: 'auto' | Part;
}

/** Lists and per-user values of runs looked at are kept for so many runs; those of a large dataset take tens of megabytes. */
const keptRuns = 4;

/** Opens runs and keeps the last few. Nothing about a mask is kept: it is asked for each time. */
export class Inspector {
  readonly #core: StudioCore;
  readonly #opened = new Map<string, { readonly stamp: string; readonly lists: Promise<RunLists> }>();

  constructor(core: StudioCore) {
    this.#core = core;
  }

  /** Throws `recommendations.other-data` for runs over different datasets, `test.masked` for test values that are not to be seen. */
  async open({ a, b, part }: Asked): Promise<Inspection> {
    const { view, library } = this.#core;
    const rows = [a, ...(b === undefined ? [] : [b])].map((id) => view.find(id));
    const [first, second] = rows;
    if (second !== undefined && second.dataset !== first!.dataset) throw otherData(first!, second);
    const masking = rows.map((row) => (row.test.state === 'shown' ? undefined : row.test.reason)).find((reason) => reason !== undefined);
    if (part === 'test' && masking !== undefined)
      throw new ProblemError({
        kind: 'config',
        code: 'test.masked',
        message: 'Test items are hidden until the selection is frozen',
        fix: 'Freeze the selection in Compare, or with: avocet freeze EXPERIMENT.',
      });
    const shownPart = part === 'auto' ? (masking === undefined ? 'test' : 'validation') : part;
    const [users, items, ...runs] = await Promise.all([
      library.userTable(first!.dataset),
      library.itemTable(first!.dataset),
      ...rows.map(({ id }) => this.run(id, shownPart)),
    ]);
    for (const run of runs)
      if (run.users !== users.users)
        throw new ProblemError({
          kind: 'data',
          code: 'recommendations.other-data',
          message: `Run ${run.run} has lists of ${run.users} users, its dataset has ${users.users}`,
          values: { run: run.run },
          fix: 'The dataset was replaced since: run it again.',
        });
    return {
      runs,
      users,
      items,
      part: shownPart,
      ...(masking === undefined ? {} : { masked: masking }),
      parts: masking === undefined ? ['validation', 'test'] : ['validation'],
    };
  }

  /** One run's lists. A run that went on or ran again has other files and is opened anew. */
  run(id: string, part: Part = 'test'): Promise<RunLists> {
    const { store, folders } = this.#core;
    const artifacts = listsOf(store.runs.artifacts(id), part);
    const stamp = artifacts.map(({ name, sha256 }) => `${name} ${sha256}`).join(' ');
    const known = this.#opened.get(id);
    this.#opened.delete(id);
    const lists = known?.stamp === stamp ? known.lists : RunLists.open(id, folders.run(id), artifacts);
    this.#opened.set(id, { stamp, lists });
    lists.catch(() => this.#opened.delete(id));
    for (const oldest of [...this.#opened.keys()].slice(0, -keptRuns)) this.#opened.delete(oldest);
    return lists;
  }
}

/** A model of next items ranks validation from other histories than test; such runs keep the lists of both. */
function listsOf(artifacts: readonly Artifact[], part: Part): readonly Artifact[] {
  if (part === 'test') return artifacts;
  const own = new Map(artifacts.map((artifact) => [artifact.name, artifact]));
  return artifacts.map((artifact) => {
    const before = own.get(`${artifact.name}-validation`);
    return before === undefined ? artifact : { ...before, name: artifact.name };
  });
}

/** What two runs over different datasets are refused with. */
export function otherData(a: RunRow, b: RunRow): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'recommendations.other-data',
    message: `The runs are over different datasets, ${a.datasetName} and ${b.datasetName}`,
    values: { a: a.id, b: b.id },
    fix: 'Choose two runs over the same dataset.',
  });
}

/** @throws ProblemError where the number is none of the dataset's. */
export function within(what: 'user' | 'item', number: number, count: number): void {
  if (number < count) return;
  throw new ProblemError({
    kind: 'config',
    code: `recommendations.unknown-${what}`,
    message: `There is no ${what} ${number}: numbers go up to ${count - 1}`,
    values: { [what]: number },
    fix: 'Search by the original id, or by the inner number.',
  });
}
