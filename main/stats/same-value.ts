/**
 * Two means of the same values, summed in another order, differ in their last digits: (0.1 + 0.2) + 0.3 is not 0.1 + (0.2 + 0.3). Tests by
 * rank and marks must take such as equal, or p and the best of a column would depend on the order of seeds. The slack lies far above what
 * summing a hundred thousand values loses and far below the least step of any metric over a few thousand users.
 */
export const slack = 1e-12;

/** Whether two values are one but for what rounding left; infinities are equal to themselves alone. */
export function isSame(a: number, b: number): boolean {
  const apart = Math.abs(a - b);
  return a === b || (apart < Infinity && apart <= slack * Math.max(Math.abs(a), Math.abs(b)));
}

/** a − b, and 0 itself where only rounding tells the two apart. */
export function differenceOf(a: number, b: number): number {
  return isSame(a, b) ? 0 : a - b;
}
