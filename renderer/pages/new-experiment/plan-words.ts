/** The words of the plan: its head line, the button that states its consequence, and why it cannot be pressed. Pure. */
import type { Matrix, Plan } from '#contract/experiment.ts';
import { about, count, counted } from '#renderer/locales/format.ts';
import type { ExperimentDraft } from '#renderer/state/experiment-draft.ts';

/** "24 cells · 6 known · 3 already running or queued · 15 to run". */
export function planHead(matrix: Matrix | undefined, plan: Plan | undefined): string {
  if (matrix === undefined) return '';
  const cells = counted(matrix.cells.length, 'cell');
  if (plan === undefined) return cells;
  if (plan.search?.same !== undefined) {
    const { same, trials } = plan.search;
    return [counted(trials, 'trial'), same.isOver ? 'all known' : `${count(same.done)} done`].join(' · ');
  }
  return [
    plan.search === undefined ? cells : counted(plan.search.trials, 'trial'),
    ...(plan.known === 0 ? [] : [`${count(plan.known)} known`]),
    ...(plan.underway === 0 ? [] : [`${count(plan.underway)} already running or queued`]),
    `${count(plan.runs)} to run`,
  ].join(' · ');
}

/** "Start 9 runs · about 4 min", "Start 1 run · about 20 s". */
export function startWords(matrix: Matrix | undefined, plan: Plan | undefined): string {
  const search = plan?.search;
  if (search?.same?.isOver === false) return `Show “${search.same.name}”`;
  if (plan !== undefined && search !== undefined && plan.runs > 0 && search.fewest < search.most)
    return `Start ${counted(search.trials, 'trial')} · ${count(search.fewest)} to ${counted(search.most, 'run')} · ${about(plan.time)}`;
  if (plan !== undefined) return plan.runs === 0 ? 'Start 0 runs' : `Start ${counted(plan.runs, 'run')} · ${about(plan.time)}`;
  return matrix === undefined ? 'Start 0 runs' : `Start ${counted(matrix.cells.length, 'run')}`;
}

interface Situation {
  readonly draft: Pick<ExperimentDraft, 'datasets' | 'models' | 'seeds'>;
  readonly plan: Plan | undefined;
  /** What is typed wrongly, in words. */
  readonly fault: string | undefined;
}

/** Why nothing can be started now, or undefined. */
export function whyNot({ draft, plan, fault }: Situation): string | undefined {
  if (draft.datasets.length === 0) return 'Choose a dataset';
  if (draft.models.length === 0) return 'Choose a model';
  if (draft.seeds.length === 0) return 'Type a seed';
  if (fault !== undefined) return fault;
  if (plan === undefined) return undefined;
  if (plan.notes.some((note) => note.level === 'blocking')) return 'See the note above';
  if (plan.runs > 0 || plan.search?.same?.isOver === false) return undefined;
  if (plan.underway === 0) return 'Everything is known';
  return plan.known === 0 ? 'All of it is already running or queued' : 'Everything is known, running or queued';
}
