/** What the quantiser says of every item, on the host: codes, the numbers that tell items of equal codes apart, bins of similarities. */

/** Codes of all items and, of each modality, quantised unit vectors. */
export interface SemanticIds {
  /** c_l of each item, [items, levels] row-major. */
  readonly codes: Int32Array;
  readonly levels: number;
  /** Running number among the items of equal codes, by item id, from 0. */
  readonly numbers: Int32Array;
  /** nrm(ŷ_m) of each modality, [items, width] row-major. */
  readonly modal: readonly Float32Array[];
  readonly width: number;
}

/** Running numbers of items with equal codes (the extra learnable id), in the order of item ids. */
export function runningNumbers(codes: ArrayLike<number>, levels: number): Int32Array {
  const items = codes.length / levels;
  const next = new Map<string, number>();
  const numbers = new Int32Array(items);
  for (let item = 0; item < items; item++) {
    const words: number[] = [];
    for (let level = 0; level < levels; level++) words.push(codes[item * levels + level]!);
    const key = words.join();
    const number = next.get(key) ?? 0;
    numbers[item] = number;
    next.set(key, number + 1);
  }
  return numbers;
}

/** One of `bins` equal bins over [−1, 1]; 1 itself is in the last. */
export function binOf(cosine: number, bins: number): number {
  return Math.max(0, Math.min(bins - 1, Math.floor(((cosine + 1) / 2) * bins)));
}

/** The bins of two items' similarities in all modalities as one number: the first modality counts most. */
export function jointBin({ modal, width }: Pick<SemanticIds, 'modal' | 'width'>, a: number, b: number, bins: number): number {
  let joint = 0;
  for (const values of modal) {
    let cosine = 0;
    for (let c = 0; c < width; c++) cosine += values[a * width + c]! * values[b * width + c]!;
    joint = joint * bins + binOf(cosine, bins);
  }
  return joint;
}

/** Rows of [n, width] at unit length. */
export function unitRows(values: Float32Array, width: number): Float32Array {
  const unit = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += width) {
    let square = 0;
    for (let c = 0; c < width; c++) square += values[from + c]! * values[from + c]!;
    const by = 1 / Math.max(Math.sqrt(square), 1e-12);
    for (let c = 0; c < width; c++) unit[from + c] = values[from + c]! * by;
  }
  return unit;
}

/** Codes of the given items, level by level: each an array of rows of its codebook. */
export function codesOf({ codes, levels }: SemanticIds, items: Int32Array): Int32Array[] {
  return Array.from({ length: levels }, (_, level) => items.map((item) => codes[item * levels + level]!));
}
