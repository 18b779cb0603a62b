import { customGrad } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { currentRuntime } from '../current.ts';
import type { MutualPairs } from '../device.ts';
import { slice } from './basic.ts';
import { infoNceRows } from './info-nce.ts';
import { keptInputs, runKernel } from './kernels.ts';
import type { GradSaver, MutualNceAttributes } from './kernels.ts';

/** Scores of unit rows lie within ±1/τ: below this temperature float32 exponentials around the largest score would vanish. */
const lowestTemperature = 0.03;
/** Exponentials kept for the gradient, at most: 32 MiB. */
const mostScores = 1 << 23;

/**
 * InfoNCE in both directions over two tables of unit rows, first [a, w] and second [b, w]: pair r as a query from first among the
 * rows of second, and as a query from second among the rows of first; two losses [pairs]. The same as two calls of
 * {@link infoNceRows}, from one product of the tables instead of two.
 */
export function mutualNce(first: Tensor2D, second: Tensor2D, pairs: MutualPairs, temperature: number): [Tensor1D, Tensor1D] {
  const { firstOf, secondOf, firstCounts, secondCounts } = pairs;
  const scores = first.shape[0] * second.shape[0];
  if (currentRuntime().pack.mutualNce === undefined || temperature < lowestTemperature || scores > mostScores || scores === 0) {
    return [
      infoNceRows(first, second, { queryOf: firstOf, keyOf: secondOf, keyCounts: secondCounts }, temperature),
      infoNceRows(second, first, { queryOf: secondOf, keyOf: firstOf, keyCounts: firstCounts }, temperature),
    ];
  }
  check(first, second, pairs);
  const both = differentiable(first, second, { pairs, temperature });
  const count = firstOf.length;
  return [slice(both, [0], [count]), slice(both, [count], [count])];
}

/** [2·pairs]: the losses with first as query, then with second. */
function differentiable(first: Tensor2D, second: Tensor2D, attributes: MutualNceAttributes): Tensor1D {
  const run = customGrad((a: Tensor | GradSaver, b: Tensor | GradSaver, saver: Tensor | GradSaver) => {
    const [losses, ...kept] = runKernel('MutualNCE', { first: a as Tensor, second: b as Tensor }, attributes);
    (saver as GradSaver)([a as Tensor, b as Tensor, ...kept]);
    return {
      value: losses!,
      gradFunc: (upstream, saved) => {
        const [savedFirst, savedSecond, ...rest] = saved as [Tensor, Tensor, ...Tensor[]];
        return runKernel('MutualNCEGrad', { upstream, first: savedFirst, second: savedSecond, ...keptInputs(rest) }, attributes);
      },
    };
  });
  return run(first, second) as Tensor1D;
}

function check(first: Tensor2D, second: Tensor2D, { firstOf, secondOf, firstCounts, secondCounts }: MutualPairs): void {
  const [rows, keys] = [first.shape[0], second.shape[0]];
  const fits = first.shape[1] === second.shape[1] && firstCounts.length === rows && secondCounts.length === keys;
  if (!fits || firstOf.length !== secondOf.length) {
    throw new RangeError(
      `mutualNce: [${first.shape.join(', ')}] with ${firstCounts.length} counts, [${second.shape.join(', ')}] with ` +
        `${secondCounts.length}, ${firstOf.length} and ${secondOf.length} pair ends`,
    );
  }
  for (let r = 0; r < firstOf.length; r++) {
    const [a, b] = [firstOf[r]!, secondOf[r]!];
    if (a < 0 || a >= rows || b < 0 || b >= keys) throw new RangeError(`mutualNce: pair ${r} is (${a}, ${b}) of ${rows} and ${keys} rows`);
  }
}
