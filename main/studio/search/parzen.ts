/**
 * Parzen estimators of one dimension (Bergstra et al. 2011, section 4.2): a mixture of the prior and a Gaussian at every observation, its
 * width the larger of the distances to its neighbours, cut off at the edges; for lists, counts over the prior's.
 */
import type { HyperValue } from '#contract/model-card.ts';
import { below, normal, type Draws } from './draws.ts';
import { edges, valueAt, type Dimension, type Range } from './space.ts';

export interface Parzen {
  draw(draws: Draws): HyperValue;
  /** Log density, or log probability for lists and whole numbers. */
  logDensity(value: HyperValue): number;
}

export function parzenOf(dimension: Dimension, observed: readonly HyperValue[]): Parzen {
  return dimension.kind === 'choice' ? listParzen(dimension.values, observed) : rangeParzen(dimension, observed as readonly number[]);
}

/** Probabilities in proportion to one for each value of the list (the uniform prior) plus how often it was observed. */
function listParzen(list: readonly HyperValue[], observed: readonly HyperValue[]): Parzen {
  const values = [...new Set(list)];
  const weights = values.map((value) => 1 + observed.filter((seen) => seen === value).length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    draw: (draws) => {
      let rest = draws.uniform() * total;
      for (const [index, weight] of weights.entries()) if ((rest -= weight) < 0) return values[index]!;
      return values[values.length - 1]!;
    },
    logDensity: (value) => Math.log(weights[values.indexOf(value)]! / total),
  };
}

interface Bump {
  readonly mean: number;
  readonly sd: number;
}

function rangeParzen(range: Range, observed: readonly number[]): Parzen {
  const { low, high } = edges(range);
  const onScale = (value: number) => (range.scale === 'log' ? Math.log(value) : value);
  const bumps = bumpsOf(
    observed.map(onScale).sort((a, b) => a - b),
    low,
    high,
  );
  const inside = bumps.map(({ mean, sd }) => cumulative((high - mean) / sd) - cumulative((low - mean) / sd));
  const mass = (from: number, to: number) =>
    bumps.reduce((sum, { mean, sd }, at) => sum + (cumulative((to - mean) / sd) - cumulative((from - mean) / sd)) / inside[at]!, 0) /
    bumps.length;
  const density = (place: number) =>
    bumps.reduce(
      (sum, { mean, sd }, at) => sum + Math.exp(-0.5 * ((place - mean) / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI) * inside[at]!),
      0,
    ) / bumps.length;
  return {
    draw: (draws) => {
      const { mean, sd } = bumps[below(draws, bumps.length)]!;
      // Means lie inside and no width exceeds the range: at least a third of the draws stay inside.
      for (;;) {
        const place = mean + sd * normal(draws);
        if (place >= low && place <= high) return valueAt(range, place);
      }
    },
    logDensity: (value) => {
      const number = value as number;
      // Rounded to whole numbers, what counts is the mass between the halves.
      const likely = range.whole ? mass(onScale(number - 0.5), onScale(number + 0.5)) : density(onScale(number));
      return Math.log(Math.max(likely, 1e-300));
    },
  };
}

/** The prior (a wide Gaussian over the middle) first, then one bump for each observation, `sorted` rising. */
function bumpsOf(sorted: readonly number[], low: number, high: number): Bump[] {
  const width = high - low;
  // With more observations they may lie closer; a bump as narrow as its nearest twin would only repeat it.
  const narrowest = width / Math.min(100, sorted.length + 2);
  const bumps = sorted.map((mean, at) => {
    const left = mean - (sorted[at - 1] ?? low);
    const right = (sorted[at + 1] ?? high) - mean;
    return { mean, sd: Math.min(width, Math.max(narrowest, left, right)) };
  });
  return [{ mean: (low + high) / 2, sd: width }, ...bumps];
}

/** Standard normal distribution function, after Abramowitz and Stegun 7.1.26 (error below 1.5e-7). */
function cumulative(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const erf = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-z * z);
  return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
}
