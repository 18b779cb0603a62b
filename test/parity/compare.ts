/** How far ours may lie from the reference: |ours − reference| ≤ absolute + relative·|reference|. */
export interface Bound {
  readonly absolute: number;
  readonly relative: number;
}

/** Bounds of the vectors' README; those of graphs and metrics, which it does not give, are the rounding of float32 and of twelve digits. */
export const bounds = {
  /** A contrast of one row is the difference of two equal numbers. */
  loss: { absolute: 1e-7, relative: 5e-6 },
  /** A term may be a mean of cosines near 0, or a difference of numbers as large as 1/τ. */
  term: { absolute: 1e-6, relative: 5e-6 },
  /** A term in which nearly equal sums are subtracted, so that the reference itself is some 5e-6 from double and devices lie 2e-5 apart. */
  cancellingTerm: { absolute: 1e-6, relative: 5e-5 },
  gradient: { absolute: 1e-6, relative: 1e-4 },
  parameter: { absolute: 2e-6, relative: 0 },
  score: { absolute: 5e-6, relative: 0 },
  graph: { absolute: 1e-6, relative: 0 },
  metric: { absolute: 1e-11, relative: 1e-11 },
} as const;

/** One compared part of a file. `error` is the largest difference (relative for losses); `fault` says what could not be compared. */
export interface Part {
  readonly name: string;
  readonly error: number;
  readonly passed: boolean;
  readonly fault?: string;
}

export interface Leniency {
  /** Places that are left out. */
  readonly skip?: readonly number[] | undefined;
  /** Added to the bound of a place. */
  readonly slack?: ArrayLike<number> | undefined;
}

/** Compares value by value. NaN never passes. */
export function compare(
  name: string,
  ours: ArrayLike<number>,
  reference: ArrayLike<number>,
  bound: Bound,
  { skip, slack }: Leniency = {},
): Part {
  if (ours.length !== reference.length) return fault(name, `${ours.length} values, the reference has ${reference.length}`);
  const skipped = new Set(skip);
  let error = 0;
  let passed = true;
  for (let i = 0; i < ours.length; i++) {
    if (skipped.has(i)) continue;
    const difference = Math.abs(ours[i]! - reference[i]!);
    const size = Math.abs(reference[i]!);
    if (!(difference <= bound.absolute + bound.relative * size + (slack?.[i] ?? 0))) passed = false;
    const isRelative = bound === bounds.loss || bound === bounds.term || bound === bounds.cancellingTerm;
    const shown = isRelative && size > 0 ? difference / size : difference;
    error = Number.isNaN(shown) ? NaN : Math.max(error, shown);
  }
  return { name, error, passed };
}

/** Places must agree exactly: lists, row and column numbers. The error is the number of places that differ. */
export function same(name: string, ours: ArrayLike<number>, reference: ArrayLike<number>): Part {
  if (ours.length !== reference.length) return fault(name, `${ours.length} entries, the reference has ${reference.length}`);
  let differing = 0;
  for (let i = 0; i < ours.length; i++) if (ours[i] !== reference[i]) differing += 1;
  return { name, error: differing, passed: differing === 0 };
}

export function fault(name: string, words: string): Part {
  return { name, error: NaN, passed: false, fault: words };
}

/** The parts as one line; parts beyond their bound are marked. */
export function line(file: string, parts: readonly Part[]): string {
  const passed = parts.length > 0 && parts.every((one) => one.passed);
  const shown = parts.map(({ name, error, passed: ok, fault: words }) => `${name}=${words ?? error.toExponential(1)}${ok ? '' : '(!)'}`);
  return `${passed ? 'PASS' : 'FAIL'} ${file} ${shown.join(' ')}`;
}
