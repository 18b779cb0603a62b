/**
 * Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio & Kégl, NIPS 2011): trials are split at the γ-quantile of their objective
 * into good and others, l(x) and g(x) estimate where each lie, and of points drawn from l the one with the largest l(x)/g(x) is next, which
 * is the one with the largest expected improvement.
 */
import type { Draws } from './draws.ts';
import { parzenOf } from './parzen.ts';
import { nextRandom } from './random.ts';
import { pointKey, type Point, type Space } from './space.ts';
import { ranked, type Trial } from './trial.ts';

/** γ of the paper, and how many trials may count as good at most. */
const share = 0.15;
const mostGood = 25;
/** Points drawn from l(x). */
const candidates = 24;

/** How many trials are drawn at random before anything is estimated: a third of them, ten at most. */
export function startUpTrials(trials: number): number {
  return Math.min(10, Math.ceil(trials / 3));
}

/**
 * The next point; undefined where every point was tried. Open trials count among the others, so that trials side by side keep apart, and so
 * do failed ones; below two trials with a result it is a random point.
 */
export function nextTpe(space: Space, trials: readonly Trial[], draws: Draws): Point | undefined {
  const tried = trials.map(({ point }) => point);
  const order = ranked(trials);
  if (order.length < 2 || space.length === 0) return nextRandom(space, tried, draws);
  const count = Math.min(mostGood, Math.max(1, Math.ceil(share * order.length)));
  const good = order.slice(0, count);
  const others = [...order.slice(count), ...trials.filter(({ outcome }) => outcome.kind === 'open')];
  const estimates = space.map((dimension) => {
    const values = (some: readonly Trial[]) => some.flatMap(({ point }) => point[dimension.key] ?? []);
    return { key: dimension.key, l: parzenOf(dimension, values(good)), g: parzenOf(dimension, values(others)) };
  });
  const known = new Set(tried.map((point) => pointKey(space, point)));
  let best: { readonly point: Point; readonly gain: number } | undefined;
  for (let at = 0; at < candidates; at++) {
    const point = Object.fromEntries(estimates.map(({ key, l }) => [key, l.draw(draws)]));
    if (known.has(pointKey(space, point))) continue;
    const gain = estimates.reduce((sum, { key, l, g }) => sum + l.logDensity(point[key]!) - g.logDensity(point[key]!), 0);
    if (best === undefined || gain > best.gain) best = { point, gain };
  }
  return best?.point ?? nextRandom(space, tried, draws);
}
