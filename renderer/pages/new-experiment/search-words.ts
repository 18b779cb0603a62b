/** What the ways of a search are, in words. Pure. */
import type { Search } from '#contract/search.ts';
import { count } from '#renderer/locales/format.ts';

export const hints: Record<Search['strategy'], string> = {
  grid: 'Every combination of the values that are varied.',
  random: 'Draws from the varied values and ranges, none twice. Every model gets as many trials on every dataset.',
  tpe: 'A third, at most ten, is drawn at random; then each trial is proposed from the validation results before it. Every model gets as many trials on every dataset.',
};

/** "After epochs 9, 27 and 81 a run goes on only …": what ending early does, with the rungs of the plan. */
export function rungWords(rungs: readonly number[] | undefined, eta: number): string {
  if (rungs?.length === 0) return 'No run is ended: the first comparison would come after the last epoch.';
  const shown = (rungs ?? []).slice(0, 4).map((epoch) => count(epoch));
  const more = (rungs ?? []).length > 4 ? ' …' : '';
  const when = shown.length === 0 ? 'At each of these epochs' : `At ${shown.length === 1 ? 'epoch' : 'epochs'} ${shown.join(', ')}${more}`;
  return `${when} a trial goes on only if its best validation Recall@20 so far is among the best 1 in ${eta} that came so far. Trials are compared on the first seed; those never ended get all seeds.`;
}
