/** A problem where there is one line for it: sentences in the language of the page. Where there is more room, components/ErrorState shows its parts. */
import type { Problem } from '#contract/problem.ts';
import { sentences } from './format.ts';
import { heard } from './language.svelte.ts';
import { ended } from './sentence.ts';

/** "There is no run r-9. The list of runs has the ids.": what was found, then the fix, whether or not the studio ended them. */
export function problemText({ message, fix }: Pick<Problem, 'message' | 'fix'>): string {
  return sentences([message, ...(fix === undefined || fix === '' ? [] : [fix])].map((sentence) => ended(heard(sentence))));
}

/** The same with its place in what was typed before it: "Character 7: …". */
export function placedProblemText(problem: Pick<Problem, 'message' | 'fix' | 'where'>): string {
  const place = heard(problem.where)?.replace(/^(?:formula|filter), c/, 'C');
  const text = problemText(problem);
  return place === undefined ? text : `${place}${text.endsWith('。') ? '：' : ': '}${text}`;
}
