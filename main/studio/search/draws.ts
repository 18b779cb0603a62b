/** Seeded uniform numbers for proposals: every trial has a stream of its own, so nothing but the stored trials and the seed decides it. */
import { createHash } from 'node:crypto';

export interface Draws {
  /** Uniform in [0, 1). */
  uniform(): number;
}

/** The stream of a name: sfc32, its four words the first of the name's SHA-256. */
export function drawsOf(name: string): Draws {
  const seed = createHash('sha256').update(name).digest();
  let [a, b, c, count] = [seed.readUInt32LE(0), seed.readUInt32LE(4), seed.readUInt32LE(8), seed.readUInt32LE(12) | 1];
  const next = (): number => {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return { uniform: () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992 };
}

/** Standard normal (Box–Muller, one half used). */
export function normal(draws: Draws): number {
  return Math.sqrt(-2 * Math.log(1 - draws.uniform())) * Math.cos(2 * Math.PI * draws.uniform());
}

/** Uniform integer in [0, below). */
export function below(draws: Draws, limit: number): number {
  return Math.min(limit - 1, Math.floor(draws.uniform() * limit));
}
