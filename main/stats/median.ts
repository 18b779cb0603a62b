/** The middle value, of an even number the mean of the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const rising = [...values].sort((a, b) => a - b);
  const middle = Math.floor(rising.length / 2);
  return rising.length % 2 === 1 ? rising[middle]! : (rising[middle - 1]! + rising[middle]!) / 2;
}
