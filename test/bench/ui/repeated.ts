/** Repetitions of one measurement, each right after a fixed piece of work, and their medians. */
import { quantile } from '../statistics.ts';

export interface Repeated {
  /** Medians: what was measured, and its ratio to the fixed work before it. */
  readonly value: number;
  readonly ratio: number;
  /** 95 of 100 repetitions were no higher. */
  readonly high: number;
  /** Of the fixed work, ms, and the share its middle half spans. */
  readonly fixedMs: number;
  readonly fixedSpread: number;
  readonly repetitions: number;
}

/** Beyond this share between its quartiles the machine changed under the measurement, which is made again. */
const steady = 0.15;
const mostTurns = 3;

/** Medians of `repeats` repetitions, made anew up to `turns` times while the fixed work itself varies; the steadiest turn is told. */
export async function repeated(
  measure: (repetition: number) => Promise<number>,
  fixed: () => Promise<number>,
  repeats: number,
  turns = mostTurns,
): Promise<Repeated> {
  let best: Repeated | undefined;
  for (let turn = 0; turn < turns; turn++) {
    const values: number[] = [];
    const works: number[] = [];
    for (let repetition = 0; repetition < repeats; repetition++) {
      works.push(await fixed());
      values.push(await measure(repetition));
    }
    const found = summary(values, works);
    if (best === undefined || found.fixedSpread < best.fixedSpread) best = found;
    if (best.fixedSpread <= steady) break;
  }
  return best!;
}

/** Pure. */
export function summary(values: readonly number[], works: readonly number[]): Repeated {
  const fixedMs = quantile(works, 0.5);
  return {
    value: quantile(values, 0.5),
    ratio: quantile(
      values.map((value, at) => value / works[at]!),
      0.5,
    ),
    high: quantile(values, 0.95),
    fixedMs,
    fixedSpread: (quantile(works, 0.75) - quantile(works, 0.25)) / fixedMs,
    repetitions: values.length,
  };
}
