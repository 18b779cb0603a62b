/** What is wrong with a formula as it is typed, with the place; undefined where it can be read, and for nothing typed. */
import { toProblem } from '#contract/problem.ts';
import { checkUnits } from '#contract/runs-fields.ts';
import { parseFormula } from '#contract/runs-parser.ts';
import { placedProblemText } from '#renderer/locales/problem-text.ts';

export function formulaFault(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    checkUnits(parseFormula(text), text, 'formula');
    return undefined;
  } catch (error) {
    return placedProblemText(toProblem(error));
  }
}
