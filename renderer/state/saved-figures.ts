/** Figures as they are remembered: by what they were drawn from, and by what was to be seen in them. */
import type { FigureRecipe, Paper } from '#contract/figure-recipe.ts';
import { formulaText } from '#contract/runs-fields.ts';
import type { DrawnFigure } from '#contract/saved-exports.ts';
import { inEnglish } from '#renderer/locales/language.svelte.ts';
import { metricWords } from '#renderer/locales/metrics.ts';

/** How a figure is drawn again from what the studio answers then. */
export interface Again {
  readonly recipe: FigureRecipe;
  /** What is to be seen in it, as plain data. */
  readonly facts: () => unknown;
}

/** What is remembered beside the file of a figure. `title`: of the comparison it is of. */
export async function rememberedFigure({ recipe, facts }: Again, paper: Paper, title: string): Promise<DrawnFigure> {
  return { title, recipe, paper, fingerprint: await fingerprintOf(facts) };
}

/** SHA-256 of what is to be seen. */
export async function fingerprintOf(facts: Again['facts']): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(inEnglish(facts)));
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** "Curves of Recall@20". */
export function recipeWords(recipe: FigureRecipe): string {
  switch (recipe.kind) {
    case 'curves':
      return `Curves of ${labelOf(recipe.request.metric)}`;
    case 'trade-off':
      return `Trade-off of ${labelOf(recipe.metric)}`;
    case 'segments':
      return `Segments of ${labelOf(recipe.metric)}`;
    case 'ranks':
      return `Mean ranks of ${labelOf(recipe.metric)}`;
    case 'parameters': {
      const { formula, metric } = recipe.request;
      return `Parameters behind ${formula === undefined ? labelOf(metric) : (formula.label ?? formula.text)}`;
    }
  }
}

/** A formula is called by its text. */
const labelOf = (key = 'recall@20'): string => formulaText(key) ?? metricWords(key).label;
