import * as v from 'valibot';

/**
 * When to stop, and which epoch is best (protocol.md section 4). Misses are epochs without strict gain after `minEpochs`;
 * a run stops when their count in a row exceeds the patience: patience 20 stops at the 21st.
 */
export const stoppingStateSchema = v.object({
  /** From 1; 0 before the first observation. */
  bestEpoch: v.number(),
  bestValue: v.number(),
  misses: v.number(),
  observed: v.number(),
});
export type StoppingState = v.InferOutput<typeof stoppingStateSchema>;

export interface StoppingRule {
  readonly patience: number;
  readonly minEpochs: number;
  /** validation: unrounded; mmrec: rint(10⁴x)/10⁴, halves to even, before comparing. */
  readonly protocol: 'validation' | 'mmrec';
}

export const noObservation: StoppingState = { bestEpoch: 0, bestValue: -1, misses: 0, observed: 0 };

/** The state after the next epoch's value. It is the best so far exactly when `bestEpoch` becomes `observed`. */
export function observe(rule: StoppingRule, state: StoppingState, value: number): StoppingState {
  const epoch = state.observed + 1;
  const seen = rule.protocol === 'mmrec' ? roundAsReported : (x: number) => x;
  if (state.observed === 0 || seen(value) > seen(state.bestValue))
    return { bestEpoch: epoch, bestValue: value, misses: 0, observed: epoch };
  return { ...state, misses: epoch > rule.minEpochs ? state.misses + 1 : 0, observed: epoch };
}

export function isOutOfPatience(rule: StoppingRule, state: StoppingState): boolean {
  return state.misses > rule.patience;
}

/** rint(10⁴x)/10⁴ with halves to even, as the published harness rounds metrics before it compares them. */
export function roundAsReported(value: number): number {
  const scaled = value * 1e4;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return (up ? below + 1 : below) / 1e4;
}

/** Learning rate of an epoch (from 0): lr · c^(epoch/50). */
export function learningRateAt(learningRate: number, decay: number, epoch: number): number {
  return learningRate * decay ** (epoch / 50);
}
