/** Sizes of the products of two stacks of matrices, [count, m, k] times [count, k, n]. Throws RangeError where they do not fit. */
export function stackedShape(
  a: readonly number[],
  b: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
): { readonly count: number; readonly m: number; readonly n: number; readonly k: number } {
  const [count, m, k] = transposeA ? [a[0]!, a[2]!, a[1]!] : [a[0]!, a[1]!, a[2]!];
  const [other, inner, n] = transposeB ? [b[0]!, b[2]!, b[1]!] : [b[0]!, b[1]!, b[2]!];
  if (a.length !== 3 || b.length !== 3 || count !== other || k !== inner)
    throw new RangeError(`products of stacks: [${a.join(', ')}] times [${b.join(', ')}]`);
  return { count, m, n, k };
}
