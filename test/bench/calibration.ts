/**
 * A fixed amount of plain JavaScript, to see whether the machine is the same before and after a row: milliseconds of each of some
 * products of two 192 × 192 matrices.
 */
export function productMs(repetitions = 40, size = 192): number[] {
  const a = Float64Array.from({ length: size * size }, (_, place) => (place % 17) / 17);
  const b = Float64Array.from({ length: size * size }, (_, place) => (place % 13) / 13);
  const product = new Float64Array(size * size);
  // Until the compiler has settled: what it makes of a loop that already runs is another code, half as slow again or half as fast.
  for (let r = 0; r < 30; r++) multiply(a, b, product, size);
  return Array.from({ length: repetitions }, () => {
    const started = performance.now();
    multiply(a, b, product, size);
    return performance.now() - started;
  });
}

function multiply(a: Float64Array, b: Float64Array, product: Float64Array, size: number): void {
  product.fill(0);
  for (let row = 0; row < size; row++) {
    for (let inner = 0; inner < size; inner++) {
      const factor = a[row * size + inner]!;
      for (let column = 0; column < size; column++) product[row * size + column]! += factor * b[inner * size + column]!;
    }
  }
}
