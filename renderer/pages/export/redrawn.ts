/** Saved figures drawn again: from the question they were drawn from, with what was chosen then. */
import type { FigureRecipe } from '#contract/figure-recipe.ts';
import type { Problem } from '#contract/problem.ts';
import { ProblemError, toProblem } from '#contract/problem.ts';
import type { SavedFigure } from '#contract/saved-exports.ts';
import { curvesFigure } from '#renderer/state/curves-figure.ts';
import { figureBytes, type FigureSource } from '#renderer/state/figure-maker.svelte.ts';
import { fingerprintOf } from '#renderer/state/saved-figures.ts';
import { studio } from '#renderer/state/studio.svelte.ts';
import { parametersFigure } from '../compare/parameters-figure.ts';
import { rankFigure } from '../compare/rank-figure.ts';
import { segmentsFigure } from '../compare/segments-figure.ts';
import { tradeOffFigure } from '../compare/trade-off-figure.ts';

/** As the studio answers now. */
async function sourceOf(recipe: FigureRecipe): Promise<FigureSource | undefined> {
  switch (recipe.kind) {
    case 'curves':
      return curvesFigure(await studio.call('compare.curves', recipe.request), recipe);
    case 'trade-off':
      return tradeOffFigure(await studio.call('compare.profile', recipe.request), recipe);
    case 'segments':
      return segmentsFigure(await studio.call('compare.profile', recipe.request), recipe)?.source;
    case 'parameters':
      return parametersFigure(await studio.call('compare.parameters', recipe.request), recipe);
    case 'ranks':
      for await (const event of studio.stream('compare.statistics', recipe.request))
        if (event.type === 'done') return rankFigure(event.statistics, recipe);
      return undefined;
  }
}

async function drawable(recipe: FigureRecipe): Promise<FigureSource> {
  const source = await sourceOf(recipe);
  if (source !== undefined) return source;
  throw new ProblemError({ kind: 'data', code: 'figure.empty', message: 'There is nothing to draw any more.' });
}

/** Whether it would look the same now. */
export async function look(
  figure: SavedFigure,
): Promise<{ readonly state: 'current' | 'changed' | 'no-data'; readonly problem?: Problem }> {
  try {
    const { again } = await drawable(figure.recipe);
    return { state: again !== undefined && (await fingerprintOf(again.facts)) === figure.fingerprint ? 'current' : 'changed' };
  } catch (error) {
    const problem = toProblem(error);
    // It says nothing about the data; the next call waits until the studio is there again.
    return problem.code === 'link.closed' ? look(figure) : { state: 'no-data', problem };
  }
}

/** Draws it from what the studio answers now and writes it where it lies, as it was. */
export async function writeAgain(figure: SavedFigure, path: string): Promise<{ readonly bytes: number }> {
  const source = await drawable(figure.recipe);
  const fingerprint = source.again === undefined ? figure.fingerprint : await fingerprintOf(source.again.facts);
  const content = await figureBytes(source, figure.paper);
  return studio.call('exports.figure', { path, content, figure: { ...figure, fingerprint } });
}
