/** How rows are tested against each other, as options of "table --stars" and "compare". */
import { alternatives, corrections, testDesigns, testKinds, type TestOptionsInput } from '#contract/significance.ts';
import { oneOf, text, UsageError, whole, type OptionHelp, type Values } from './command.ts';

export const testOptionHelp: Readonly<Record<string, OptionHelp>> = {
  design: { type: 'string', value: 'D', help: 'user (values averaged over seeds, paired by user; default) or seed (runs paired by seed)' },
  test: { type: 'string', value: 'T', help: 't, wilcoxon (default per user) or bootstrap; t is the default per seed' },
  correction: { type: 'string', value: 'C', help: 'holm (default), benjamini-hochberg or none' },
  alpha: { type: 'string', value: 'A', help: 'level (default 0.05)' },
  alternative: { type: 'string', value: 'S', help: 'two-sided (default), greater (better than the baseline) or less' },
  minimum: { type: 'string', value: 'X', help: 'least difference for a star, in units of the metric (default: the noise floor)' },
  resamples: { type: 'string', value: 'N', help: 'of the bootstrap (default 10000)' },
  'test-seed': { type: 'string', value: 'N', help: 'of the bootstrap (default 1)' },
};

/** @throws UsageError */
export function testOptionsOf(values: Values): TestOptionsInput {
  const design = oneOf(values, 'design', testDesigns);
  const test = oneOf(values, 'test', testKinds);
  const correction = oneOf(values, 'correction', corrections);
  const alternative = oneOf(values, 'alternative', alternatives);
  const alpha = decimal(values, 'alpha', (value) => value > 0 && value < 1, 'between 0 and 1, such as 0.05');
  const minimum = decimal(values, 'minimum', (value) => value >= 0, 'of at least 0, such as 0.001');
  const resamples = whole(values, 'resamples', 100);
  if (resamples !== undefined && resamples > 100_000) throw new UsageError(`--resamples can be at most 100000, found ${resamples}`);
  const seed = whole(values, 'test-seed', 0);
  return {
    ...(design === undefined ? {} : { design }),
    ...(test === undefined ? {} : { test }),
    ...(correction === undefined ? {} : { correction }),
    ...(alternative === undefined ? {} : { alternative }),
    ...(alpha === undefined ? {} : { alpha }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(resamples === undefined ? {} : { resamples }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function decimal(values: Values, key: string, allowed: (value: number) => boolean, words: string): number | undefined {
  const given = text(values, key);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (given.trim() === '' || !Number.isFinite(value) || !allowed(value))
    throw new UsageError(`--${key} must be a number ${words}, found "${given}"`);
  return value;
}
