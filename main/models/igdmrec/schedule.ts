/** Noise by step, in double: SNRs of neighbouring steps differ by few parts, and their difference weighs the loss (models.md 3.1). */
export interface Schedule {
  readonly steps: number;
  readonly beta: Float64Array;
  /** ᾱ_t. */
  readonly kept: Float64Array;
  /** ω_t = SNR(t−1) − SNR(t), ω_0 = 1, with SNR = ᾱ/(1−ᾱ). */
  readonly weight: Float64Array;
  /** Of x̂₀ and of x_t in the mean of x_{t−1}. */
  readonly ofEstimate: Float64Array;
  readonly ofPresent: Float64Array;
}

const largestBeta = 0.999;

/** "linear-var": variances 1 − ᾱ_t rise evenly from scale·min to scale·max. */
export function linearVariance({ steps, scale, min, max }: { steps: number; scale: number; min: number; max: number }): Schedule {
  const variance = (t: number) => scale * (steps === 1 ? min : min + ((max - min) * t) / (steps - 1));
  const beta = Float64Array.from({ length: steps }, (_, t) =>
    t === 0 ? variance(0) : Math.min(1 - (1 - variance(t)) / (1 - variance(t - 1)), largestBeta),
  );
  const kept = new Float64Array(steps);
  beta.forEach((noise, t) => (kept[t] = (t === 0 ? 1 : kept[t - 1]!) * (1 - noise)));
  const before = kept.map((_, t) => (t === 0 ? 1 : kept[t - 1]!));
  const ratio = (share: number) => share / (1 - share);
  return {
    steps,
    beta,
    kept,
    weight: kept.map((share, t) => (t === 0 ? 1 : ratio(before[t]!) - ratio(share))),
    ofEstimate: kept.map((share, t) => (beta[t]! * Math.sqrt(before[t]!)) / (1 - share)),
    ofPresent: kept.map((share, t) => ((1 - before[t]!) * Math.sqrt(1 - beta[t]!)) / (1 - share)),
  };
}
