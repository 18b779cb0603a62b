/** Indices of points that no other beats in one value without losing in the other; larger is better in both. Equal points stay together. */
export function paretoOf(points: readonly (readonly [x: number, y: number])[]): readonly number[] {
  return points.flatMap(([x, y], at) =>
    points.some(([otherX, otherY]) => otherX >= x && otherY >= y && (otherX > x || otherY > y)) ? [] : [at],
  );
}
